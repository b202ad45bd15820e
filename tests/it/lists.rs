//! Tests of lists, their pages and their streams.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use chime_client::model::{BatchOperation, PagedOperation, chime::*};
use chime_client::{Client, Config, Credentials, Error, ErrorKind};
use chime_local::{LocalChime, sample};
use futures_core::stream::{FusedStream, Stream};
use http::{Request, Response};
use serde_json::{Value, from_value, json};
use tower::limit::ConcurrencyLimit;
use tower::service_fn;

use crate::scripted::scripted;

pub(crate) fn local() -> Client {
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    Client::with_http_service(Config::new(key), LocalChime::sample()).unwrap()
}

fn rooms() -> ListRoomsRequest {
    ListRoomsRequest::new("an-account")
}

fn page(room: &str, token: Value) -> (u16, Value) {
    (200, json!({ "Rooms": [{ "RoomId": room }], "NextToken": token }))
}

#[tokio::test]
async fn the_items_are_the_same_for_all_page_sizes() {
    let client = local();
    let request = || ListUsersRequest::new(sample::ENTERPRISE_ACCOUNT_ID);
    let all = client.chime().list_users(request()).await.unwrap();
    assert_eq!(all.next_token, None);
    let all = all.users.unwrap();
    for size in 1..=4 {
        let listed = client.items(request().max_results(size)).into_vec().await.unwrap();
        assert_eq!(listed, all);
        let mut pages = client.pages(request().max_results(size));
        let mut count = 0;
        while let Some(page) = pages.next().await {
            assert!(page.unwrap().users.unwrap().len() <= size as usize);
            count += 1;
        }
        assert_eq!(count, all.len().div_ceil(size as usize));
        assert!(pages.rest().is_none());
    }
}

#[tokio::test]
async fn each_page_is_fetched_when_it_is_requested() {
    let (client, seen) = scripted([page("a", json!("2 &")), page("b", json!(""))]);
    let mut pages = client.pages(rooms());
    assert_eq!(seen.lock().unwrap().len(), 0);
    pages.next().await.unwrap().unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert_eq!(pages.rest().unwrap().next_token.as_deref(), Some("2 &"));
    pages.next().await.unwrap().unwrap();
    assert!(pages.next().await.is_none(), "an empty token ends the list");
    assert!(pages.next().await.is_none());
    let queries = seen.lock().unwrap().iter().map(|(query, _)| query.clone()).collect::<Vec<_>>();
    assert_eq!(queries, ["", "next-token=2%20%26"]);
}

