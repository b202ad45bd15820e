//! Laws of what is kept: changes add up to the state, and the state comes back as it was.

mod groups;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::engine::rows::Rows as _;
use crate::family::Family;
use crate::sample::*;
use crate::testing::Bench;
use crate::testing::calls::{KINDS, apply, apply_failing};
use crate::{ChimeRules, Clock, Config, LocalChime};

/// A database that is a map, and can be told to fail; and how many saves were begun.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Disk>>, Arc<AtomicUsize>);

#[derive(Default)]
struct Disk {
    rows: BTreeMap<String, Vec<u8>>,
    fails: bool,
    /// Whether the next saves fail, before `fails` counts.
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

impl Kept {
    fn rows(&self) -> Vec<String> {
        shown(&self.0.lock().unwrap().rows.clone().into_iter().collect())
    }

    fn fail(&self, fails: bool) {
        self.0.lock().unwrap().fails = fails;
    }
}

impl Storage for Kept {
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
                    rows.retain(|kept, _| kept != path && !kept.starts_with(&below));
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

/// Rows as a person reads them.
fn shown(rows: &Snapshot) -> Vec<String> {
    rows.iter().map(|(path, row)| format!("{path} {}", String::from_utf8_lossy(row))).collect()
}

/// The rows of a state with nothing in it.
fn empty() -> Snapshot {
    State::<Family>::new(0, Clock::default().mode()).rows().unwrap()
}

/// A Chime whose orders are over at once.
fn config() -> Config {
    Config {
        rules: ChimeRules { order_seconds: 0, ..ChimeRules::default() }.into(),
        ..Config::sample()
    }
}

/// A Chime that keeps its rows there, and what can be asked of it.
fn kept() -> (Bench, Kept) {
    kept_with(config())
}

fn kept_with(config: Config) -> (Bench, Kept) {
    let kept = Kept::default();
    let bench = Bench::with(config, |config| {
        LocalChime::durable(config, |mut initial| {
            let mut storage: Box<dyn Storage> = Box::new(kept.clone());
            storage.replace(&initial.rows()?)?;
            Ok(Store::new(initial, storage))
        })
        .unwrap()
    });
    (bench, kept)
}

/// What a caller sees of everything.
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
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_kept_is_the_state_and_comes_back(
        calls in proptest::collection::vec((0..KINDS, 0_usize..4), 0..40),
        more in proptest::collection::vec((0..KINDS, 0_usize..4), 0..10),
    ) {
        let (bench, kept) = kept();
        for (kind, which) in calls {
            apply(&bench, kind, which);
        }
        let all = bench.chime.engine().store().state.rows().unwrap();
        prop_assert_eq!(kept.rows(), shown(&all));

        let again = Bench::new(config());
        again.chime.engine().store().replace(State::read(all).unwrap()).unwrap();
        prop_assert_eq!(seen(&bench), seen(&again));
        // Indices and ids go on alike as well.
        for (kind, which) in more {
            apply(&bench, kind, which);
            apply(&again, kind, which);
        }
        prop_assert_eq!(seen(&bench), seen(&again));
    }

    #[test]
    fn a_call_that_fails_leaves_the_state_as_it_was(
        calls in proptest::collection::vec((0..KINDS, 0_usize..4), 0..20),
        failing in proptest::collection::vec((0..KINDS, 0_usize..4), 1..8),
    ) {
        let (bench, kept) = kept();
        for (kind, which) in calls {
            apply(&bench, kind, which);
        }
        let rows = bench.chime.engine().settled().0.state.rows().unwrap();
        let before = (rows, seen(&bench));
        for (kind, which) in failing {
            // The handler has done all its work when the save fails.
            kept.fail(true);
            apply_failing(&bench, kind, which);
            kept.fail(false);
        }
        let mut store = bench.chime.engine().settled().0;
        prop_assert_eq!(shown(&store.state.rows().unwrap()), shown(&before.0));
        // The indexes are what follows from the rows.
        store.state.world.reindex();
        drop(store);
        prop_assert_eq!(seen(&bench), before.1);
    }

    #[test]
    fn what_became_due_is_saved_before_anyone_sees_it(which in 0_usize..4) {
        let (bench, kept) = kept_with(Config::sample());
        apply(&bench, 19, which);
        bench.clock.advance(time::Duration::MINUTE);
        seen(&bench);
        let all = bench.chime.engine().store().state.rows().unwrap();
        prop_assert_eq!(kept.rows(), shown(&all));
    }

    #[test]
    fn no_rows_make_it_panic(path in "(/[a-z-]{1,12}(/[0-9a-f]{16})?){0,3}", row in any::<Vec<u8>>()) {
        let mut rows = empty();
        rows.push((path, row));
        let _ = State::<Family>::read(rows);
    }
}

#[test]
fn looking_keeps_nothing_and_a_refusal_neither() {
    let (bench, kept) = kept();
    // Whoever tries to write fails, and is heard of.
    kept.fail(true);
    seen(&bench);
    // Who never called before has an AWS account with nothing in it, which is no change.
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
fn what_cannot_be_saved_fails_and_changes_nothing() {
    let (bench, kept) = kept();
    let make = |name: &str| {
        let body = format!(r#"{{"Name":"{name}"}}"#);
        bench.send("POST", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), &body)
    };
    let before = seen(&bench);
    kept.fail(true);
    let answer = make("One");
    assert_eq!((answer.status(), answer.exception()), (500, "ServiceFailureException"));
    assert_eq!(seen(&bench), before);
    kept.fail(false);
    assert_eq!(make("Two").status(), 201);
    assert_eq!(kept.rows(), shown(&bench.chime.engine().store().state.rows().unwrap()));
}

#[test]
fn events_are_sent_once_their_cause_is_saved() {
    let (bench, kept) = kept();
    let make = |token: &str| {
        let request = chime_model::meetings::CreateMeetingRequest::new("us-east-1", "standup");
        bench.call(&request.client_request_token(token))
    };
    kept.fail(true);
    assert!(make("one").is_err());
    assert_eq!(bench.events(), [""; 0]);
    kept.fail(false);
    make("two").unwrap();
    assert_eq!(bench.events(), ["MeetingStarted"]);
    // The end is due, and is told once it is saved.
    kept.fail(true);
    bench.clock.advance(time::Duration::minutes(5));
    assert_eq!(bench.events(), ["MeetingStarted"]);
    kept.fail(false);
    assert_eq!(bench.events(), ["MeetingStarted", "MeetingEnded"]);
}

#[test]
fn rows_that_make_no_sense_are_refused_with_their_path() {
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
    // A position that is to be given out still.
    assert!(with("/aws-accounts/0000000000000000", r#"["1",null]"#).contains("/aws-accounts"));
}
