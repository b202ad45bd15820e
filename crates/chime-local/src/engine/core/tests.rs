//! Tests of the order of the steps, the headers of responses, and the separation of AWS accounts.

use chime_model::chime::UpdateRoomMembershipResponse;
use http::Method;
use serde_json::json;
use tower::Service;

use super::*;
use crate::Config;
use crate::engine::faults::{Fault, FaultError, Throttle};
use crate::engine::store::Intent;
use crate::sample::*;
use crate::testing::{Bench, at_once, request, sign};

#[test]
fn an_unknown_route_is_refused_before_the_signature_is_checked() {
    let bench = Bench::sample();
    for (method, target) in [
        ("GET", "/nowhere"),
        ("PATCH", "/accounts"),
        ("POST", "/accounts/a/users/u?operation=unknown"),
        ("POST", "/accounts?operation=unknown"),
        ("DELETE", "/accounts/a?operation=%FF"),
        ("GET", "/accounts//users"),
    ] {
        let answer = bench.handle(&request(method, target, ""));
        let known = target == "/accounts//users";
        let expected =
            if known { "MissingAuthenticationTokenException" } else { "UnknownOperationException" };
        assert_eq!(answer.exception(), expected, "{method} {target}");
        assert_eq!(answer.status(), if known { 403 } else { 404 });
    }
}

#[test]
fn the_signature_is_checked_before_the_body() {
    let bench = Bench::sample();
    let unsigned = bench.handle(&request("POST", "/accounts", "no json"));
    assert_eq!(unsigned.exception(), "MissingAuthenticationTokenException");
    let signed = bench.send("POST", "/accounts", "no json");
    assert_eq!((signed.status(), signed.exception()), (400, "BadRequestException"));
}