#[tokio::test]
async fn a_failed_page_ends_the_list_and_can_be_requested_again() {
    let refusal = (400, json!({ "Code": "BadRequest" }));
    let (client, _) =
        scripted([page("a", json!("2")), refusal.clone(), page("b", json!("3")), refusal]);
    let mut pages = client.pages(rooms());
    pages.next().await.unwrap().unwrap();
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.service().unwrap().status, 400);
    assert!(pages.next().await.is_none());
    let rest = pages.rest().unwrap().clone();
    let mut rooms = client.items(rest);
    assert_eq!(rooms.next().await.unwrap().unwrap().room_id, Some("b".into()));
    rooms.next().await.unwrap().unwrap_err();
    assert!(rooms.next().await.is_none());
    assert_eq!(rooms.rest().unwrap().next_token.as_deref(), Some("3"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_yields_the_same_items() {
    async fn collected<S: FusedStream<Item = Result<T, Error>> + Unpin, T>(mut list: S) -> Vec<T> {
        let mut all = Vec::new();
        while let Some(next) = poll_fn(|cx| Pin::new(&mut list).poll_next(cx)).await {
            all.push(next.unwrap());
        }
        assert!(list.is_terminated());
        all
    }
    let responses = || [page("a", json!("2")), page("b", json!("3")), page("c", json!(null))];
    let (client, seen) = scripted(responses());
    let rooms_listed = collected(client.items(rooms())).await;
    let ids: Vec<_> = rooms_listed.into_iter().map(|room| room.room_id.unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(seen.lock().unwrap().len(), 3);
    // `next` returns the page whose call the stream has started, without another call.
    let (client, seen) = scripted(responses());
    let mut pages = client.pages(rooms());
    let begun = poll_fn(|cx| Poll::Ready(Pin::new(&mut pages).poll_next(cx).is_pending())).await;
    assert!(begun);
    pages.next().await.unwrap().unwrap();
    assert_eq!(pages.rest().unwrap().next_token.as_deref(), Some("2"));
    assert_eq!(collected(pages).await.len(), 2);
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_of_a_page_cancels_its_call() {
    let config = Config::new(Credentials::new("AKID", "secret"));
    let slow = service_fn(|_: Request<Bytes>| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, Infallible>(Response::new(Bytes::from("{}")))
    });
    let one_at_a_time = ConcurrencyLimit::new(slow, 1);
    let client = Client::with_http_service(config, one_at_a_time).unwrap();
    let mut pages = client.pages(rooms());
    tokio::time::timeout(Duration::from_millis(1), pages.next()).await.unwrap_err();
    client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap();
    assert!(pages.next().await.unwrap().unwrap().rooms.is_none());
}

#[tokio::test]
async fn a_cycle_of_page_tokens_is_an_error() {
    for length in 1..=5 {
        let circle = (0..length).cycle().map(|number| page("a", json!(number.to_string())));
        let (client, seen) = scripted(circle.take(20));
        let error = client.items(rooms()).into_vec().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Undecodable(_)));
        assert!(
            error.to_string().ends_with("its page token leads back to an earlier page"),
            "{error}"
        );
        assert!(seen.lock().unwrap().len() > length, "every page of the cycle was fetched");
    }
}

/// Checks that the row of a list matches its types. Returns the name of the operation.
fn check_list<O: PagedOperation>(request: &mut O) -> &'static str {
    fn is_stream<S: Stream<Item = Result<T, Error>> + Unpin + Send + Sync, T>(_: S) {}
    let paging = O::INFO.paging.as_ref().unwrap();
    request.set_token(Some("a-token"));
    let document = serde_json::to_value(&request).unwrap();
    assert_eq!(document[paging.input_token], "a-token");
    let page = json!({ paging.items: [], paging.output_token: "another" });
    let page: O::Output = from_value(page).unwrap();
    assert_eq!(O::next_token(&page), Some("another"));
    assert!(O::items(page).is_empty());
    let client = Client::over(LocalChime::sample());
    is_stream(client.pages(request.clone()));
    is_stream(client.items(request.clone()));
    O::INFO.name
}

/// Checks that the row of a batch matches its types. Returns the name of the operation.
fn check_batch<O: BatchOperation>(request: &mut O) -> &'static str {
    let batch = O::INFO.batch.as_ref().unwrap();
    request.items().clear();
    assert_eq!(serde_json::to_value(&request).unwrap()[batch.items], json!([]));
    let response = || from_value(json!({ batch.failures: [{}, {}] })).unwrap();
    let mut merged: O::Output = response();
    O::merge(&mut merged, response());
    let merged = serde_json::to_value(&merged).unwrap();
    assert_eq!(merged[batch.failures].as_array().unwrap().len(), 4);
    O::INFO.name
}

#[test]
fn the_rows_of_lists_and_batches_match_their_types() {
    let strings = || std::iter::empty::<String>();
    let lists = [
        check_list(&mut ListAccountsRequest::new()),
        check_list(&mut ListBotsRequest::new("a")),
        check_list(&mut ListPhoneNumberOrdersRequest::new()),
        check_list(&mut ListPhoneNumbersRequest::new()),
        check_list(&mut ListRoomMembershipsRequest::new("a", "r")),
        check_list(&mut ListRoomsRequest::new("a")),
        check_list(&mut ListUsersRequest::new("a")),
        check_list(&mut SearchAvailablePhoneNumbersRequest::new()),
    ];
    let batches = [
        check_batch(&mut BatchCreateRoomMembershipRequest::new(
            "a",
            "r",
            [MembershipItem::default()],
        )),
        check_batch(&mut BatchDeletePhoneNumberRequest::new(strings())),
        check_batch(&mut BatchSuspendUserRequest::new("a", strings())),
        check_batch(&mut BatchUnsuspendUserRequest::new("a", strings())),
        check_batch(&mut BatchUpdatePhoneNumberRequest::new([UpdatePhoneNumberRequestItem::new(
            "p",
        )])),
        check_batch(&mut BatchUpdateUserRequest::new("a", [UpdateUserRequestItem::new("u")])),
    ];
    let rows = API.operations;
    let names = |is_one: fn(&chime_client::model::OperationInfo) -> bool| {
        rows.iter().filter(|row| is_one(row)).map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names(|row| row.paging.is_some()), lists);
    assert_eq!(names(|row| row.batch.is_some()), batches);
}
