//! The parsers of this workspace, each as a function that takes any bytes and panics if a law is broken.
//! libFuzzer calls the functions from `fuzz_targets`. On stable Rust, `tests/it/parsers.rs` calls them.
//!
//! To add a parser, add a function here with a line in [`PARSERS`], a file in `fuzz_targets`, and its
//! `[[bin]]`. A test fails if one of them is missing.

use std::fmt::Debug;
use std::io;

use bytes::Bytes;
use chime_local::{Config, Faults, LocalChime, Rules, Seed};
use chime_model::cloud_trail::CloudTrailRecord;
use chime_model::events::{self, ChannelMessageEvent, ChannelRecord};
use chime_model::{
    APIS, JoinInfo, Operation, chime, media_pipelines, meetings, messaging, sma, voice,
};
use chime_wire::{
    Router, decode_document, decode_error, decode_request, decode_response, encode_request,
    encode_response,
};
use http::{Request, Response};

/// A parser: its name, the function, and valid inputs to start from.
pub type Parser = (&'static str, fn(&[u8]), &'static [&'static str]);

/// All parsers.
pub const PARSERS: &[Parser] = &[
    ("events", events, &[EVENT, SQS, INVOCATION, CHANNEL_RECORD]),
    ("requests", requests, &[CREATE_ROOM, LIST_USERS, SEND_MESSAGE, CREATE_MEETING]),
    ("responses", responses, &[ROOMS, NOT_FOUND, PIPELINE]),
    ("seeds", seeds, &[SEED, FAULTS]),
    ("settings", settings, &[SETTINGS]),
];

/// Reads events, records and the inputs of Lambda functions. Checks that events survive a round trip.
pub fn events(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for event in events::read(&text, |text| serde_json::from_str(text)).unwrap_or_default() {
        let json = serde_json::to_string(&event).expect("an event can be written");
        let again: events::Event = serde_json::from_str(&json).expect("an event can be read again");
        assert_eq!(serde_json::to_string(&again).ok(), Some(json));
    }
    let _ = serde_json::from_str::<CloudTrailRecord>(&text)
        .map(|record| record.request::<chime::CreateRoomRequest>());
    let _ = serde_json::from_str::<ChannelRecord>(&text);
    let _ = serde_json::from_str::<ChannelMessageEvent>(&text);
    let _ = serde_json::from_str::<JoinInfo>(&text);
    let _ = serde_json::from_str::<sma::Invocation>(&text);
    let _ = sma::validate(bytes, |bytes| serde_json::from_slice(bytes));
}

/// Routes and decodes a request, given as `POST /path`, a line break and the body. Checks that a decoded
/// request survives a round trip.
pub fn requests(bytes: &[u8]) {
    let Some(request) = request(bytes) else { return };
    for api in APIS {
        let router = Router::new([*api]);
        let uri = request.uri();
        let route = router.route(request.method(), uri.path(), uri.query());
        let Some(route) = route else { continue };
        macro_rules! decode {
            ($($operation:ty),+ $(,)?) => {
                match route.info.name {
                    $(name if name == <$operation>::INFO.name => {
                        let decoded = decode_request::<$operation>(&route, &request);
                        let _ = decoded.map(|decoded| decodes_again(&router, decoded));
                    })+
                    _ => {}
                }
            };
        }
        decode!(
            chime::CreateRoomRequest,
            chime::ListUsersRequest,
            chime::UpdateUserRequest,
            media_pipelines::CreateMediaCapturePipelineRequest,
            meetings::CreateMeetingRequest,
            messaging::SendChannelMessageRequest,
            voice::CreateVoiceConnectorRequest,
        );
    }
}

fn request(bytes: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = split(bytes, b'\n');
    let (method, uri) = std::str::from_utf8(head).ok()?.split_once(' ')?;
    let request = Request::builder().method(method).uri(uri);
    // Some members are in headers.
    request.header("x-amz-chime-bearer", "arn").body(Bytes::copy_from_slice(body)).ok()
}

fn decodes_again<O: Operation + Debug + PartialEq>(router: &Router, request: O) {
    let Ok(message) = encode_request(&request) else { return };
    let uri = message.uri();
    let route = router.route(message.method(), uri.path(), uri.query());
    let route = route.expect("an encoded request has a route");
    // What is finer than a millisecond is cut off the first time.
    let decoded = decode_request::<O>(&route, &message).expect("an encoded request decodes");
    let message = encode_request(&decoded).expect("a decoded request is encoded");
    assert_eq!(decode_request::<O>(&route, &message).ok(), Some(decoded));
}

/// Decodes a response, given as the status, a line break and the body. Checks that a decoded output survives a
/// round trip.
pub fn responses(bytes: &[u8]) {
    let (status, body) = split(bytes, b'\n');
    let status = std::str::from_utf8(status).ok().and_then(|status| status.parse().ok());
    let response = Response::builder().status(status.unwrap_or(200_u16));
    let Ok(response) = response.body(Bytes::copy_from_slice(body)) else { return };
    let _ = decode_error(&response);
    for info in APIS.iter().flat_map(|api| api.operations).step_by(16) {
        let _ = decode_document(info, &response);
    }
    output::<chime::ListRoomsRequest>(&response);
    output::<chime::GetPhoneNumberOrderRequest>(&response);
    output::<media_pipelines::GetMediaPipelineRequest>(&response);
    output::<meetings::GetMeetingRequest>(&response);
    output::<messaging::ListChannelMessagesRequest>(&response);
}

fn output<O: Operation<Output: Debug + PartialEq>>(response: &Response<Bytes>) {
    let Ok(output) = decode_response::<O>(response) else { return };
    // What is finer than a millisecond is cut off the first time.
    let decoded = decode_response::<O>(&encode_response::<O>(&output));
    let decoded = decoded.expect("an encoded output decodes");
    let encoded = encode_response::<O>(&decoded);
    assert_eq!(decode_response::<O>(&encoded).ok(), Some(decoded));
}

/// Parses the documents of the emulator. Checks that the seed that an emulator exports can be parsed.
pub fn seeds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = Rules::parse(&text);
    let _ = Faults::parse(&text);
    let Ok(seed) = Seed::parse(&text) else { return };
    let Ok(chime) = LocalChime::new(Config { seed, ..Config::default() }) else { return };
    let exported = serde_json::to_string(&chime.export()).expect("a seed can be written");
    Seed::parse(&exported).expect("an exported seed can be parsed");
}

/// Reads a config file and, after a NUL, a credentials file.
pub fn settings(bytes: &[u8]) {
    let (config, credentials) = split(bytes, 0);
    let vars = [("HOME", "/u"), ("AWS_PROFILE", "prod")];
    for names in [&vars[..1], &vars] {
        let vars = names.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let _ = chime_transport::Config::load_from(vars, None, |path| {
            let file = if path.ends_with("config") { config } else { credentials };
            // Files that are not UTF-8 are read lossily.
            Ok::<_, io::Error>(String::from_utf8_lossy(file).into_owned())
        });
    }
}

/// Splits at the first `separator`.
fn split(bytes: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == separator).unwrap_or(bytes.len());
    (&bytes[..at], bytes.get(at + 1..).unwrap_or_default())
}

