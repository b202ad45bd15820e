//! Tests of waiters, which repeat a request until a resource is in a given state.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use chime_client::model::{chime, media_pipelines, waiter};
use chime_client::{CallOptions, WaitError, request_id};
use serde_json::{Value, json};
use tokio::time::Instant;

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
    let wait = client.wait(get_order()).for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL);
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
async fn a_wait_ends_at_its_timeout_or_at_the_deadline_of_the_client() {
    let seconds = Duration::from_secs;
    for (timeout, deadline) in [(30, None), (300, Some(20)), (10, Some(20))] {
        let (mut client, _) = scripted(std::iter::repeat_n(order("Processing"), 100));
        let started = Instant::now();
        if let Some(deadline) = deadline {
            let end = (started + seconds(deadline)).into_std();
            client = client.with_options(CallOptions::new().deadline(end));
        }
        let wait = client.wait(get_order()).timeout(seconds(timeout));
        let wait = wait.pauses(seconds(1), seconds(2));
        let error = wait.for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL).await.unwrap_err();
        assert!(matches!(error, WaitError::Timeout { operation: "GetPhoneNumberOrder" }));
        let end = seconds(deadline.unwrap_or(timeout).min(timeout));
        let waited = started.elapsed();
        assert!(waited < end && waited + seconds(2) >= end, "{waited:?}");
    }
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
