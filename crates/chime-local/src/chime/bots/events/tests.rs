//! Tests of the events configurations.

use serde_json::{Value, json};

use crate::sample::*;
use crate::testing::{Answer, Bench};

const HTTPS: &str = r#"{"OutboundEventsHTTPSEndpoint":"https://bots.example.com/hook"}"#;

/// An emulator with a bot, and the path of its events configuration.
fn bench() -> (Bench, String) {
    let bench = Bench::sample();
    let bots = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/bots");
    let made = bench.send("POST", &bots, r#"{"DisplayName":"myBot"}"#).json();
    let id = made["Bot"]["BotId"].as_str().unwrap();
    (bench, format!("{bots}/{id}/events-configuration"))
}

fn put(bench: &Bench, target: &str, endpoint: &str) -> Answer {
    let body = json!({"OutboundEventsHTTPSEndpoint": endpoint}).to_string();
    bench.send("PUT", target, &body)
}

fn get(bench: &Bench, target: &str) -> Value {
    bench.send("GET", target, "").json()["EventsConfiguration"].clone()
}

#[test]
fn a_configuration_is_replaced_as_a_whole() {
    let (bench, target) = bench();
    let bot = target.split('/').nth(4).unwrap();
    let made = bench.send("PUT", &target, HTTPS);
    assert_eq!(made.status(), 201);
    let expected = json!({
        "BotId": bot, "LambdaFunctionArn": null,
        "OutboundEventsHTTPSEndpoint": "https://bots.example.com/hook",
    });
    assert_eq!(made.json(), json!({"EventsConfiguration": expected}));
    assert_eq!(get(&bench, &target), expected);

    let function = "arn:aws:lambda:us-east-1:111122223333:function:bot";
    let replaced = bench.send("PUT", &target, &json!({"LambdaFunctionArn": function}).to_string());
    assert_eq!(replaced.status(), 201);
    let expected =
        json!({"BotId": bot, "LambdaFunctionArn": function, "OutboundEventsHTTPSEndpoint": null});
    assert_eq!(get(&bench, &target), expected);

    let both = json!({
        "BotId": bot, "LambdaFunctionArn": function,
        "OutboundEventsHTTPSEndpoint": "https://bots.example.com/hook",
    });
    assert_eq!(bench.send("PUT", &target, &both.to_string()).status(), 201);
    assert_eq!(get(&bench, &target), both);
}

#[test]
fn an_endpoint_or_a_function_is_required() {
    let (bench, target) = bench();
    for body in ["{}", r#"{"LambdaFunctionArn":" "}"#] {
        let refused = bench.send("PUT", &target, body);
        assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
    }
    assert_eq!(bench.send("GET", &target, "").status(), 404);
}

#[test]
fn endpoints_without_tls_must_be_on_this_machine() {
    let (bench, target) = bench();
    for endpoint in [
        "https://bots.example.com",
        "HTTPS://bots.example.com:8443/hook?x=1",
        "http://localhost:8080/hook",
        "http://127.0.0.1/",
        "http://[::1]:9/hook",
    ] {
        assert_eq!(put(&bench, &target, endpoint).status(), 201, "{endpoint}");
    }
    let kept = get(&bench, &target);
    for endpoint in [
        "http://bots.example.com/hook",
        "http://localhost@bots.example.com/",
        "http://localhost.example.com/",
        "http://10.0.0.1/",
        "ftp://localhost/",
        "https://",
        "https:hook",
        "bots.example.com",
        "",
        "two words",
    ] {
        let refused = put(&bench, &target, endpoint);
        assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
        let message = refused.json()["Message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("OutboundEventsHTTPSEndpoint: "), "{message}");
    }
    assert_eq!(get(&bench, &target), kept);
}

#[test]
fn a_configuration_can_be_deleted_again() {
    let (bench, target) = bench();
    assert_eq!(bench.send("DELETE", &target, "").status(), 204);
    bench.send("PUT", &target, HTTPS);
    for _ in 0..2 {
        assert_eq!(bench.send("DELETE", &target, "").status(), 204);
        let gone = bench.send("GET", &target, "");
        assert_eq!((gone.status(), gone.exception()), (404, "NotFoundException"));
    }
}

#[test]
fn an_existing_bot_is_required() {
    let bench = Bench::sample();
    for (account, status, exception) in [
        (ENTERPRISE_ACCOUNT_ID, 404, "NotFoundException"),
        (TEAM_ACCOUNT_ID, 403, "ForbiddenException"),
        ("missing", 404, "NotFoundException"),
    ] {
        let target = format!("/accounts/{account}/bots/none/events-configuration");
        for (method, body) in [("PUT", HTTPS), ("GET", ""), ("DELETE", "")] {
            let refused = bench.send(method, &target, body);
            assert_eq!((refused.status(), refused.exception()), (status, exception), "{method}");
        }
    }
}
