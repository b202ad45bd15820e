//! One lane, with a hand in what it has learned.

use super::*;
use std::sync::Arc;

/// A call that may take so many milliseconds.
fn call(millis: u64) -> Progress {
    Progress::new(Some(Duration::from_millis(millis)))
}

#[tokio::test(start_paused = true)]
async fn what_was_learned_is_where_the_next_time_starts() {
    let lane = Lane::new(&Limits::default(), false);
    lane.refused(None);
    assert_eq!(lane.take(Instant::now()), Duration::from_millis(20), "50/s, a guess");
    assert_eq!(lane.state().known, Some(50.0));
    *lane.state() = State { known: Some(400.0), ..State::default() };
    lane.refused(None);
    assert_eq!(lane.take(Instant::now()).as_micros(), 3125, "0.8 of 400/s");
}

#[tokio::test(start_paused = true)]
async fn a_call_with_too_little_time_learns_it_at_once() {
    let lane = Lane::new(&Limits::default(), false);
    assert_eq!(lane.slot(false, &call(0)).await.unwrap(), None, "it does not even look");
    lane.refused(None);
    lane.slot(false, &call(19)).await.unwrap_err();
    let sent = lane.slot(false, &call(21)).await.unwrap();
    assert_eq!(sent, Some(Instant::now()), "50/s, a guess");
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_nobody_waits_for_is_forgotten_or_kept() {
    for (keeps, expected) in [(false, 0..1), (true, 210..230)] {
        let lane = Lane::new(&Limits::default(), keeps);
        lane.state().known = Some(100.0);
        lane.refused(None);
        sleep(Duration::from_secs(10)).await;
        let started = Instant::now();
        for _ in 0..20 {
            lane.slot(false, &Progress::new(None)).await.unwrap();
        }
        let millis = started.elapsed().as_millis();
        assert!(expected.contains(&millis), "{keeps}: {millis} ms, from 80/s up");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_looks_again_since_the_rate_may_fall() {
    let lane = Arc::new(Lane::new(&Limits::default(), false));
    let hold = |quota| {
        *lane.state() = State { known: Some(quota), ..State::default() };
        lane.refused(None);
    };
    hold(100.0);
    let deadline = Instant::now() + Duration::from_secs(1);
    let waiters = [(); 80].map(|()| {
        let lane = lane.clone();
        tokio::spawn(async move { lane.slot(false, &call(1000)).await })
    });
    tokio::task::yield_now().await;
    hold(10.0);
    let mut went = 0;
    for waiter in waiters {
        went += u32::from(waiter.await.unwrap().is_ok());
    }
    assert!((8..=11).contains(&went), "{went}");
    assert!(Instant::now() < deadline, "not one waits in vain to the end");
}
