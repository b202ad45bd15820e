//! Tests of snapshots and resets, in memory and in a file.

use serde_json::Value;
use time::Duration;

use crate::StoreError;
use crate::sample::{ENTERPRISE_ACCOUNT_ID, ROOM_ID};
use crate::testing::Bench;

fn rooms(bench: &Bench) -> Value {
    bench.send("GET", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), "").json()
}

fn make_room(bench: &Bench) -> Value {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
    bench.send("POST", &target, r#"{"Name":"One more"}"#).json()
}

fn remove_room(bench: &Bench) {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms/{ROOM_ID}");
    assert_eq!(bench.send("DELETE", &target, "").status(), 204);
}

fn snapshots_and_resets(bench: &Bench) {
    let start = rooms(bench);
    let first = make_room(bench);
    let chime = &bench.chime;
    chime.take_snapshot("with room").unwrap();
    chime.take_snapshot("another").unwrap();
    let taken = rooms(bench);
    let second = make_room(bench);
    remove_room(bench);
    assert_eq!(chime.snapshots().unwrap(), ["another", "with room"]);

    chime.restore_snapshot("with room").unwrap();
    assert_eq!(rooms(bench), taken);
    assert_eq!(make_room(bench), second);

    chime.reset().unwrap();
    assert_eq!(rooms(bench), start);
    assert_eq!(make_room(bench), first);

    chime.remove_snapshot("another").unwrap();
    assert!(matches!(chime.remove_snapshot("another"), Err(StoreError::NoSnapshot)));
    assert!(matches!(chime.restore_snapshot("another"), Err(StoreError::NoSnapshot)));
    assert_eq!(chime.snapshots().unwrap(), ["with room"]);
}

#[test]
fn snapshots_and_resets_in_memory() {
    snapshots_and_resets(&Bench::sample());
}

#[test]
fn a_restore_or_reset_restores_the_clock() {
    let bench = Bench::sample();
    let (chime, clock) = (&bench.chime, bench.chime.clock());
    let start = clock.now();
    clock.shift(Duration::days(1));
    chime.take_snapshot("tomorrow").unwrap();
    clock.shift(Duration::days(1));
    clock.freeze();
    chime.restore_snapshot("tomorrow").unwrap();
    assert_eq!(clock.now() - start, Duration::days(1));
    bench.clock.advance(Duration::hours(1));
    assert_eq!(clock.now() - start, Duration::hours(25));
    chime.reset().unwrap();
    assert_eq!(clock.now() - start, Duration::hours(1));
}

#[cfg(feature = "durable")]
mod in_a_file {
    use std::fs;
    use std::path::PathBuf;

    use chime_model::meetings::CreateMeetingRequest;

    use super::*;
    use crate::testing::TestClock;
    use crate::{Config, LocalChime};

    /// A path where no file is yet. The state file there is deleted on drop.
    struct StatePath(PathBuf);

    impl StatePath {
        fn new(name: &str) -> Self {
            let name = format!("chime-local-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            // An earlier process with the same id may have left it.
            let _ = fs::remove_file(&path);
            Self(path)
        }

        fn open(&self) -> Bench {
            Bench::with(Config::sample(), |config| LocalChime::open(config, &self.0).unwrap())
        }

        /// Opens the file some hours after the clock of a test starts.
        fn open_after(&self, hours: i64) -> Bench {
            let clock = TestClock::default();
            clock.advance(Duration::hours(hours));
            Bench::at(clock, Config::sample(), |it| LocalChime::open(it, &self.0).unwrap())
        }
    }

    impl Drop for StatePath {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn snapshots_and_resets_in_a_file() {
        let path = StatePath::new("snapshots");
        snapshots_and_resets(&path.open());
        let bench = path.open();
        assert_eq!(bench.chime.snapshots().unwrap(), ["with room"]);
        bench.chime.restore_snapshot("with room").unwrap();
        assert_eq!(rooms(&bench)["Rooms"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_reopened_file_has_all_changes() {
        let path = StatePath::new("again");
        let bench = path.open();
        make_room(&bench);
        remove_room(&bench);
        let (before, token) = {
            let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users?max-results=1");
            (rooms(&bench), bench.send("GET", &target, "").json()["NextToken"].clone())
        };
        drop(bench);
        let bench = path.open();
        assert_eq!(rooms(&bench), before);
        let token = token.as_str().unwrap();
        let target =
            format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users?max-results=1&next-token={token}");
        assert_eq!(
            bench.send("GET", &target, "").json()["Users"][0]["DisplayName"],
            "Bo Lindqvist"
        );
    }

    #[test]
    fn a_reopened_file_has_the_clock() {
        let path = StatePath::new("clock");
        let bench = path.open();
        let chime = bench.chime.engine();
        chime.move_clock(|clock| clock.shift(Duration::days(7))).unwrap();
        let then = bench.chime.clock().now();
        drop(bench);
        assert_eq!(path.open().chime.clock().now(), then);
    }

    /// Makes a request and an event, and returns their ids.
    fn ids_of_request_and_event(bench: &Bench) -> [String; 2] {
        let meeting =
            CreateMeetingRequest::new("us-east-1", "standup").client_request_token("standup");
        bench.call(&meeting).unwrap();
        let listed = bench.send("GET", "/accounts", "");
        let request = listed.header("x-amzn-requestid").unwrap().to_owned();
        [request, bench.chime.events(0).pop().unwrap().body.id.unwrap()]
    }

    #[test]
    fn ids_of_requests_and_events_do_not_repeat_in_a_reopened_file() {
        let path = StatePath::new("ids");
        let mut ids = Vec::new();
        for hours in 0..3 {
            let bench = path.open_after(hours);
            ids.extend(ids_of_request_and_event(&bench));
            bench.chime.reset().unwrap();
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }

    #[test]
    fn a_new_file_has_the_same_ids_as_an_emulator_in_memory() {
        let path = StatePath::new("same-ids");
        let ids = ids_of_request_and_event(&path.open());
        assert_eq!(ids, ids_of_request_and_event(&Bench::sample()));
    }

    #[test]
    fn ids_of_resources_do_not_depend_on_how_often_the_file_was_opened() {
        let path = StatePath::new("resource-ids");
        drop(path.open());
        drop(path.open());
        assert_eq!(make_room(&path.open()), make_room(&Bench::sample()));
    }

    #[test]
    fn a_file_serves_one_chime_at_a_time() {
        let path = StatePath::new("in-use");
        let first = path.open();
        let second = LocalChime::open(Config::sample(), &path.0);
        assert!(matches!(second, Err(StoreError::InUse)), "{second:?}");
        drop(first);
        path.open();
    }

    #[test]
    fn a_file_that_is_not_a_state_file_is_not_changed() {
        let path = StatePath::new("other");
        let text = "not a database, but long enough to be one".repeat(100);
        fs::write(&path.0, &text).unwrap();
        let opened = LocalChime::open(Config::sample(), &path.0);
        assert!(matches!(opened, Err(StoreError::Unreadable(_))), "{opened:?}");
        assert_eq!(fs::read_to_string(&path.0).unwrap(), text);
        let nowhere = LocalChime::open(Config::sample(), path.0.join("below"));
        assert!(matches!(nowhere, Err(StoreError::Io(_))), "{nowhere:?}");
    }
}
