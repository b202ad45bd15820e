//! The learned rate, with the time passed in.

use super::*;
use proptest::prelude::*;

fn after(start: Instant, seconds: f64) -> Instant {
    start + Duration::from_secs_f64(seconds)
}

/// A backoff of half a second.
fn half(_: u32) -> Duration {
    Duration::from_millis(500)
}

fn learned(quota: f64, now: Instant) -> Learned {
    Learned { quota: Quota::Known(quota), since: now, opens: now, accepted: 0 }
}

fn quota(learned: &Learned) -> Option<f64> {
    match learned.quota {
        Quota::Known(quota) => Some(quota),
        Quota::Unknown { .. } => None,
    }
}

#[test]
fn the_first_refusal_closes_the_key_and_the_rate_doubles_after_it() {
    let start = Instant::now();
    let closed = Learned::new(start, Duration::ZERO, &mut half);
    assert_eq!(closed.opens(), after(start, 0.5));
    // A backoff of up to a second counts as growth: all clients open at equal rates.
    let opened = closed.rate(after(start, 0.5));
    assert!((opened - GUESS * (0.5 / DOUBLING).exp2()).abs() < 1e-6, "{opened}");
    let later = closed.rate(after(start, 0.5 + DOUBLING));
    assert!((later - 2.0 * opened).abs() < 1e-6, "{later}");

    let hint = Duration::from_secs(3);
    let hinted = Learned::new(start, hint, &mut half);
    assert_eq!(hinted.opens(), after(start, 3.0));
    assert_eq!(hinted.rate(after(start, 3.0)), GUESS, "a long closing opens cautiously");
}

#[test]
fn the_quota_is_what_was_accepted_between_two_refusals() {
    let start = Instant::now();
    let mut learned = learned(100.0, start);
    (0..2000).for_each(|_| learned.accepted());
    let now = after(start, 10.0);
    assert!(learned.throttled(now, Duration::ZERO, now, &mut half));
    let measured = quota(&learned).unwrap();
    assert!((measured - 200.0).abs() < 2.0, "{measured}");
    assert!((learned.rate(learned.opens()) - BELOW * measured).abs() < 1e-6);
    assert_eq!(learned.opens(), now + Duration::from_secs_f64(1.0 / (BELOW * measured)));
}

#[test]
fn clients_that_were_closed_for_different_times_open_at_equal_rates() {
    let start = Instant::now();
    let rates = [0.1, 0.9].map(|closed| {
        let mut backoff = |_| Duration::from_secs_f64(closed);
        Learned::new(start, Duration::ZERO, &mut backoff).rate(after(start, 1.2))
    });
    assert_eq!(rates[0], rates[1]);
}

#[test]
fn a_closing_is_at_least_the_interval_at_which_the_key_opens() {
    let start = Instant::now();
    let closed = Learned::new(start, Duration::ZERO, &mut |_| Duration::ZERO);
    assert_eq!(closed.opens(), after(start, 1.0 / GUESS));
}

#[test]
fn refusals_in_a_row_double_the_wait_and_are_part_of_one_measurement() {
    let start = Instant::now();
    let mut learned = learned(100.0, start);
    // It is refused at once, as after a restart, and then whenever it opens.
    let mut refused_at = Vec::new();
    for _ in 0..10 {
        let now = learned.opens();
        assert!(learned.throttled(now, Duration::ZERO, now, &mut half));
        refused_at.push((now - start).as_secs_f64() * 90.0);
    }
    let expected = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    for (at, expected) in refused_at.iter().zip(expected) {
        assert!((at - expected).abs() < 1e-3, "{refused_at:?}");
    }
    let last = after(start, 256.0 / 90.0);
    let longest = learned.opens() - last;
    assert!((longest.as_secs_f64() - 1.0 / MIN_RATE).abs() < 1e-3, "{longest:?}");
    assert_eq!(quota(&learned), Some(100.0));

    let now = learned.opens();
    learned.accepted();
    learned.throttled(now, Duration::ZERO, now, &mut half);
    let expected = (1.0 + EVIDENCE) / ((now - start).as_secs_f64() + EVIDENCE / 90.0);
    assert!((quota(&learned).unwrap() - expected).abs() < 1e-6);
}

#[test]
fn requests_in_flight_when_the_rate_fell_change_nothing_but_their_hints_count() {
    let start = Instant::now();
    let mut learned = learned(100.0, start);
    learned.opens = after(start, 0.1);
    let now = after(start, 0.3);
    assert!(!learned.throttled(after(start, 0.09), Duration::ZERO, now, &mut half));
    assert_eq!((quota(&learned), learned.opens()), (Some(100.0), after(start, 0.1)));
    let hint = Duration::from_secs(2);
    assert!(learned.throttled(start, hint, now, &mut half));
    assert_eq!((quota(&learned), learned.opens()), (Some(100.0), after(now, 2.0)));
    assert!(!learned.throttled(start, hint, now, &mut half));
    assert!(learned.throttled(after(now, 2.0), Duration::ZERO, after(now, 2.0), &mut half));
}

