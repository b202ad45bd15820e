//! Tests of the client with an emulator, in process and over a socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use chime_client::model::{Exception, Operation, chime::*, meetings, messaging, voice};
use chime_client::{
    CallOptions, Client, Config, Credentials, Endpoint, ErrorKind, HttpClient, Stop,
};
use chime_local::{LocalChime, sample};
use http::{Request, Response};
use serde_json::{Map, Value, json};
use tokio::io::DuplexStream;
use tower::{ServiceExt, service_fn};

fn config() -> Config {
    Config::new(Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY))
}

fn client() -> Client {
    Client::with_http_service(config(), LocalChime::sample()).unwrap()
}

fn membership(role: RoomMembershipRole) -> UpdateRoomMembershipRequest {
    UpdateRoomMembershipRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID, sample::BO_ID)
        .role(role)
}

#[tokio::test]
async fn a_room_is_created_listed_and_deleted() {
    let client = client();
    let account = AccountId::from(sample::ENTERPRISE_ACCOUNT_ID);
    let room = client.chime().create_room(CreateRoomRequest::new(&account, "Plans")).await.unwrap();
    let room = room.room.unwrap().room_id.unwrap();
    for member in [sample::ANA_ID, sample::BO_ID] {
        let request = CreateRoomMembershipRequest::new(&account, &room, UserId::from(member));
        client.chime().create_room_membership(request).await.unwrap();
    }

    let first = ListRoomMembershipsRequest::new(&account, &room).max_results(1);
    let first = client.chime().list_room_memberships(first).await.unwrap();
    let token = first.next_token.expect("there is a second page");
    let second = ListRoomMembershipsRequest::new(&account, &room).next_token(token);
    let second = client.chime().list_room_memberships(second).await.unwrap();
    let members: Vec<_> = [first.room_memberships, second.room_memberships]
        .into_iter()
        .flat_map(Option::unwrap)
        .map(|membership| membership.member.unwrap().member_id.unwrap())
        .collect();
    assert_eq!(members, [sample::ANA_ID, sample::BO_ID]);
    assert_eq!(second.next_token, None);

    client.chime().delete_room(DeleteRoomRequest::new(&account, &room)).await.unwrap();
    let error = client.chime().get_room(GetRoomRequest::new(&account, &room)).await.unwrap_err();
    assert_eq!(error.service().unwrap().exception, Exception::NotFound);
}

#[tokio::test]
async fn a_client_is_a_tower_service_of_every_request() {
    let response = client().oneshot(membership(RoomMembershipRole::Administrator)).await.unwrap();
    let changed = response.room_membership.unwrap();
    assert_eq!(changed.role, Some(RoomMembershipRole::Administrator));
}

#[tokio::test]
async fn untyped_calls_work_like_typed_calls() {
    let Value::Object(input) = json!({
        "AccountId": sample::ENTERPRISE_ACCOUNT_ID,
        "RoomId": sample::ROOM_ID,
        "MemberId": sample::BO_ID,
        "Role": "Administrator",
    }) else {
        unreachable!()
    };
    let info = UpdateRoomMembershipRequest::INFO;
    let response = client().call(info, input).await.unwrap().into_body();
    assert_eq!(response["RoomMembership"]["Role"], "Administrator");
    assert_eq!(response["RoomMembership"]["Member"]["MemberId"], sample::BO_ID);

    let Value::Object(input) = json!({"AccountId": "a", "Colour": "red", "RoomId": 1}) else {
        unreachable!()
    };
    let error = client().call(info, input).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "UpdateRoomMembership: Colour: is not a member of this structure; \
         RoomId: must be a string; MemberId: is required"
    );
}

/// A client over a service that counts requests and responds with `status` and `body`.
fn counting(status: u16, body: &'static str) -> (Client, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let service = service_fn(move |_: Request<Bytes>| {
        counted.fetch_add(1, Ordering::Relaxed);
        let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes()));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    (Client::over(service), count)
}

