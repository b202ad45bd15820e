//! Tests of both clocks.

use proptest::prelude::*;

use super::*;
use crate::testing::TestClock;

/// 2025-03-05T12:00:00Z, the initial time of a [`TestClock`].
const NOON: OffsetDateTime = EARLIEST.saturating_add(Duration::seconds(1_741_176_000));
const WEEK: Duration = Duration::days(7);

fn clock() -> (TestClock, Clock) {
    let wall = TestClock::default();
    let source = wall.clone();
    (wall, Clock::from_source(move || source.now()))
}

#[test]
fn both_clocks_agree_until_one_is_moved() {
    let (wall, clock) = clock();
    assert_eq!((clock.wall(), clock.now()), (NOON, NOON));
    clock.shift(WEEK);
    wall.advance(Duration::seconds(3));
    assert_eq!(clock.wall(), NOON + Duration::seconds(3));
    assert_eq!(clock.now(), NOON + WEEK + Duration::seconds(3));
    clock.set(NOON);
    wall.advance(Duration::seconds(1));
    assert_eq!(clock.now(), NOON + Duration::seconds(1));
}

#[test]
fn a_frozen_clock_moves_only_when_told_and_runs_on_from_there() {
    let (wall, clock) = clock();
    clock.freeze();
    wall.advance(Duration::hours(5));
    assert_eq!(clock.now(), NOON);
    clock.shift(WEEK);
    assert_eq!(clock.now(), NOON + WEEK);
    clock.shift(-Duration::DAY);
    clock.run();
    wall.advance(Duration::minutes(1));
    assert_eq!(clock.now(), NOON + Duration::days(6) + Duration::minutes(1));
}

#[test]
fn the_time_is_clamped() {
    let (_, clock) = clock();
    clock.shift(Duration::MAX);
    assert_eq!(clock.now().to_string(), "9000-01-01 0:00:00.0 +00:00:00");
    clock.shift(Duration::MIN);
    assert_eq!(clock.now(), EARLIEST);
    clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(clock.now(), EARLIEST + Duration::SECOND);
    clock.advance(std::time::Duration::MAX);
    assert_eq!(clock.now().year(), 9000);
}

#[test]
fn clones_share_their_clocks() {
    let (_, clock) = clock();
    clock.clone().set(NOON + WEEK);
    assert_eq!(clock.now(), NOON + WEEK);
}

#[test]
fn the_mode_can_be_serialized_and_restored() {
    let (_, clock) = clock();
    clock.shift(WEEK);
    let running = r#"{"Mode":"Running","OffsetMillis":604800000}"#;
    assert_eq!(serde_json::to_string(&clock.mode()).unwrap(), running);
    clock.freeze();
    let frozen = r#"{"Mode":"Frozen","Now":"2025-03-12T12:00:00.000Z"}"#;
    assert_eq!(serde_json::to_string(&clock.mode()).unwrap(), frozen);
    for text in [running, frozen] {
        let (_, other) = self::clock();
        other.set_mode(serde_json::from_str(text).unwrap());
        assert_eq!(other.now(), NOON + WEEK);
        assert_eq!(serde_json::to_string(&other.mode()).unwrap(), text);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Advance(i64),
    Set(i64),
    Mode(i64),
    Freeze,
    Run,
    Wall(i32),
}

proptest! {
    #[test]
    fn every_reachable_time_can_be_formatted(
        steps in proptest::collection::vec(
            prop_oneof![
                any::<i64>().prop_map(Step::Advance),
                any::<i64>().prop_map(Step::Set),
                any::<i64>().prop_map(Step::Mode),
                Just(Step::Freeze),
                Just(Step::Run),
                any::<i32>().prop_map(Step::Wall),
            ],
            1..12,
        ),
    ) {
        let (wall, clock) = clock();
        for step in steps {
            match step {
                Step::Advance(seconds) => clock.shift(Duration::seconds(seconds)),
                Step::Set(seconds) => {
                    let far = NOON.saturating_add(Duration::seconds(seconds));
                    clock.set(far);
                }
                Step::Mode(offset_millis) => clock.set_mode(ClockMode::Running { offset_millis }),
                Step::Freeze => clock.freeze(),
                Step::Run => clock.run(),
                Step::Wall(seconds) => wall.advance(Duration::seconds(seconds.into())),
            }
            for time in [clock.now(), clock.wall()] {
                prop_assert!(chime_model::timestamp::format(time).is_some());
                let _ = time + Duration::days(9_000);
            }
        }
    }
}
