//! Bulk callers against a simulated quota: the bench has the same with larger numbers.

use super::*;

const MILLIS: [u64; 3] = [0, 20, 200];

/// The seconds that `calls` calls took, and the percentage of requests refused; none was lost.
async fn run(
    quota: &[(u64, f64)],
    burst: u32,
    calls: u32,
    clients: u32,
    latency: u64,
) -> (f64, f64, f64) {
    let service = Simulated::new(quota, burst, Duration::from_millis(latency), 1);
    let started = Instant::now();
    let clients = (0..clients)
        .map(|_| tokio::spawn(bulk(layer(&Pacing::default()).layer(service.clone()), calls, 64)));
    let mut outcomes = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        outcomes.push(client.await.unwrap());
    }
    assert!(outcomes.iter().all(|outcome| outcome.succeeded() == calls), "none is lost");
    let (accepted, refused) = service.seen();
    let share = 100.0 * f64::from(refused) / f64::from(accepted + refused);
    (started.elapsed().as_secs_f64(), share, fairness(&outcomes))
}

#[tokio::test(start_paused = true)]
async fn a_bulk_caller_finishes_at_the_pace_of_the_service() {
    for latency in MILLIS {
        let (time, share, _) = run(&[(0, 200.0)], 200, 2000, 1, latency).await;
        assert!(time <= 9.0 * 1.1, "{latency} ms: {time} s");
        assert!(share <= 5.0, "{latency} ms: {share} %");
    }
}

#[tokio::test(start_paused = true)]
async fn two_callers_share_a_quota() {
    for latency in MILLIS {
        let (time, share, fairness) = run(&[(0, 200.0)], 200, 2000, 2, latency).await;
        assert!(time <= 19.0 * 1.1, "{latency} ms: {time} s");
        assert!(share <= 5.0, "{latency} ms: {share} %");
        assert!(fairness >= 0.85, "{latency} ms: {fairness}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_falls_and_rises_again_is_followed() {
    for latency in MILLIS {
        let quota = [(0, 200.0), (4, 50.0), (9, 200.0)];
        let (time, share, _) = run(&quota, 200, 2000, 1, latency).await;
        assert!(time <= 12.75 * 1.1, "{latency} ms: {time} s");
        assert!(share <= 5.0, "{latency} ms: {share} %");
    }
}

#[tokio::test(start_paused = true)]
async fn small_and_large_quotas_are_found() {
    for (rate, burst, calls, refusals) in
        // 64 requests go before the first refusal is there.
        [(2.0, 2, 60, 64 + 20), (20.0, 20, 600, 64 + 20), (2000.0, 2000, 20_000, 1000)]
    {
        let perfect = f64::from(calls - burst) / rate;
        let (time, share, _) = run(&[(0, rate)], burst, calls, 1, 20).await;
        assert!(time <= perfect * 1.15, "{rate}/s: {time} s, perfect are {perfect} s");
        let most = 100.0 * f64::from(refusals) / f64::from(calls + refusals);
        assert!(share <= most, "{rate}/s: {share} %");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_dropped_when_nothing_waits_and_known_for_the_next_time() {
    let service = Simulated::new(&[(0, 100.0)], 100, Duration::from_millis(20), 1);
    let paced = layer(&Pacing::default()).layer(service.clone());
    bulk(paced.clone(), 600, 64).await;
    let (_, first) = service.seen();
    for _ in 0..50 {
        sleep(Duration::from_millis(100)).await;
        bulk(paced.clone(), 1, 1).await;
    }
    let started = Instant::now();
    bulk(paced.clone(), 64, 64).await;
    assert!(started.elapsed() < Duration::from_millis(30), "the whole burst goes at once");
    bulk(paced, 500, 64).await;
    let (_, both) = service.seen();
    assert!(both - first <= 64 + 10, "{first}, then {both}");
}
