//! Tests of batches with more items than a service accepts in one request.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use chime_client::model::chime::*;
use chime_client::{CallOptions, Client, Config, Credentials, ErrorKind};
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tower::service_fn;

use crate::scripted::scripted;

fn users(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn many_items_are_sent_in_batches_and_their_failures_are_merged() {
    let failed = |user: &str| (200, json!({ "UserErrors": [{ "UserId": user }] }));
    let (client, seen) = scripted([failed("7"), (200, json!({ "UserErrors": [] })), failed("110")]);
    let response = client.send_in_batches(BatchSuspendUserRequest::new("a", users(120))).await;
    let failures = response.unwrap().user_errors.unwrap();
    let failed: Vec<_> = failures.into_iter().map(|error| error.user_id.unwrap()).collect();
    assert_eq!(failed, ["7", "110"]);
    let sent: Vec<Value> =
        seen.lock().unwrap().iter().map(|(_, body)| body["UserIdList"].clone()).collect();
    assert_eq!(
        sent.iter().map(|ids| ids.as_array().unwrap().len()).collect::<Vec<_>>(),
        [50, 50, 20]
    );
    let ids: Vec<&Value> = sent.iter().flat_map(|ids| ids.as_array().unwrap()).collect();
    assert!(ids.into_iter().eq(&users(120)), "all items are sent in order");
}

#[tokio::test]
async fn a_batch_is_as_large_as_the_service_accepts() {
    let fine = || (200, json!({}));
    let (client, seen) = scripted([fine(), fine(), fine(), fine()]);
    let items = users(21).into_iter().map(UpdateUserRequestItem::new);
    let response = client.send_in_batches(BatchUpdateUserRequest::new("a", items)).await.unwrap();
    assert_eq!(response.user_errors, None);
    // No limit is documented for this operation.
    client.send_in_batches(BatchDeletePhoneNumberRequest::new(users(51))).await.unwrap();
    let seen = seen.lock().unwrap();
    let sizes = seen.iter().map(|(_, body)| {
        let mut lists = body.as_object().unwrap().values();
        lists.next().unwrap().as_array().unwrap().len()
    });
    assert!(sizes.eq([20, 1, 50, 1]));
}

#[tokio::test]
async fn the_error_of_a_batch_has_the_remaining_items_and_the_responses_so_far() {
    let failed = (200, json!({ "UserErrors": [{ "UserId": "7" }] }));
    let (client, _) = scripted([failed, (500, json!({}))]);
    let request = BatchSuspendUserRequest::new("a", users(120));
    let error = client.send_in_batches(request).await.unwrap_err();
    assert_eq!(error.done.as_ref().unwrap().user_errors.as_ref().unwrap().len(), 1);
    assert!(error.rest.user_id_list.iter().map(UserId::as_str).eq(&users(120)[50..]));
    assert!(error.error.may_have_acted());
    assert_eq!(error.error.service().unwrap().status, 500);
    let told = error.to_string();
    assert!(told.starts_with("BatchSuspendUser: "), "{told}");
    assert!(told.ends_with(" (after batches with 50 items)"), "{told}");
    // It converts like any other error.
    let _: Box<dyn std::error::Error + Send + Sync> = error.into();
}

#[tokio::test]
async fn an_invalid_item_is_named_and_nothing_is_sent() {
    let (client, seen) = scripted([]);
    let mut ids = users(120);
    ids[70] = " ".to_owned();
    let error = client.send_in_batches(BatchSuspendUserRequest::new("a", ids)).await.unwrap_err();
    assert_eq!(error.to_string(), "BatchSuspendUser: UserIdList[70]: must not be blank");
    assert_eq!(error.rest.user_id_list.len(), 120);
    let none = BatchDeletePhoneNumberRequest::new(users(0));
    let error = client.send_in_batches(none).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "BatchDeletePhoneNumber: PhoneNumberIds: must have at least 1 items, has 0"
    );
    assert!(seen.lock().unwrap().is_empty());
}

/// A client of a service that takes a second for each batch, and fails batches with this item. Also returns the
/// maximum number of concurrent calls.
fn slow(failing: &'static str) -> (Client, Arc<AtomicUsize>) {
    let most = Arc::new(AtomicUsize::new(0));
    let (running, seen) = (Arc::new(AtomicUsize::new(0)), most.clone());
    let service = service_fn(move |request: Request<Bytes>| {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let ids: Vec<String> = serde_json::from_value(body["UserIdList"].clone()).unwrap();
        let (running, seen) = (running.clone(), seen.clone());
        async move {
            seen.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
            sleep(Duration::from_secs(1)).await;
            running.fetch_sub(1, SeqCst);
            let errors: Vec<_> = ids.iter().map(|id| json!({ "UserId": id })).collect();
            let status = if ids.iter().any(|id| id == failing) { 400 } else { 200 };
            let body = json!({ "UserErrors": errors }).to_string();
            Ok::<_, Infallible>(Response::builder().status(status).body(Bytes::from(body)).unwrap())
        }
    });
    let config = Config::new(Credentials::new("AKID", "secret"));
    (Client::with_http_service(config, service).unwrap(), most)
}

fn ids(response: Option<BatchSuspendUserResponse>) -> Vec<String> {
    let errors = response.and_then(|it| it.user_errors).unwrap_or_default();
    errors.into_iter().map(|error| error.user_id.unwrap().into()).collect()
}

#[tokio::test(start_paused = true)]
async fn responses_to_concurrent_batches_are_merged_in_order() {
    let (client, most) = slow("none");
    let request = BatchSuspendUserRequest::new("a", users(500));
    let started = Instant::now();
    let response = client.send_in_batches(request).concurrency(4).await.unwrap();
    assert_eq!(ids(Some(response)), users(500));
    assert_eq!((most.load(SeqCst), started.elapsed()), (4, Duration::from_secs(3)));
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_no_further_batch_is_sent_and_no_response_is_lost() {
    let (client, most) = slow("160");
    let request = BatchSuspendUserRequest::new("a", users(500));
    let error = client.send_in_batches(request).concurrency(2).await.unwrap_err();
    let all = users(500);
    // Batch 4 failed while batch 3 was in flight.
    assert_eq!(ids(error.done), all[..150]);
    let rest: Vec<_> = error.rest.user_id_list.iter().map(UserId::as_str).collect();
    assert_eq!((rest, error.done_items), (all[150..].iter().map(|id| &**id).collect(), 150));
    assert_eq!(most.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn one_deadline_covers_all_batches() {
    let (client, _) = slow("none");
    let end = Instant::now() + Duration::from_millis(2500);
    let client = client.with_options(CallOptions::new().deadline(end.into_std()));
    let request = BatchSuspendUserRequest::new("a", users(500));
    let error = client.send_in_batches(request).await.unwrap_err();
    assert_eq!((Instant::now(), error.done_items, error.rest.user_id_list.len()), (end, 100, 400));
    assert!(matches!(error.error.kind(), ErrorKind::Transport(_)));
}
