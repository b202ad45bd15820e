//! Properties of exports: importing one reproduces the state.

use std::collections::HashSet;

use chime_model::chime::{Account, User};
use proptest::prelude::*;
use time::Duration;

use super::*;
use crate::testing::calls::{KINDS, apply};
use crate::testing::{Bench, TestClock, other_caller, slow_property};
use crate::{Clock, Config, LocalChime, StockNumber, sample};

/// The sample, and a second AWS account with a user who has the same address as one of the first.
fn bench() -> (Bench, Bench) {
    let other = other_caller();
    let mut config = Config::sample();
    config.credentials.push(other.clone());
    let account = Account::new(other.aws_account_id.clone(), "b", "B");
    config.seed.organisations.push(Organisation {
        users: vec![User::new("u").primary_email("ana@example.com")],
        ..Organisation::new(account)
    });
    config.seed.phone_stock = vec![StockNumber::new("+12065550151"), StockNumber::new("+4420")];
    let bench = Bench::new(config);
    let theirs = Bench { chime: bench.chime.clone(), clock: bench.clock.clone(), caller: other };
    (bench, theirs)
}

proptest! {
    #![proptest_config(slow_property(2))]

    #[test]
    fn importing_an_export_reproduces_the_state(
        calls in proptest::collection::vec((any::<bool>(), 0..KINDS, 0_usize..4, 0_i64..4), 0..40),
    ) {
        let (ours, theirs) = bench();
        for (our, kind, which, seconds) in calls {
            apply(if our { &ours } else { &theirs }, kind, which);
            ours.clock.advance(Duration::seconds(seconds));
        }
        let again = ours.copy();
        prop_assert_eq!(again.export(), ours.export());
        // Pending orders, calling names and deletions must complete at the same times.
        for seconds in [1, 4, 604_800] {
            for bench in [&ours, &again] {
                bench.clock.advance(Duration::seconds(seconds));
            }
            prop_assert_eq!(again.export(), ours.export());
        }
    }
}

#[test]
fn a_pending_calling_name_is_exported_with_the_current_one_and_its_time() {
    let bench = Bench::sample();
    let number = format!("/phone-numbers/{}", &sample::UNASSIGNED_NUMBER[1..]);
    let name = |name: &str| {
        let body = format!(r#"{{"CallingName":"{name}"}}"#);
        assert_eq!(bench.send("POST", &number, &body).status(), 200);
    };
    name("Before");
    bench.clock.advance(Duration::seconds(5));
    name("After");
    bench.clock.advance(Duration::seconds(3));
    // Another update of the number must not change the time of the pending name.
    let user = format!("/accounts/{}/users/{}", sample::ENTERPRISE_ACCOUNT_ID, sample::BO_ID);
    let body = format!(r#"{{"E164PhoneNumber":"{}"}}"#, sample::UNASSIGNED_NUMBER);
    let target = format!("{user}?operation=associate-phone-number");
    assert_eq!(bench.send("POST", &target, &body).status(), 200);

    let again = bench.copy();
    let shown = |bench: &Bench| bench.send("GET", &number, "").json()["PhoneNumber"].clone();
    assert_eq!(shown(&again)["CallingName"], "Before");
    assert_eq!(shown(&again)["CallingNameStatus"], "UpdateInProgress");
    for bench in [&bench, &again] {
        bench.clock.advance(Duration::seconds(2));
        assert_eq!(shown(bench)["CallingName"], "After");
    }
    assert_eq!(shown(&again), shown(&bench));
}

#[test]
fn created_and_invited_users_are_exported_with_their_unset_members() {
    let bench = Bench::sample();
    let target = format!("/accounts/{}/users?operation=create", sample::ENTERPRISE_ACCOUNT_ID);
    bench.send("POST", &target, r#"{"Email":"dee@example.com"}"#);
    let target = format!("/accounts/{}/users?operation=add", sample::TEAM_ACCOUNT_ID);
    bench.send("POST", &target, r#"{"UserEmailList":["eli@lake.example"]}"#);
    let again = bench.copy();
    assert_eq!(again.export(), bench.export());
    let seed = again.chime.export();
    let [dee, eli] = [seed.organisations[0].users.last(), seed.organisations[1].users.last()];
    assert_eq!(dee.unwrap().personal_pin, None);
    assert_eq!(eli.unwrap().registered_on, None);
}

/// The export of an emulator that starts with a seed; `None` if the seed is invalid.
fn export_of(seed: &Value) -> Option<Value> {
    let seed = Seed::parse(&seed.to_string()).ok()?;
    let clock = Clock::from_source(|| TestClock::default().now());
    let chime = LocalChime::new(Config { seed, clock, ..Config::default() }).ok()?;
    Some(serde_json::to_value(chime.export()).unwrap())
}

/// JSON pointers to the values of a document that match a predicate.
fn pointers(value: &Value, to_it: &str, passes: fn(&Value) -> bool) -> Vec<String> {
    let below: Vec<_> = match value {
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(i, it)| (i.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    let below =
        below.into_iter().flat_map(|(name, it)| pointers(it, &format!("{to_it}/{name}"), passes));
    passes(value).then(|| to_it.to_owned()).into_iter().chain(below).collect()
}

/// A seed without the members whose values are the defaults.
fn shortest(seed: &Value) -> Value {
    let expected = export_of(seed);
    let mut shortest = seed.clone();
    for pointer in pointers(seed, "", |_| true) {
        let mut shorter = shortest.clone();
        let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
        let Some(Value::Object(parent)) = shorter.pointer_mut(parent) else { continue };
        parent.remove(name);
        if export_of(&shorter) == expected {
            shortest = shorter;
        }
    }
    shortest
}

#[test]
fn importing_an_export_with_unusual_texts_reproduces_the_state() {
    let (bench, _) = bench();
    // In reverse, calls that create a resource come before those that delete it.
    for which in [0, 1] {
        (0..KINDS).rev().for_each(|kind| apply(&bench, kind, which));
    }
    let full = bench.export();
    let shortest = shortest(&full).to_string();
    let texts = pointers(&full, "", Value::is_string);
    let texts = texts.iter().map(|text| full.pointer(text).unwrap().to_string());
    let mut accepted = 0;
    for text in texts.collect::<HashSet<_>>() {
        for odd in [r#""""#, r#"" ""#, r#""?""#] {
            let seed = serde_json::from_str(&shortest.replace(&text, odd)).unwrap();
            let Some(exported) = export_of(&seed) else { continue };
            assert_eq!(export_of(&exported).as_ref(), Some(&exported), "{odd} for {text}");
            accepted += 1;
        }
    }
    assert!(accepted > 150, "{accepted}");
}