#[test]
fn a_hint_longer_than_the_slot_closes() {
    let start = Instant::now();
    for hint in [Duration::from_millis(1), Duration::from_secs(3)] {
        let mut learned = learned(100.0, start);
        (0..100).for_each(|_| learned.accepted());
        let now = after(start, 1.0);
        learned.throttled(now, hint, now, &mut half);
        let slot = Duration::from_secs_f64(1.0 / (BELOW * quota(&learned).unwrap()));
        assert_eq!(learned.opens(), now + slot.max(hint));
    }
}

#[test]
fn the_climb_is_flat_at_the_quota_and_steep_far_above_it() {
    let start = Instant::now();
    for quota in [2.0, 50.0, 200.0, 2000.0] {
        let learned = learned(quota, start);
        assert!((learned.rate(start) - BELOW * quota).abs() < 1e-6);
        let climb = climb(quota);
        let at = |climbs: f64| learned.rate(after(start, climbs * climb)) / quota;
        assert!((at(1.0) - 1.0).abs() < 1e-6, "{quota}");
        assert!((at(2.0) - (2.0 - BELOW)).abs() < 1e-6, "{quota}");
        assert!(at(4.0) > 3.0, "{quota}: a quota that has grown is found soon");
        assert!((learned.highest_rate(start) - (2.0 - BELOW) * quota).abs() < 1e-6);
    }
}

#[test]
fn two_clients_come_to_equal_shares() {
    // Both are refused whenever their bucket, which 100/s flow into, is empty.
    let start = Instant::now();
    let mut clients = [learned(80.0, start), learned(20.0, start)];
    let (mut tokens, mut due) = (0.0, [0.0; 2]);
    for millis in 0..120_000u32 {
        let now = after(start, f64::from(millis) / 1000.0);
        tokens = f64::min(tokens + 0.1, 100.0);
        for (client, due) in clients.iter_mut().zip(&mut due) {
            if now >= client.opens() {
                *due += client.rate(now) / 1000.0;
            }
            if *due >= 1.0 && tokens >= 1.0 {
                client.accepted();
                (*due, tokens) = (*due - 1.0, tokens - 1.0);
            }
        }
        if tokens < 1.0 && due.iter().any(|due| *due >= 1.0) {
            due = [0.0; 2];
            for client in &mut clients {
                client.throttled(now, Duration::ZERO, now, &mut half);
            }
        }
    }
    let quotas = clients.each_ref().map(|client| quota(client).unwrap());
    assert!((0.8..1.25).contains(&(quotas[0] / quotas[1])), "{quotas:?}");
    assert!((90.0..110.0).contains(&(quotas[0] + quotas[1])), "{quotas:?}");
}

#[test]
fn a_restart_keeps_what_is_known() {
    let start = Instant::now();
    let now = after(start, 60.0);
    let mut known = learned(100.0, start);
    known.restart(now);
    assert_eq!((quota(&known), known.rate(now)), (Some(100.0), BELOW * 100.0));
    let mut unknown = Learned::new(start, Duration::ZERO, &mut half);
    unknown.restart(now);
    assert_eq!((unknown.rate(now), unknown.opens()), (GUESS, now));
}

proptest! {
    #[test]
    fn it_never_leaves_its_bounds(
        known: Option<f64>,
        events in prop::collection::vec(
            (0.0..1e5f64, 0u32..1000, any::<u64>(), any::<u64>(), any::<bool>()),
            0..20,
        ),
    ) {
        let start = Instant::now();
        let mut now = start;
        let mut learned = match known {
            Some(quota) => learned(quota.clamp(MIN_RATE, MAX_RATE), now),
            None => Learned::new(now, Duration::ZERO, &mut half),
        };
        if known.is_some_and(f64::is_nan) {
            return Ok(());
        }
        for (seconds, accepted, backoff, hint, in_flight) in events {
            now = after(now, seconds);
            learned.accepted = accepted;
            let sent = if in_flight { start } else { now };
            let hint = Duration::from_secs(hint);
            learned.throttled(sent, hint, now, &mut |_| Duration::from_nanos(backoff));
            for time in [now, learned.opens(), after(learned.opens(), seconds)] {
                prop_assert!((MIN_RATE..=MAX_RATE).contains(&learned.rate(time)));
                prop_assert!(learned.highest_rate(time) >= learned.rate(time));
            }
            prop_assert!(learned.opens() <= now + MAX_CLOSED);
            prop_assert!(quota(&learned).is_none_or(|q| (MIN_RATE..=MAX_RATE).contains(&q)));
        }
    }
}