const EVENT: &str = r#"{"version":"0","id":"6d1f0a52","source":"aws.chime","account":"111122223333","time":"2026-03-02T09:00:10.482Z","region":"us-east-1","resources":[],"detail-type":"Chime Meeting State Change","detail":{"version":"0","eventType":"chime:AttendeeJoined","timestamp":1772442010482,"meetingId":"3f9c2a71","externalUserId":"ana","networkType":"Voip","more":[1,-2.5e3,null,{"a":true}]}}"#;
const SQS: &str = r#"{"Records":[{"messageId":"1","body":"{\"source\":\"aws.chime\",\"account\":\"111122223333\",\"region\":\"us-east-1\",\"time\":\"2026-03-02T09:00:10Z\",\"detail-type\":\"Chime VoiceConnector Streaming Status\",\"detail\":{\"streamingStatus\":\"STARTED\",\"callId\":\"1\"}}"}]}"#;
const INVOCATION: &str = r#"{"SchemaVersion":"1.0","Sequence":1,"InvocationEventType":"NEW_INBOUND_CALL","CallDetails":{"TransactionId":"5a0c7e31","AwsAccountId":"111122223333","AwsRegion":"us-east-1","SipMediaApplicationId":"4c8e1f7a","Participants":[{"CallId":"0d9e62b7","ParticipantTag":"LEG-A","To":"+12065550110","From":"+12065550199","Direction":"Inbound","StartTimeInMilliseconds":"1772442000000"}]},"Actions":[{"Type":"Pause","Parameters":{"DurationInMilliseconds":"3000"}}]}"#;
const CHANNEL_RECORD: &str = r#"{"EventType":"CREATE_CHANNEL_MESSAGE","Payload":{"Content":"Morning all","CreatedTimestamp":"2026-03-02T08:31:12.418Z","MessageId":"0bc42019","Sender":{"Name":"Ana"}}}"#;

