//! Callers of a simulated service with a quota. Each call is sent at most 8 times.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use tower::{BoxError, Service};

use super::simulated::{Outcome, Phase, Simulated, bulk, fairness};
use super::*;

const MILLIS: [u64; 4] = [0, 20, 60, 200];
const SEEDS: u64 = 20;
const MOST_SENT: u32 = 8;

/// A minimal retry loop for throttled requests.
async fn call(
    limiter: RateLimiter,
    mut service: Simulated,
    random: Arc<Mutex<fastrand::Rng>>,
    most_sent: Arc<AtomicU32>,
) -> Result<Response<Bytes>, BoxError> {
    let mut sent = 0;
    loop {
        let slot = limiter.acquire(None, sent > 0, None).await?;
        let response = service.call(Request::new(Bytes::new())).await?;
        sent += 1;
        most_sent.fetch_max(sent, Ordering::Relaxed);
        if response.status().is_success() {
            limiter.accepted(None);
            return Ok(response);
        }
        limiter.throttled(None, slot, None, &mut |n| {
            let most = Duration::from_secs(1 << n.min(5)).min(Duration::from_secs(20));
            most.mul_f64(random.lock().unwrap().f64())
        });
        if sent == MOST_SENT {
            return Ok(response);
        }
    }
}

struct Case {
    phases: &'static [Phase],
    burst: u32,
    calls: u32,
    clients: u32,
    at_a_time: u32,
    latency: u64,
}

struct Run {
    seconds: f64,
    accepted: u32,
    refused: u32,
    /// The largest number of requests that a call sent.
    most_sent: u32,
    /// The share of refused requests, in percent.
    share: f64,
    fairness: f64,
}

/// Runs a case and checks that no call is lost.
async fn run(case: &Case, seed: u64) -> Run {
    let latency = Duration::from_millis(case.latency);
    let service = Simulated::new(case.phases, case.burst, latency, seed);
    let started = Instant::now();
    let most_sent = Arc::new(AtomicU32::new(0));
    let clients = (0..case.clients).map(|client| {
        let limiter = RateLimiter::new(&RateLimits::default());
        let seed = seed * 1000 + 17 + u64::from(client);
        let random = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        let (service, most_sent) = (service.clone(), Arc::clone(&most_sent));
        let client = tower::service_fn(move |_: Request<Bytes>| {
            call(limiter.clone(), service.clone(), random.clone(), most_sent.clone())
        });
        tokio::spawn(bulk(client, case.calls, case.at_a_time))
    });
    let mut outcomes: Vec<Outcome> = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        outcomes.push(client.await.unwrap());
    }
    assert!(outcomes.iter().all(|outcome| outcome.succeeded() == case.calls), "no call is lost");
    let (accepted, refused) = service.seen();
    Run {
        seconds: started.elapsed().as_secs_f64(),
        accepted,
        refused,
        most_sent: most_sent.load(Ordering::Relaxed),
        share: 100.0 * f64::from(refused) / f64::from(accepted + refused),
        fairness: fairness(&outcomes),
    }
}

/// Runs a case with all seeds, each on its own clock.
fn runs(case: &Case) -> Vec<Run> {
    let run = |seed| {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(case, seed))
    };
    (0..SEEDS).map(run).collect()
}

fn worst(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    runs.iter().map(of).fold(0.0, f64::max)
}

fn mean(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / runs.len() as f64
}

fn case(phases: &'static [Phase], clients: u32, latency: u64) -> Case {
    Case { phases, burst: 200, calls: 2000, clients, at_a_time: 64, latency }
}

/// Checks the worst and the mean time over the perfect time, and the share of refused requests in
/// percent.
fn check(runs: &[Run], perfect: f64, mean_time: f64, most_refused: f64) {
    let seconds = |run: &Run| run.seconds;
    let (time, mean) = (worst(runs, seconds) / perfect, mean(runs, seconds) / perfect);
    assert!(time <= 1.08 && mean <= mean_time, "{time}, mean {mean}");
    let share = worst(runs, |run| run.share);
    assert!(share <= most_refused, "{share} %");
}

