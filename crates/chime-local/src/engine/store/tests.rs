//! Properties of the store: the saved changes add up to the state, and reading them restores it.

mod format;
mod groups;
mod verbs;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::engine::rows::Rows as _;
use crate::family::Family;
use crate::sample::*;
use crate::testing::calls::{KINDS, apply, apply_failing};
use crate::testing::{Bench, TestClock, slow_property};
use crate::{ChimeRules, Clock, Config, LocalChime};

/// A storage in memory that can be made to fail, and the number of saves that were begun.
#[derive(Clone, Default)]
pub(crate) struct FakeStorage(Arc<Mutex<Disk>>, Arc<AtomicUsize>);

#[derive(Default)]
struct Disk {
    rows: BTreeMap<String, Vec<u8>>,
    fails: bool,
    /// Whether each of the next saves fails. After these, `fails` applies.
    next: VecDeque<bool>,
    saves: usize,
}

impl Disk {
    fn save(&mut self) -> Result<(), StoreError> {
        self.saves += 1;
        if self.next.pop_front().unwrap_or(self.fails) {
            return Err(StoreError::Io(io::Error::other("the disk is full")));
        }
        Ok(())
    }
}

impl FakeStorage {
    fn rows(&self) -> Vec<String> {
        shown(&self.0.lock().unwrap().rows.clone().into_iter().collect())
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.0.lock().unwrap().fails = fails;
    }

    /// An emulator that starts with the saved rows, as after a kill.
    pub(crate) fn restarted(&self, clock: &TestClock, config: Config) -> Bench {
        let rows = self.0.lock().unwrap().rows.clone();
        let open = |_| {
            let state = State::read(rows.into_iter().collect())?;
            Ok(Store { is_reopened: true, ..Store::new(state, Box::new(self.clone())) })
        };
        Bench::at(clock.clone(), config, |config| LocalChime::durable(config, open).unwrap())
    }
}

impl Storage for FakeStorage {
    fn is_durable(&self) -> bool {
        true
    }

    fn save(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let disk = &mut *self.0.lock().unwrap();
        disk.save()?;
        let rows = &mut disk.rows;
        for (path, row) in changes {
            match row {
                Some(row) => drop(rows.insert(path.clone(), row.clone())),
                None => {
                    let below = format!("{path}/");
                    rows.retain(|row, _| row != path && !row.starts_with(&below));
                }
            }
        }
        Ok(())
    }

    fn replace(&mut self, new: &Snapshot) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let disk = &mut *self.0.lock().unwrap();
        disk.save()?;
        disk.rows = new.iter().cloned().collect();
        Ok(())
    }

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn snapshot(&mut self, _: &str) -> Result<Option<Snapshot>, StoreError> {
        Ok(None)
    }

    fn put_snapshot(&mut self, _: &str, _: Snapshot) -> Result<(), StoreError> {
        Ok(())
    }

    fn remove_snapshot(&mut self, _: &str) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// Formats rows as text.
fn shown(rows: &Snapshot) -> Vec<String> {
    rows.iter().map(|(path, row)| format!("{path} {}", String::from_utf8_lossy(row))).collect()
}

/// The rows of an empty state.
fn empty() -> Snapshot {
    State::<Family>::new(0, Clock::default().mode()).rows().unwrap()
}

/// A configuration whose phone number orders complete at once.
fn config() -> Config {
    Config {
        rules: ChimeRules { order_seconds: 0, ..ChimeRules::default() }.into(),
        ..Config::sample()
    }
}

/// An emulator, with the storage that it saves its rows in.
fn durable() -> (Bench, FakeStorage) {
    durable_with(config())
}

pub(crate) fn durable_with(config: Config) -> (Bench, FakeStorage) {
    let storage = FakeStorage::default();
    let bench = Bench::with(config, |config| {
        LocalChime::durable(config, |mut initial| {
            let mut storage: Box<dyn Storage> = Box::new(storage.clone());
            storage.replace(&initial.rows()?)?;
            Ok(Store::new(initial, storage))
        })
        .unwrap()
    });
    (bench, storage)
}