#[tokio::test]
async fn invalid_requests_are_not_sent() {
    let (client, sent) = counting(200, "{}");
    let many: Vec<UserId> = (0..51).map(|i| UserId::from(i.to_string())).collect();
    let error = client
        .chime()
        .batch_suspend_user(BatchSuspendUserRequest::new(" ", many.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "BatchSuspendUser: AccountId: must not be blank; \
         UserIdList: must have at most 50 items, has 51"
    );
    assert_eq!(sent.load(Ordering::Relaxed), 0);

    let unchecked = client.without_validation();
    unchecked.chime().batch_suspend_user(BatchSuspendUserRequest::new("a", many)).await.unwrap();
    assert_eq!(sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn over_another_stack_the_response_decides_whether_the_service_may_have_acted() {
    for (status, body, expected) in [
        (400, "{}", false),
        (403, "{}", false),
        (503, "{}", false),
        (400, r#"{"code":"RequestTimeout"}"#, true),
        (408, "{}", true),
        (500, "{}", true),
        (502, "{}", true),
    ] {
        let (client, _) = counting(status, body);
        let error = client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap_err();
        assert_eq!(error.may_have_acted(), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn an_undecodable_response_is_kept_and_not_shown() {
    let (client, _) = counting(200, r#"{"Room":{"Name":7,"CreatedBy":"hidden"}}"#);
    let error = client.chime().get_room(GetRoomRequest::new("a", "r")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GetRoom: the response (HTTP 200) could not be decoded: Room.Name: must be a string"
    );
    assert!(!format!("{error:?}").contains("hidden"));
    let ErrorKind::Undecodable(undecodable) = error.into_kind() else { panic!("undecodable") };
    assert!(undecodable.body.starts_with(b"{\"Room\""));
}

#[tokio::test]
async fn a_call_with_a_wrong_secret_changes_nothing() {
    let chime = LocalChime::sample();
    let wrong = Config::new(Credentials::new(sample::ACCESS_KEY_ID, "wrong"));
    let wrong_client = Client::with_http_service(wrong, chime.clone()).unwrap();
    let request = membership(RoomMembershipRole::Administrator);
    let error = wrong_client.chime().update_room_membership(request).await.unwrap_err();
    assert_eq!(error.service().unwrap().status, 403);

    let client = Client::with_http_service(config(), chime).unwrap();
    let list = ListRoomMembershipsRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID);
    let memberships =
        client.chime().list_room_memberships(list).await.unwrap().room_memberships.unwrap();
    assert_eq!(memberships[0].role, Some(RoomMembershipRole::Member));
}

#[tokio::test]
async fn errors_with_a_known_cause_have_a_hint() {
    let request = ListRoomsRequest::new(sample::TEAM_ACCOUNT_ID);
    let error = client().chime().list_rooms(request).await.unwrap_err();
    assert!(error.to_string().starts_with(
        "ListRooms: ForbiddenException: Chime Account provided is not an Enterprise Chime Account"
    ));
    assert!(error.hint().unwrap().contains("Enterprise account"));
    assert!(error.request_id().is_some());

    let closed = "Account Id 1 is not authorized to call deprecated Amazon Chime SDK API";
    for (status, message, hint) in [
        (403, closed, "no other service has the operation"),
        (
            403,
            "Not authorized to call Chime SDK with Account Id",
            "no other service has the operation",
        ),
        (403, "Credential should be scoped to a valid region, not 'x'", "us-east-1"),
        (403, "Credential should be scoped to correct service: 'execute-api'", "API gateway"),
        (400, "Service received a bad request", "which member"),
        (429, "Rate exceeded", "exceed the rate"),
    ] {
        let body = serde_json::json!({"Message": message}).to_string();
        let (client, _) = counting(status, body.leak());
        let error = client.chime().get_account(GetAccountRequest::new("a")).await.unwrap_err();
        assert!(
            error.hint().is_some_and(|told| told.contains(hint)),
            "{error}: {:?}",
            error.hint()
        );
        let error =
            client.chime().list_phone_numbers(ListPhoneNumbersRequest::new()).await.unwrap_err();
        if message == closed {
            assert!(error.hint().unwrap().contains("chime-sdk-voice"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_error_for_a_host_that_may_not_exist_has_a_hint() {
    for (fips, dual_stack) in [(true, false), (false, true), (false, false)] {
        let mut config = config();
        (config.use_fips, config.use_dual_stack) = (fips, dual_stack);
        let nobody = service_fn(|_| {
            std::future::ready(Err::<DuplexStream, _>(std::io::Error::other("no such host")))
        });
        let http = HttpClient::with_connector(&config, nobody);
        let client = Client::with_http_service(config, http).unwrap();
        let error = client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap_err();
        let hinted = error.hint().is_some_and(|hint| hint.contains("no FIPS or dual-stack"));
        assert_eq!(hinted, fips || dual_stack, "{error:?}");
    }
}

#[tokio::test]
async fn the_client_calls_over_a_socket() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(LocalChime::sample().serve(listener, async {
        let _ = stopped.await;
    }));
    let mut config = config();
    // Endpoints had this path prefix in the first years of the service.
    config.endpoint_url = Some(format!("http://{address}/console"));
    config.region = Some("eu-central-1".to_owned());
    config.max_attempts = 1;
    let client = Client::new(config).unwrap();
    let request = membership(RoomMembershipRole::Administrator);
    let changed = client.chime().update_room_membership(request).await.unwrap();
    assert_eq!(changed.room_membership.unwrap().role, Some(RoomMembershipRole::Administrator));

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    let error = client.chime().get_room(GetRoomRequest::new("a", "r")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{error:?}");
    assert_eq!(error.attempts().unwrap().stop, Stop::Attempts);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_retried_with_the_same_token() {
    let chime = LocalChime::sample();
    let bodies = Arc::new(std::sync::Mutex::new(Vec::<Map<String, Value>>::new()));
    let seen = bodies.clone();
    let busy = service_fn(move |request: Request<Bytes>| {
        let mut seen = seen.lock().unwrap();
        seen.push(serde_json::from_slice(request.body()).unwrap());
        let throttled = seen.len() < 3;
        let chime = chime.clone();
        async move {
            if throttled {
                let body = Bytes::from_static(br#"{"Code":"Throttled","Message":"Rate exceeded"}"#);
                return Ok(Response::builder().status(400).body(body).unwrap());
            }
            chime.oneshot(request).await
        }
    });
    let client = Client::with_http_service(config(), busy).unwrap();
    let request = CreateRoomRequest::new(sample::ENTERPRISE_ACCOUNT_ID, "Plans");
    client.chime().create_room(request).await.unwrap();
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0]["ClientRequestToken"].is_string());
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn an_error_has_the_idempotency_token_that_the_client_generated() {
    let refuse = service_fn(|request: Request<Bytes>| async move {
        let mut response = Response::new(request.into_body());
        *response.status_mut() = http::StatusCode::CONFLICT;
        Ok::<_, Infallible>(response)
    });
    let client = Client::over(refuse);
    let request = || meetings::CreateMeetingRequest::new("us-east-1", "standup");
    let error = client.meetings().create_meeting(request()).await.unwrap_err();
    assert_eq!(error.idempotency_token().unwrap().len(), 36);
    let own = request().client_request_token("own");
    let error = client.meetings().create_meeting(own).await.unwrap_err();
    assert_eq!(error.idempotency_token(), None);
}

#[tokio::test]
async fn only_services_that_do_not_exist_in_the_region_fail() {
    let mut config = Config::new(Credentials::new("a", "s"));
    config.region = Some("eu-north-1".to_owned());
    let empty = service_fn(|_: Request<Bytes>| async {
        Ok::<_, Infallible>(Response::new(Bytes::from_static(b"{}")))
    });
    let client = Client::with_http_service(config, empty).unwrap();
    client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap();
    let request = meetings::GetMeetingRequest::new("0b6f3c1e-52a7-4d0f-9a35-7c1f2e9b8d40");
    let error = client.meetings().get_meeting(request.clone()).await.unwrap_err();
    assert!(!error.may_have_acted());
    let text = error.to_string();
    assert!(text.contains("Chime SDK Meetings does not exist in eu-north-1"), "{text}");
    // Unless the options have an endpoint.
    let endpoint = Endpoint::new("http://localhost:8080", "eu-north-1", "chime").unwrap();
    let client = client.with_options(CallOptions::new().endpoint(endpoint));
    client.meetings().get_meeting(request).await.unwrap();
}

#[tokio::test]
async fn requests_go_to_the_service_of_their_row() {
    let mut config = Config::new(Credentials::new("a", "s"));
    config.region = Some("us-east-1".to_owned());
    let (sender, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let record = service_fn(move |request: Request<Bytes>| {
        let _ = sender.send(request);
        async { Ok::<_, Infallible>(Response::new(Bytes::from_static(b"{}"))) }
    });
    let client = Client::with_http_service(config, record).unwrap();
    let bearer = "arn:aws:chime:us-east-1:111122223333:app-instance/a/user/u";
    let channel = "arn:aws:chime:us-east-1:111122223333:app-instance/a/channel/c";
    let request = messaging::DescribeChannelRequest::new(channel, bearer);
    client.messaging().describe_channel(request).await.unwrap();
    let number = voice::PhoneNumberId::from_e164("+12065550100").unwrap();
    client.voice().get_phone_number(voice::GetPhoneNumberRequest::new(&number)).await.unwrap();
    let request = voice::BatchDeletePhoneNumberRequest::new([number]);
    client.voice().batch_delete_phone_number(request).await.unwrap();

    let request = sent.recv().await.unwrap();
    assert_eq!(request.uri().host(), Some("messaging-chime.us-east-1.amazonaws.com"));
    assert_eq!(request.headers()["x-amz-chime-bearer"], bearer);
    let signed = request.headers()["authorization"].to_str().unwrap();
    assert!(signed.contains(";x-amz-chime-bearer;"), "{signed}");
    let agent = request.headers()["user-agent"].to_str().unwrap();
    assert!(agent.contains(" api/messaging-chime/2021-05-15 "), "{agent}");
    // The same number in a path and in a body.
    let request = sent.recv().await.unwrap();
    assert_eq!(request.uri().path(), "/phone-numbers/%2B12065550100");
    let request = sent.recv().await.unwrap();
    assert_eq!(request.body(), r#"{"PhoneNumberIds":["%2B12065550100"]}"#);
}