#[test]
fn a_bulk_caller_finishes_at_the_rate_of_the_service() {
    for latency in MILLIS {
        check(&runs(&case(&[(0, 200.0)], 1, latency)), 9.0, 1.05, 5.5);
    }
}

#[test]
fn two_callers_share_a_quota() {
    for latency in MILLIS {
        let runs = runs(&case(&[(0, 200.0)], 2, latency));
        // At 200 ms, up to 128 requests are in flight at each of the first two refusals.
        check(&runs, 19.0, 1.05, if latency < 200 { 5.0 } else { 7.0 });
        let average = mean(&runs, |run| run.fairness);
        let least = runs.iter().map(|run| run.fairness).fold(1.0, f64::min);
        assert!(average >= 0.83 && least >= 0.65, "{latency} ms: {least}, mean {average}");
    }
}

#[test]
fn a_quota_that_falls_and_rises_again_is_followed() {
    for latency in MILLIS {
        let runs = runs(&case(&[(0, 200.0), (4, 50.0), (9, 200.0)], 1, latency));
        // Requests in flight when the quota falls are refused.
        check(&runs, 12.75, 1.06, if latency < 60 { 5.0 } else { 7.5 });
    }
}

const SMALL: [(&[Phase], u32, u32, u32); 3] = [
    // 64 requests are sent before the first refusal arrives.
    (&[(0, 2.0)], 2, 60, 64 + 70),
    (&[(0, 20.0)], 20, 600, 64 + 70),
    (&[(0, 2000.0)], 2000, 20_000, 1000),
];

#[test]
fn small_and_large_quotas_are_found() {
    for (phases, burst, calls, most) in SMALL {
        let runs = runs(&Case { phases, burst, calls, clients: 1, at_a_time: 64, latency: 20 });
        let perfect = f64::from(calls - burst) / phases[0].1;
        let time = worst(&runs, |run| run.seconds) / perfect;
        assert!(time <= 1.15, "{burst}/s: {time}");
        let refused = worst(&runs, |run| f64::from(run.refused));
        assert!(refused <= f64::from(most), "{burst}/s: {refused}");
    }
}

/// Rates, and the largest number of requests that one call sends if it is alone.
const LOW: [(&[Phase], u32); 4] =
    [(&[(0, 1.0)], 6), (&[(0, 2.0)], 5), (&[(0, 5.0)], 4), (&[(0, 10.0)], 3)];

#[test]
fn few_calls_at_a_time_are_slowed_down_to_low_quotas() {
    for ((phases, most_sent), (at_a_time, latency)) in
        LOW.into_iter().flat_map(|low| [(1, 0), (1, 20), (4, 20)].map(|calls| (low, calls)))
    {
        let rate = phases[0].1;
        // A bucket of one token overflows while the rate is below the quota.
        for (burst, most_time) in [(1, 1.5), (10, 1.05)] {
            let calls = burst + (30.0 * rate) as u32;
            let runs = runs(&Case { phases, burst, calls, clients: 1, at_a_time, latency });
            let time = worst(&runs, |run| run.seconds) / 30.0;
            assert!(time <= most_time, "{rate}/s, burst {burst}: {time}");
            let allowed = |run: &Run| f64::from(burst) + rate * run.seconds;
            let sent = |run: &Run| f64::from(run.accepted + run.refused) / allowed(run);
            let sent = worst(&runs, sent);
            assert!(sent <= 1.5, "{rate}/s, burst {burst}: {sent} of the allowed requests");
            let most = runs.iter().map(|run| run.most_sent).max().unwrap();
            let most_sent = if at_a_time == 1 { most_sent } else { MOST_SENT };
            assert!(most <= most_sent, "{rate}/s, burst {burst}: {most} requests");
        }
    }
}