/// The responses that show the whole state to a caller.
fn seen(bench: &Bench) -> Vec<Value> {
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let targets = [
        "/accounts".to_owned(),
        "/accounts?user-email=u1%40lake.example".to_owned(),
        format!("/accounts/{TEAM_ACCOUNT_ID}/users"),
        format!("{account}/users"),
        format!("{account}/users/{ANA_ID}"),
        format!("{account}/rooms"),
        format!("{account}/rooms?member-id={BO_ID}"),
        format!("{account}/rooms?max-results=1"),
        format!("{account}/rooms/{ROOM_ID}/memberships"),
        format!("{account}/bots"),
        format!("{account}/bots/{BOT_ID}/events-configuration"),
        format!("{account}/settings"),
        format!("{account}/retention-settings"),
        format!("{account}/users/{ANA_ID}/settings"),
        "/phone-numbers".to_owned(),
        "/phone-number-orders".to_owned(),
        "/search?type=phone-numbers&area-code=206&max-results=20".to_owned(),
        "/settings".to_owned(),
        "/settings/phone-number".to_owned(),
    ];
    targets.iter().map(|target| bench.send("GET", target, "").json()).collect()
}

proptest! {
    #![proptest_config(slow_property(2))]

    #[test]
    fn the_saved_rows_restore_the_state(
        calls in proptest::collection::vec((0..KINDS, 0_usize..4), 0..40),
        more in proptest::collection::vec((0..KINDS, 0_usize..4), 0..10),
    ) {
        let (bench, storage) = durable();
        for (kind, which) in calls {
            apply(&bench, kind, which);
        }
        let all = bench.chime.engine().store().state.rows().unwrap();
        prop_assert_eq!(storage.rows(), shown(&all));

        let again = Bench::new(config());
        again.chime.engine().store().replace(State::read(all).unwrap()).unwrap();
        prop_assert_eq!(seen(&bench), seen(&again));
        // Further calls give the same results, so indexes and ids are restored too.
        for (kind, which) in more {
            apply(&bench, kind, which);
            apply(&again, kind, which);
        }
        prop_assert_eq!(seen(&bench), seen(&again));
    }

    #[test]
    fn a_call_whose_save_fails_changes_nothing(
        calls in proptest::collection::vec((0..KINDS, 0_usize..4), 0..20),
        failing in proptest::collection::vec((0..KINDS, 0_usize..4), 1..8),
    ) {
        let (bench, storage) = durable();
        for (kind, which) in calls {
            apply(&bench, kind, which);
        }
        let rows = bench.chime.engine().settled().state.rows().unwrap();
        let before = (rows, seen(&bench));
        for (kind, which) in failing {
            // The save fails after the handler has succeeded.
            storage.fail(true);
            apply_failing(&bench, kind, which);
            storage.fail(false);
        }
        let mut store = bench.chime.engine().settled();
        prop_assert_eq!(shown(&store.state.rows().unwrap()), shown(&before.0));
        // Rebuilding the indexes from the rows changes nothing.
        store.state.world.reindex();
        drop(store);
        prop_assert_eq!(seen(&bench), before.1);
    }

    #[test]
    fn what_becomes_due_is_saved_before_a_response_shows_it(which in 0_usize..4) {
        let (bench, storage) = durable_with(Config::sample());
        apply(&bench, 19, which);
        bench.clock.advance(time::Duration::MINUTE);
        seen(&bench);
        let all = bench.chime.engine().store().state.rows().unwrap();
        prop_assert_eq!(storage.rows(), shown(&all));
    }

    #[test]
    fn reading_invalid_rows_does_not_panic(path in "(/[a-z-]{1,12}(/[0-9a-f]{16})?){0,3}", row in any::<Vec<u8>>()) {
        let mut rows = empty();
        rows.push((path, row));
        let _ = State::<Family>::read(rows);
    }
}

