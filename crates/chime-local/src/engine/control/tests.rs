//! Tests of the control endpoint, with callers on this machine and on others.

use serde_json::{Value, json};

use super::*;
use crate::engine::server::access::Connection;
use crate::engine::server::exchange;
use crate::testing::{Bench, at_once, connection, control_request, request};

fn ask_from(ends: Connection, bench: &Bench, request: Request<Bytes>) -> (u16, Value) {
    let response = at_once(exchange::handle(bench.chime.engine(), ends, &request)).unwrap();
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let body = response.body();
    (response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default())
}

fn ask(bench: &Bench, method: &str, target: &str, body: &str) -> (u16, Value) {
    ask_from(connection(true), bench, control_request(method, target, body))
}

/// The status and the message of an error.
fn refused(bench: &Bench, method: &str, target: &str, body: &str) -> (u16, String) {
    let (status, body) = ask(bench, method, target, body);
    (status, body["Message"].as_str().unwrap().to_owned())
}

#[test]
fn the_clock_can_be_read_frozen_and_moved() {
    let bench = Bench::sample();
    let at = |now: &str, mode: &str| (200, json!({"Now": now, "Mode": mode}));
    let clock = "/_chime/clock";
    assert_eq!(ask(&bench, "GET", clock, ""), at("2025-03-05T12:00:00.000Z", "Running"));
    let advance = ask(&bench, "POST", "/_chime/clock/advance", r#"{"Seconds":604800}"#);
    assert_eq!(advance, at("2025-03-12T12:00:00.000Z", "Running"));
    let frozen = ask(&bench, "PUT", clock, r#"{"Mode":"Frozen"}"#);
    assert_eq!(frozen, at("2025-03-12T12:00:00.000Z", "Frozen"));
    bench.clock.advance(time::Duration::HOUR);
    assert_eq!(ask(&bench, "PUT", clock, "{}"), at("2025-03-12T12:00:00.000Z", "Frozen"));
    let moved = ask(&bench, "PUT", clock, r#"{"Now":"2030-01-01T01:00:00+01:00"}"#);
    assert_eq!(moved, at("2030-01-01T00:00:00.000Z", "Frozen"));
    let both = ask(&bench, "PUT", clock, r#"{"Now":"2031-01-01T00:00:00Z","Mode":"Running"}"#);
    assert_eq!(both, at("2031-01-01T00:00:00.000Z", "Running"));
    for body in ["", "[]", r#"{"Now":"today"}"#, r#"{"Mode":"Slow"}"#, r#"{"now":null}"#] {
        assert_eq!(ask(&bench, "PUT", clock, body).0, 400, "{body}");
    }
    let (_, message) = refused(&bench, "PUT", clock, r#"{"Now":"today"}"#);
    assert_eq!(message, "Now: must be a time such as 2025-03-05T12:00:00Z");
}

#[test]
fn faults_can_be_set_read_and_cleared() {
    let bench = Bench::sample();
    let faults = r#"{"Faults":[{"Operation":"ListAccounts","Times":1,"Error":{"Exception":"ServiceFailureException"}}]}"#;
    assert_eq!(ask(&bench, "PUT", "/_chime/faults", faults).0, 204);
    assert_eq!(bench.send("GET", "/accounts", "").status(), 500);
    let (status, now) = ask(&bench, "GET", "/_chime/faults", "");
    assert_eq!((status, &now["Faults"][0]["Times"]), (200, &json!(0)));
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
    assert_eq!(ask(&bench, "PUT", "/_chime/faults", "{}").0, 204);
    let cleared = json!({"Throttle": null, "Faults": []});
    assert_eq!(ask(&bench, "GET", "/_chime/faults", ""), (200, cleared));
    let (status, message) = refused(&bench, "PUT", "/_chime/faults", r#"{"Faults":[{"Cut":1}]}"#);
    assert_eq!(status, 400, "{message}");
}

#[test]
fn the_last_requests_are_listed_without_those_to_this_endpoint() {
    let bench = Bench::sample();
    bench.send("GET", "/accounts", "");
    ask(&bench, "GET", "/_chime/clock", "");
    let (status, listed) = ask(&bench, "GET", "/_chime/requests", "");
    assert_eq!((status, listed["Requests"].as_array().unwrap().len()), (200, 1));
    assert_eq!(listed["Requests"][0]["Operation"], "ListAccounts");
    assert_eq!(listed["Requests"][0]["AccessKeyId"], crate::sample::ACCESS_KEY_ID);
}

#[test]
fn snapshots_can_be_taken_listed_restored_and_deleted() {
    let bench = Bench::sample();
    let accounts = || bench.send("GET", "/accounts", "").json()["Accounts"].clone();
    let before = accounts();
    assert_eq!(ask(&bench, "PUT", "/_chime/snapshots/before%20all", "").0, 204);
    let names = json!({"Snapshots": ["before all"]});
    assert_eq!(ask(&bench, "GET", "/_chime/snapshots", ""), (200, names));
    bench.send("POST", "/accounts", r#"{"Name":"One"}"#);
    assert_eq!(ask(&bench, "POST", "/_chime/snapshots/before%20all/restore", "").0, 204);
    assert_eq!(accounts(), before);
    assert_eq!(ask(&bench, "DELETE", "/_chime/snapshots/before%20all", "").0, 204);
    for (method, target) in
        [("DELETE", "/_chime/snapshots/gone"), ("POST", "/_chime/snapshots/gone/restore")]
    {
        assert_eq!(ask(&bench, method, target, "").0, 404);
    }
    let long = format!("/_chime/snapshots/{}", "x".repeat(129));
    for target in ["/_chime/snapshots/", "/_chime/snapshots/%ff", "/_chime/snapshots/%0a", &long] {
        assert_eq!(ask(&bench, "PUT", target, "").0, 400, "{target}");
    }
}

#[test]
fn the_state_can_be_exported_and_added_as_a_seed() {
    let bench = Bench::sample();
    let (status, state) = ask(&bench, "GET", "/_chime/state", "");
    assert_eq!(status, 200);
    assert_eq!(state["Organisations"][0]["Account"]["Name"], "Example Corp");
    assert!(state.get("Credentials").is_none());

    let empty = Bench::new(crate::Config::default());
    assert_eq!(ask(&empty, "POST", "/_chime/seed", &state.to_string()).0, 204);
    assert_eq!(ask(&empty, "GET", "/_chime/state", ""), (200, state));
    let wrong = r#"{"Organisations":[{"Account":{"Nmae":"x"}}]}"#;
    let (status, message) = refused(&empty, "POST", "/_chime/seed", wrong);
    assert!(status == 400 && message.contains("Organisations[0].Account.Nmae"), "{message}");
    assert_eq!(ask(&empty, "POST", "/_chime/seed", "\0").0, 400);
}

#[test]
fn an_account_whose_domains_were_released_can_be_deleted() {
    let bench = Bench::sample();
    let account = format!("/accounts/{}", crate::sample::ENTERPRISE_ACCOUNT_ID);
    let ana = format!("{account}/users/{}", crate::sample::ANA_ID);
    assert_eq!(bench.send("DELETE", &account, "").status(), 422);
    for (domain, status) in [("nobody.example", 404), ("Example%2eCOM", 204), ("example.com", 404)]
    {
        let target = format!("/_chime/domains/{domain}");
        assert_eq!(ask(&bench, "DELETE", &target, "").0, status, "{domain}");
    }
    let user = bench.send("GET", &ana, "").json();
    assert_eq!(user["User"]["UserRegistrationStatus"], "Suspended");
    assert_eq!(bench.send("DELETE", &account, "").status(), 204);
}

#[test]
fn a_reset_restores_the_initial_state() {
    let bench = Bench::sample();
    let target = format!("/accounts/{}", crate::sample::TEAM_ACCOUNT_ID);
    bench.send("DELETE", &target, "");
    assert_eq!(bench.send("GET", &target, "").status(), 404);
    assert_eq!(ask(&bench, "POST", "/_chime/reset", "").0, 204);
    assert_eq!(bench.send("GET", &target, "").status(), 200);
}

#[test]
fn the_delivery_of_events_can_be_set_within_its_range_and_is_reset() {
    let bench = Bench::sample();
    let delivery = "/_chime/events/delivery";
    let before = ask(&bench, "GET", delivery, "");
    let (_, set) = ask(&bench, "PUT", delivery, r#"{"EventLoss": 1.0, "EventReorder": 2}"#);
    assert_eq!((&set["EventLoss"], &set["EventReorder"]), (&json!(1.0), &json!(2)));
    let (status, message) =
        refused(&bench, "PUT", delivery, r#"{"EventLoss": 7, "EventDuplicates": -0.1}"#);
    let expected = "EventLoss: must be between 0 and 1; EventDuplicates: must be between 0 and 1";
    assert_eq!((status, message.as_str()), (400, expected));
    assert_eq!(ask(&bench, "GET", delivery, ""), (200, set));
    assert_eq!(ask(&bench, "POST", "/_chime/reset", "").0, 204);
    assert_eq!(ask(&bench, "GET", delivery, ""), before);
}

#[test]
fn the_root_lists_all_requests() {
    let (status, verbs) = ask(&Bench::sample(), "GET", "/_chime/", "");
    assert_eq!(status, 200);
    for verb in ["GET state", "PUT snapshots/NAME", "DELETE domains/NAME"] {
        assert!(verbs["Verbs"][verb].is_string(), "{verb} in {verbs}");
    }
}

#[test]
fn unknown_paths_and_wrong_methods_have_different_statuses() {
    let bench = Bench::sample();
    for (method, target, status) in [
        ("PUT", "/_chime/", 405),
        ("GET", "/_chime/%ff", 400),
        ("GET", "/_chime/nothing", 404),
        ("GET", "/_chime/clock/", 404),
        ("GET", "/_chime/snapshots/a/b", 404),
        ("POST", "/_chime/clock", 405),
        ("PUT", "/_chime/seed", 405),
        ("POST", "/_chime/state", 405),
        ("GET", "/_chime/clock/advance", 405),
        ("DELETE", "/_chime/faults", 405),
        ("PUT", "/_chime/domains/example.com", 405),
        ("GET", "/_chime/domains", 404),
        ("POST", "/_chime/snapshots", 405),
        ("GET", "/_chime/snapshots/a/restore", 405),
    ] {
        assert_eq!(refused(&bench, method, target, "").0, status, "{method} {target}");
    }
}

#[test]
fn every_request_needs_the_token() {
    let bench = Bench::sample();
    let mut targets: Vec<_> = VERBS.iter().map(|(verb, _)| verb.replace("NAME", "x")).collect();
    targets.extend(["GET ", "GET nothing", "DELETE domains/example.com"].map(str::to_owned));
    for verb in targets {
        let (method, path) = verb.split_once(' ').unwrap();
        let mut wrong = request(method, &format!("/_chime/{path}"), "{}");
        let response =
            at_once(exchange::handle(bench.chime.engine(), connection(true), &wrong)).unwrap();
        assert_eq!(response.status(), 401, "{verb}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        wrong.headers_mut().insert("authorization", "Bearer the-token-of-others".parse().unwrap());
        assert_eq!(ask_from(connection(true), &bench, wrong).0, 401, "{verb}");
    }
    let user = format!("/accounts/{}/users", crate::sample::ENTERPRISE_ACCOUNT_ID);
    assert_eq!(bench.send("GET", &user, "").status(), 200);
}

#[test]
fn a_weak_token_is_refused() {
    let config = crate::Config { control_token: Some("weak".into()), ..Default::default() };
    let error = crate::LocalChime::new(config).unwrap_err().to_string();
    assert!(error.contains("ControlToken") && !error.contains("weak"), "{error}");
}

#[test]
fn only_direct_requests_from_this_machine_are_accepted() {
    let bench = Bench::sample();
    let reset = || control_request("POST", "/_chime/reset", "");
    let (status, body) = ask_from(connection(false), &bench, reset());
    let message = body["Message"].as_str().unwrap();
    assert_eq!(status, 404);
    assert!(message.starts_with("No operation has the method and path POST /_chime/"), "{message}");
    let mapped = Connection { peer: "::ffff:127.0.0.1".parse().unwrap(), ..connection(true) };
    assert_eq!(ask_from(mapped, &bench, reset()).0, 204);
    let mut posted = reset();
    posted.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(ask_from(connection(true), &bench, posted).0, 403);
    let mut rebound = reset();
    rebound.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(ask_from(connection(true), &bench, rebound).0, 403);
    let mut forwarded = reset();
    forwarded.headers_mut().insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
    assert_eq!(ask_from(connection(true), &bench, forwarded).0, 403);
    // Calls in process have no control endpoint, because `LocalChime` has methods.
    assert_eq!(bench.handle(&reset()).status(), 404);
}
