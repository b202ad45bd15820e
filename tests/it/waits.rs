//! Tests of waiters, which repeat a request until a resource is in a given state.

use std::convert::Infallible;
use std::future::pending;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use bytes::Bytes;
use chime_client::model::{chime, media_pipelines, waiter};
use chime_client::{CallOptions, Client, Config, Credentials, WaitError, request_id};
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tower::service_fn;

use crate::scripted::scripted;

const ID: &str = "5d1c0e7a-93b2-4f68-8a04-e2c7b6f19d35";

fn order(status: &str) -> (u16, Value) {
    (200, json!({ "PhoneNumberOrder": { "Status": status } }))
}

fn pipeline(kind: &str, status: &str) -> (u16, Value) {
    (200, json!({ "MediaPipeline": { kind: { "Status": status } } }))
}

fn get_order() -> chime::GetPhoneNumberOrderRequest {
    chime::GetPhoneNumberOrderRequest::new(ID)
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_response_that_shows_the_state() {
    let states = ["Processing", "Processing", "Odd", "Successful"];
    let (client, seen) = scripted(states.map(order));
    let started = Instant::now();
    let wait = client.wait(get_order()).timeout(Duration::MAX);
    let wait = wait.for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL);
    let status = wait.await.unwrap().phone_number_order.unwrap().status.unwrap();
    assert_eq!(status, chime::PhoneNumberOrderStatus::Successful);
    assert_eq!(seen.lock().unwrap().len(), 4);
    // 2, 4 and 8 s, each shortened by up to a half.
    let paused = started.elapsed().as_secs_f64();
    assert!((7.0..=14.1).contains(&paused), "{paused} s");
}

#[tokio::test(start_paused = true)]
async fn a_failure_state_and_an_error_end_a_wait() {
    let (client, _) = scripted([order("Processing"), order("Partial")]);
    let wait = client.wait(get_order()).for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL);
    let error = wait.await.unwrap_err();
    assert!(matches!(&error, WaitError::State { state, .. } if state == "Partial"), "{error}");
    let (client, _) = scripted([(404, json!({ "Code": "NotFound" }))]);
    let wait = client.wait(get_order()).for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL);
    let WaitError::Call(error) = wait.await.unwrap_err() else { panic!("a call failed") };
    assert_eq!(error.service().unwrap().status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_wait_calls_once_more_shortly_before_its_timeout_or_the_deadline_of_the_client() {
    let seconds = Duration::from_secs;
    for (timeout, deadline, pause, last) in [
        (30, None, 1, 29),
        (300, Some(20), 1, 19),
        (10, Some(20), 1, 9),
        (30, None, 60, 15),
        (30, None, u64::MAX, 15),
    ] {
        let (mut client, _) = scripted(std::iter::repeat_n(order("Processing"), 100));
        let started = Instant::now();
        if let Some(deadline) = deadline {
            let end = (started + seconds(deadline)).into_std();
            client = client.with_options(CallOptions::new().deadline(end));
        }
        let wait = client.wait(get_order()).timeout(seconds(timeout));
        let wait = wait.pauses(seconds(pause), seconds(pause.saturating_mul(2)));
        let mut calls = Vec::new();
        let result = wait.until(|_| {
            calls.push(started.elapsed().as_secs());
            Continue::<()>(())
        });
        let error = result.await.unwrap_err();
        assert!(matches!(error, WaitError::Timeout { operation: "GetPhoneNumberOrder" }));
        assert_eq!(calls.last(), Some(&last), "{calls:?}");
        assert!(pause == 1 || calls == [0, last], "{calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_wait_ends_a_call_without_a_response() {
    let silent = service_fn(|_: Request<Bytes>| pending::<Result<Response<Bytes>, Infallible>>());
    let second = Duration::from_secs(1);
    let wait = async |client: Client| {
        let started = Instant::now();
        let wait = client.wait(get_order()).timeout(second);
        let wait = wait.for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL);
        let result = timeout(second * 60, wait).await.expect("the wait ends by itself");
        assert_eq!(started.elapsed().as_secs(), 1);
        result.unwrap_err()
    };
    let error = wait(Client::over(silent)).await;
    assert!(matches!(error, WaitError::Timeout { operation: "GetPhoneNumberOrder" }), "{error}");
    // A stack that enforces the deadline returns an error with more details.
    let config = Config::new(Credentials::new("a", "s"));
    let error = wait(Client::with_http_service(config, silent).unwrap()).await;
    let WaitError::Call(error) = error else { panic!("the call failed: {error}") };
    assert!(error.may_have_acted());
}

#[test]
fn debug_does_not_show_the_input_of_a_wait() {
    let Value::Object(input) = json!({ "PhoneNumberOrderId": ID }) else { panic!() };
    let wait = scripted([]).0.wait_call(input);
    let shown = format!("{wait:?}");
    assert!(shown.contains("timeout: 600s") && !shown.contains(ID), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn typed_and_untyped_waits_handle_pipelines_of_any_kind() {
    use waiter::media_pipelines::MEDIA_PIPELINE_STOPPED;
    for kind in ["MediaCapturePipeline", "MediaStreamPipeline", "MediaInsightsPipeline"] {
        let states = || ["Initializing", "InProgress", "Stopped"].map(|it| pipeline(kind, it));
        let (client, _) = scripted(states());
        let request = media_pipelines::GetMediaPipelineRequest::new(ID);
        client.wait(request).for_state(MEDIA_PIPELINE_STOPPED).await.unwrap();
        let (client, seen) = scripted(states());
        let Value::Object(input) = json!({ "MediaPipelineId": ID }) else { panic!() };
        let found = waiter::all().find(|it| it.name == "MediaPipelineStopped").unwrap();
        let response = client.wait_call(input).for_info(found).await.unwrap();
        assert_eq!(response["MediaPipeline"][kind]["Status"], "Stopped");
        assert_eq!(seen.lock().unwrap().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_receives_errors_too() {
    let gone = (404, json!({ "Code": "NotFound" }));
    let (client, seen) = scripted([order("Processing"), (500, json!({})), gone]);
    let wait = client.wait(get_order()).until(|outcome| match outcome {
        Err(error) if error.service().is_some_and(|it| it.status == 404) => Break(()),
        _ => Continue(()),
    });
    wait.await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_successful_response_has_its_request_id() {
    let client = super::lists::local();
    let response = client.send_for_response(chime::ListAccountsRequest::new()).await.unwrap();
    assert!(request_id(response.headers()).is_some_and(|id| id.len() == 36));
    assert!(response.body().accounts.is_some());
    let row = chime::API.operation("ListAccounts").unwrap();
    let response = client.call(row, serde_json::Map::new()).await.unwrap();
    assert!(request_id(response.headers()).is_some_and(|id| id.len() == 36));
}