#[test]
fn the_message_names_the_violated_constraint() {
    let bench = Bench::sample();
    let users = format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add");
    for (target, body, message) in [
        ("/accounts", "{}", "Name: is required"),
        ("/accounts", r#"{"Name":7}"#, "Name: must be a string"),
        ("/accounts", r#"{"Name":" "}"#, "Name: must not be blank"),
        (&users, r#"{"UserEmailList":["nobody"]}"#, "UserEmailList[0]: must match `.+@.+\\..+`"),
        (&users, r#"{"UserEmailList":[]}"#, "UserEmailList: must not be empty"),
    ] {
        let answer = bench.send("POST", target, body);
        assert_eq!(answer.status(), 400, "{body}");
        assert_eq!(answer.json()["Message"], message, "{body}");
        assert_eq!(answer.json()["Code"], "BadRequest");
    }
    for limit in ["0", "201", "many"] {
        let answer = bench.send("GET", &format!("/accounts?max-results={limit}"), "");
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{limit}");
    }
}

#[test]
fn every_response_has_the_headers_of_the_service() {
    let bench = Bench::sample();
    let room = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms/{ROOM_ID}");
    let answers = [
        bench.send("GET", "/accounts", ""),
        bench.send("DELETE", &room, ""),
        bench.send("DELETE", &room, ""),
        bench.handle(&request("GET", "/nowhere", "")),
        bench.handle(&request("GET", "/accounts", "")),
    ];
    assert_eq!(answers.iter().map(|a| a.status()).collect::<Vec<_>>(), [200, 204, 404, 404, 403]);
    let mut ids = Vec::new();
    for answer in &answers {
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("date"), Some("Wed, 05 Mar 2025 12:00:00 GMT"));
        ids.push(answer.header("x-amzn-requestid").unwrap());
        assert_eq!(ids.last().unwrap().len(), 36);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
    assert!(answers[1].0.body().is_empty());
}

#[test]
fn signatures_stay_valid_when_the_clock_is_moved() {
    let bench = Bench::sample();
    bench.chime.clock().shift(time::Duration::days(7));
    let made = bench.send("POST", "/accounts", r#"{"Name":"Next week"}"#);
    assert_eq!(made.status(), 201);
    assert_eq!(made.header("date"), Some("Wed, 05 Mar 2025 12:00:00 GMT"));
    assert_eq!(made.json()["Account"]["CreatedTimestamp"], "2025-03-12T12:00:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn fault_rules_apply_to_authenticated_callers_only() {
    let bench = Bench::sample();
    let throttle = Throttle { rate: 1.0, burst: 1 };
    bench.chime.set_faults(Faults { throttle: Some(throttle), ..Faults::default() }).unwrap();
    for _ in 0..3 {
        assert_eq!(bench.handle(&request("GET", "/accounts", "")).status(), 403);
    }
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
    let throttled = bench.send("GET", "/accounts", "");
    assert_eq!((throttled.status(), throttled.exception()), (429, "ThrottledClientException"));
    assert_eq!(throttled.json(), json!({"Code": "Throttled", "Message": "Rate exceeded"}));
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
    bench.chime.set_faults(Faults::default()).unwrap();
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
}

#[test]
fn a_cut_tells_whether_the_call_was_applied() {
    let bench = Bench::sample();
    let call = |point, body| {
        let fault = Fault { cut: Some(point), times: Some(1), ..Fault::default() };
        bench.chime.set_faults(Faults { faults: vec![fault], ..Faults::default() }).unwrap();
        let mut request = request("POST", "/accounts", body);
        sign(&mut request, &bench.caller, bench.clock.now());
        let cut = at_once(bench.chime.engine().handle(&request)).unwrap_err();
        assert_eq!(cut.operation(), "CreateAccount");
        assert_eq!(bench.chime.faults().faults[0].times, Some(0));
        let made = bench.send("GET", "/accounts?name=Cut", "").json();
        (cut.applied(), made["Accounts"].as_array().unwrap().len())
    };
    assert_eq!(call(CutPoint::Before, r#"{"Name":"Cut"}"#), (false, 0));
    assert_eq!(call(CutPoint::After, "{}"), (false, 0));
    assert_eq!(call(CutPoint::After, r#"{"Name":"Cut"}"#), (true, 1));
}

#[tokio::test(start_paused = true)]
async fn a_delay_comes_before_the_effect_of_the_call() {
    let bench = Bench::sample();
    let fault = Fault { delay_millis: Some(90_000), ..Fault::default() };
    bench.chime.set_faults(Faults { faults: vec![fault], ..Faults::default() }).unwrap();
    let mut request = request("POST", "/accounts", r#"{"Name":"Late"}"#);
    sign(&mut request, &bench.caller, bench.clock.now());
    let start = tokio::time::Instant::now();
    let late = bench.chime.engine().handle(&request);
    assert!(tokio::time::timeout(std::time::Duration::from_secs(89), late).await.is_err());
    let response = bench.chime.engine().handle(&request).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(start.elapsed().as_secs(), 89 + 90);
    bench.chime.set_faults(Faults::default()).unwrap();
    let made = bench.send("GET", "/accounts?name=Late", "").json();
    assert_eq!(made["Accounts"].as_array().unwrap().len(), 1);
}

#[test]
fn random_faults_are_reproducible_and_do_not_change_ids() {
    let outcome = |probability| {
        let fault = Fault {
            probability,
            error: Some(FaultError::new("NotFoundException")),
            ..Fault::default()
        };
        let faults = Faults { faults: vec![fault], ..Faults::default() };
        let bench = Bench::new(Config { faults, ..Config::sample() });
        let failed: Vec<bool> =
            (0..32).map(|_| bench.send("GET", "/accounts", "").status() == 404).collect();
        bench.chime.set_faults(Faults::default()).unwrap();
        let made = bench.send("POST", "/accounts", r#"{"Name":"One"}"#).json();
        (failed, made["Account"]["AccountId"].clone())
    };
    let (some, id) = outcome(0.5);
    assert!(some.contains(&true) && some.contains(&false));
    assert_eq!(outcome(0.5), (some, id.clone()));
    assert_eq!(outcome(0.0).1, id);
}

#[test]
fn a_path_may_start_with_console() {
    let bench = Bench::sample();
    let answer = bench.send("GET", &format!("/console/accounts/{TEAM_ACCOUNT_ID}"), "");
    assert_eq!(answer.json()["Account"]["Name"], "Lakeside Support");
}

#[test]
fn aws_accounts_are_separate() {
    let other = Credential {
        access_key_id: "AKIDOTHER".to_owned(),
        secret_access_key: "other".into(),
        aws_account_id: "444455556666".into(),
        ..Credential::default()
    };
    let credentials = vec![Credential::default(), other.clone()];
    let bench = Bench::new(Config { credentials, ..Config::sample() });
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    assert_eq!(bench.send_as(&other, "GET", &account, "").status(), 404);
    assert_eq!(bench.send_as(&other, "DELETE", &account, "").status(), 404);
    assert_eq!(bench.send_as(&other, "GET", "/accounts", "").json()["Accounts"], json!([]));
    let made = bench.send_as(&other, "POST", "/accounts", r#"{"Name":"Theirs"}"#).json();
    assert_eq!(made["Account"]["AwsAccountId"], "444455556666");
    assert_eq!(bench.send("GET", "/accounts?name=Theirs", "").json()["Accounts"], json!([]));
    let token = bench.send("GET", "/accounts?max-results=1", "").json()["NextToken"].clone();
    let foreign = format!("/accounts?max-results=1&next-token={}", token.as_str().unwrap());
    assert_eq!(bench.send_as(&other, "GET", &foreign, "").status(), 400);
    assert_eq!(bench.send("GET", &foreign, "").status(), 200);
}

#[test]
fn other_requests_do_not_change_the_ids_of_resources() {
    let made = |noise: usize| {
        let bench = Bench::sample();
        for _ in 0..noise {
            bench.handle(&request("GET", "/nowhere", ""));
        }
        bench.send("POST", "/accounts", r#"{"Name":"One"}"#).json()["Account"]["AccountId"].clone()
    };
    assert_eq!(made(0), made(3));
}

#[test]
fn clones_share_their_state_and_serve_through_tower() {
    let bench = Bench::sample();
    let member = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms/{ROOM_ID}/memberships/{BO_ID}");
    let mut signed = request("POST", &member, r#"{"Role":"Administrator"}"#);
    sign(&mut signed, &bench.caller, bench.clock.now());
    let response = at_once(bench.chime.clone().call(signed)).unwrap();
    let response: UpdateRoomMembershipResponse = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.room_membership.unwrap().role.unwrap().as_str(), "Administrator");
    let list = member.trim_end_matches(BO_ID).trim_end_matches('/');
    let listed = bench.send(Method::GET.as_str(), list, "").json();
    assert_eq!(listed["RoomMemberships"][0]["Role"], "Administrator");
    assert_eq!(listed["RoomMemberships"][0]["Member"]["FullName"], "Bo Lindqvist");
    assert_eq!(listed["RoomMemberships"][0]["UpdatedTimestamp"], "2025-03-05T12:00:00.000Z");
}

#[test]
fn a_poisoned_lock_does_not_stop_the_service() {
    let bench = Bench::sample();
    let chime = bench.chime.clone();
    let panicked = std::thread::spawn(move || {
        let _guard = chime.engine().0.store.lock();
        panic!("the state is locked");
    });
    assert!(panicked.join().is_err());
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
}

#[test]
fn a_path_prefix_names_the_service_and_is_part_of_the_signature() {
    let bench = Bench::sample();
    let answer = bench.send("GET", "/chime/accounts?max-results=1", "");
    assert_eq!(answer.json()["Accounts"][0]["Name"], "Example Corp");
    let mut moved = request("GET", "/accounts", "");
    sign(&mut moved, &bench.caller, bench.clock.now());
    *moved.uri_mut() = "/chime/accounts".parse().unwrap();
    assert_eq!(bench.handle(&moved).exception(), "SignatureDoesNotMatch");
    let unknown = bench.send("GET", "/chime-sdk-voice/accounts", "");
    assert_eq!(unknown.exception(), "UnknownOperationException");
}

#[test]
fn a_handler_that_fails_or_reads_changes_nothing() {
    let bench = Bench::sample();
    let state = || bench.chime.engine().store().state.rows().unwrap();
    let before = state();
    let cases = [(Intent::Write, true), (Intent::Read, false), (Intent::Read, true)];
    for (intent, fails) in cases {
        let outcome = bench.within(intent, |call| {
            let account = ENTERPRISE_ACCOUNT_ID.into();
            call.ids.guid();
            call.tenant.account_mut(&account)?.account.name = "Changed".to_owned();
            call.tenant.remove_user(&account, &ANA_ID.into(), call.now);
            call.tenant.within_mut(&account)?.remove_room(&ROOM_ID.into())?;
            call.tenant.remove_account(&TEAM_ACCOUNT_ID.into(), call.now);
            if fails { Err(common("Failed", 400, "after all")) } else { Ok(()) }
        });
        assert_eq!(outcome.is_err(), fails);
        assert!(state() == before);
    }
    // The index of email addresses is unchanged too.
    let found = bench.send("GET", "/accounts?user-email=ana%40example.com", "").json();
    assert_eq!(found["Accounts"][0]["Name"], "Example Corp");
}