#[test]
fn reads_and_refused_calls_save_nothing() {
    let (bench, storage) = durable();
    // Any save would fail the call.
    storage.fail(true);
    seen(&bench);
    // A new caller has an empty AWS account, which is not stored.
    bench.chime.engine().admit(&[crate::testing::other_caller()]);
    assert_eq!(
        bench.send_as(&crate::testing::other_caller(), "GET", "/accounts", "").status(),
        200
    );
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    assert_eq!(bench.send("DELETE", &account, "").status(), 422);
    assert_eq!(bench.send("DELETE", &format!("{account}/rooms/none"), "").status(), 404);
    for (method, path, body, status) in [
        ("POST", "bots", r#"{"DisplayName":"x","Domain":"elsewhere.example"}"#, 400),
        ("POST", "bots/none", r#"{"Disabled":true}"#, 404),
        ("POST", &format!("bots/{BOT_ID}"), "{}", 200),
        ("PUT", "bots/none/events-configuration", r#"{"LambdaFunctionArn":"arn"}"#, 404),
        ("PUT", "retention-settings", r#"{"RetentionSettings":{}}"#, 204),
        ("POST", &format!("rooms/{ROOM_ID}/messages/none?operation=redact"), "", 404),
        ("POST", &format!("rooms/{ROOM_ID}"), "{}", 200),
        ("POST", "rooms/none", r#"{"Name":"x"}"#, 404),
        ("POST", &format!("rooms/{ROOM_ID}/memberships/{BO_ID}"), "{}", 200),
        ("POST", &format!("rooms/{ROOM_ID}/memberships/none"), r#"{"Role":"Member"}"#, 404),
        ("DELETE", &format!("rooms/{ROOM_ID}/memberships/none"), "", 404),
        ("POST", "users/none", r#"{"LicenseType":"Pro"}"#, 404),
        ("POST", &format!("users/{BO_ID}"), r#"{"LicenseType":"Plus"}"#, 400),
        ("POST", "users", r#"{"UpdateUserRequestItems":[{"UserId":"none"}]}"#, 200),
        ("POST", "users?operation=suspend", r#"{"UserIdList":["none"]}"#, 200),
        (
            "POST",
            "users?operation=unsuspend",
            &format!(r#"{{"UserIdList":["none","{BO_ID}"]}}"#),
            200,
        ),
    ] {
        let answer = bench.send(method, &format!("{account}/{path}"), body);
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[test]
fn a_change_that_cannot_be_saved_fails_and_is_undone() {
    let (bench, storage) = durable();
    let make = |name: &str| {
        let body = format!(r#"{{"Name":"{name}"}}"#);
        bench.send("POST", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), &body)
    };
    let before = seen(&bench);
    storage.fail(true);
    let answer = make("One");
    assert_eq!((answer.status(), answer.exception()), (500, "ServiceFailureException"));
    let message = answer.json()["Message"].to_string();
    assert!(message.contains("the disk is full"), "{message}");
    assert_eq!(seen(&bench), before);
    storage.fail(false);
    assert_eq!(make("Two").status(), 201);
    assert_eq!(storage.rows(), shown(&bench.chime.engine().store().state.rows().unwrap()));
}

#[test]
fn the_logs_of_a_state_in_memory_are_bounded() {
    let bench = Bench::sample();
    for number in 0..2 * MAX_LOGGED {
        let body = format!(r#"{{"Name":"{number}"}}"#);
        let path = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
        assert_eq!(bench.send("POST", &path, &body).status(), 201);
    }
    let mut changes = Vec::new();
    let world = &mut bench.chime.engine().store().state.world;
    world.write(&mut String::new(), rows::Which::Changed, &mut changes).unwrap();
    assert!(changes.len() < MAX_LOGGED as usize, "{}", changes.len());
}

#[test]
fn events_are_sent_after_their_cause_is_saved() {
    let (bench, storage) = durable();
    let make = |token: &str| {
        let request = chime_model::meetings::CreateMeetingRequest::new("us-east-1", "standup");
        bench.call(&request.client_request_token(token))
    };
    storage.fail(true);
    assert!(make("one").is_err());
    assert_eq!(bench.events(), [""; 0]);
    storage.fail(false);
    make("two").unwrap();
    assert_eq!(bench.events(), ["MeetingStarted"]);
    // The meeting has ended, but the event is sent only after that is saved.
    storage.fail(true);
    bench.clock.advance(time::Duration::minutes(5));
    assert_eq!(bench.events(), ["MeetingStarted"]);
    storage.fail(false);
    assert_eq!(bench.events(), ["MeetingStarted", "MeetingEnded"]);
}

#[test]
fn the_error_of_an_invalid_row_has_its_path() {
    let good = empty();
    let refused = |rows: Snapshot| State::<Family>::read(rows).err().unwrap().to_string();
    assert!(refused(Vec::new()).contains("``"));
    let with = |path: &str, row: &str| {
        let mut rows = good.clone();
        rows.push((path.to_owned(), row.as_bytes().to_vec()));
        refused(rows)
    };
    assert!(with("/unknown", "0").contains("`/unknown`"));
    assert!(
        with("/aws-accounts/0000000000000000", "[]").contains("`/aws-accounts/0000000000000000`")
    );
    // The position of the row is not below the next position.
    assert!(with("/aws-accounts/0000000000000000", r#"["1",null]"#).contains("/aws-accounts"));
}