const CREATE_ROOM: &str =
    "POST /accounts/a/rooms\n{\"Name\":\"Plans\",\"ClientRequestToken\":\"once\"}";
const LIST_USERS: &str =
    "GET /accounts/a%2Fb/users?user-email=ana%40example.com&max-results=5&next-token=x\n";
const SEND_MESSAGE: &str = "POST /channels/arn:aws:chime:us-east-1:1:app-instance%2Fi%2Fchannel%2Fc/messages\n{\"Content\":\"Hello\",\"Type\":\"STANDARD\",\"Persistence\":\"PERSISTENT\",\"ClientRequestToken\":\"once\",\"MessageAttributes\":{\"a\":{\"StringValues\":[\"b\"]}}}";
const CREATE_MEETING: &str = "POST /meetings\n{\"ClientRequestToken\":\"once\",\"MediaRegion\":\"us-east-1\",\"ExternalMeetingId\":\"weekly\",\"MeetingFeatures\":{\"Audio\":{\"EchoReduction\":\"AVAILABLE\"},\"Attendee\":{\"MaxCount\":5}},\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}";

const ROOMS: &str = "200\n{\"Rooms\":[{\"RoomId\":\"7f3d2b18\",\"Name\":\"Plans\",\"CreatedTimestamp\":\"2025-03-04T10:31:09.077Z\",\"Colour\":\"red\"}],\"NextToken\":null}";
const NOT_FOUND: &str = "404\n{\"Code\":\"NotFound\",\"Message\":\"no such room\",\"__type\":\"a#NotFoundException:b\"}";
const PIPELINE: &str = "200\n{\"MediaPipeline\":{\"MediaCapturePipeline\":{\"MediaPipelineId\":\"p\",\"Status\":\"InProgress\",\"CreatedTimestamp\":\"2026-03-02T08:31:12Z\"}},\"ChannelMessages\":[{\"MessageId\":\"m\",\"CreatedTimestamp\":1772442010.482}],\"Meeting\":{\"MeetingId\":\"m\",\"MediaPlacement\":{}}}";

const SEED: &str = r#"{"Credentials":[{"AccessKeyId":"AKIDHARBOUR","SecretAccessKey":"s","AwsAccountId":"111122223333","Arn":"arn:aws:iam::111122223333:user/ops"}],"Organisations":[{"Account":{"AwsAccountId":"111122223333","AccountId":"a","Name":"Harbour","AccountType":"EnterpriseLWA","CreatedTimestamp":"2025-01-20T13:58:40.112Z"},"Domains":["harbour.example"],"Users":[{"UserId":"u","PrimaryEmail":"ines@harbour.example","DisplayName":"Ines"}],"Rooms":[{"RoomId":"r","Name":"Plans"}],"Memberships":[{"RoomId":"r","Member":{"MemberId":"u"},"Role":"Member"}]}],"AwsAccounts":[{"AwsAccountId":"111122223333","PhoneNumbers":[{"E164PhoneNumber":"+12065550100"}]}]}"#;
const FAULTS: &str = r#"{"Throttle":{"Rate":5,"Burst":10},"Faults":[{"Operation":"CreateRoom","Times":2,"Probability":0.5,"DelayMillis":5,"Error":{"Exception":"ServiceUnavailableException"}},{"Cut":"After"}]}"#;

const SETTINGS: &str = "[default]\nregion = us-east-1\nmax_attempts = 5\n[profile prod]\nservices = s\ncredential_process = \"a b\" # c\nretry_mode = adaptive\n[services s]\nchime =\n  endpoint_url = http://127.0.0.1:1 ; c\n\0[prod]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n";
