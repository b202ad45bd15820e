//! Random calls that change the state, for property tests.

use serde_json::{Value, json};

use crate::sample::*;
use crate::testing::{Answer, Bench};

/// Numbers that can be ordered, and one that the AWS account has.
fn number(which: usize) -> String {
    if which == 0 { UNASSIGNED_NUMBER.to_owned() } else { format!("+1206555015{which}") }
}

/// The number of kinds of calls.
pub(crate) const KINDS: u8 = 42;
/// The kinds that delete something.
pub(crate) const DELETING: [u8; 9] = [1, 3, 5, 13, 22, 29, 31, 36, 38];

/// Makes one call of a kind. `which` selects one of the existing resources.
pub(crate) fn apply(bench: &Bench, kind: u8, which: usize) {
    let answer = call(bench, kind, which);
    assert!(answer.status() < 500, "{kind}: {:?}", answer.0);
}

/// Does the same while the state cannot be saved, so that a call that changes it fails.
pub(crate) fn apply_failing(bench: &Bench, kind: u8, which: usize) {
    call(bench, kind, which);
}

fn call(bench: &Bench, kind: u8, which: usize) -> Answer {
    match kind {
        ..OF_CHIME => of_chime(bench, kind, which),
        OF_CHIME..OF_MEETINGS => of_meetings(bench, kind, which),
        _ => of_pipelines(bench, kind, which),
    }
}

/// The kinds below this one are calls of Amazon Chime.
const OF_CHIME: u8 = 28;
/// The kinds from `OF_CHIME` to below this one are calls of Chime SDK meetings; the others are of
/// media pipelines.
const OF_MEETINGS: u8 = 34;

fn of_pipelines(bench: &Bench, kind: u8, which: usize) -> Answer {
    let region = bench.chime.export().aws_accounts.remove(0).sdk.into_iter().next();
    let region = serde_json::to_value(region).unwrap();
    let pick = |all: Vec<&Value>, member: &str| {
        let id = all.get(which % all.len().max(1)).and_then(|one| one[member].as_str());
        id.unwrap_or("00000000-0000-0000-0000-000000000000").to_owned()
    };
    let items = |list: &str| region[list].as_array().into_iter().flatten();
    let id = |kind: &str| {
        pick(
            items("Pipelines").filter_map(|item| item["MediaPipeline"].get(kind)).collect(),
            "MediaPipelineId",
        )
    };
    let meeting = pick(items("Meetings").collect(), "MeetingId");
    let meeting = format!("arn:aws:chime::{AWS_ACCOUNT_ID}:meeting:{meeting}");
    let arn = |resource: String| format!("arn:aws:chime:us-east-1:{AWS_ACCOUNT_ID}:{resource}");
    let configuration = format!("media-insights-pipeline-configuration/c{}", which % 2);
    let pool = "media-pipeline-kinesis-video-stream-pools";
    let (method, target, body) = match kind - OF_MEETINGS {
        0 => (
            "POST",
            "sdk-media-capture-pipelines".to_owned(),
            json!({
                "SourceType": "ChimeSdkMeeting", "SourceArn": meeting,
                "SinkType": "S3Bucket", "SinkArn": "arn:aws:s3:::recordings",
                "ClientRequestToken": format!("token-{which}"),
                "Tags": [{"Key": "team", "Value": "core"}],
            }),
        ),
        1 => (
            "POST",
            "sdk-media-stream-pipelines".to_owned(),
            json!({
                "Sources": [{"SourceType": "ChimeSdkMeeting", "SourceArn": meeting}],
                "Sinks": [{
                    "SinkArn": arn("media-pipeline-kinesis-video-stream-pool/p0".to_owned()),
                    "SinkType": "KinesisVideoStreamPool",
                    "ReservedStreamCapacity": 1,
                    "MediaStreamType": "MixedAudio",
                }],
            }),
        ),
        2 => {
            let kinds = ["MediaCapturePipeline", "MediaStreamPipeline", "MediaInsightsPipeline"];
            ("DELETE", format!("sdk-media-pipelines/{}", id(kinds[which % 3])), json!(""))
        }
        3 => (
            "POST",
            pool.to_owned(),
            json!({
                "PoolName": format!("p{}", which % 2),
                "StreamConfiguration": {"Region": "us-east-1", "DataRetentionInHours": which},
            }),
        ),
        4 => ("DELETE", format!("{pool}/p{}", which % 2), json!("")),
        5 => (
            "POST",
            "media-insights-pipeline-configurations".to_owned(),
            json!({
                "MediaInsightsPipelineConfigurationName": format!("c{}", which % 2),
                "ResourceAccessRoleArn": "arn:aws:iam::111122223333:role/insights",
                "Elements": [{
                    "Type": "VoiceAnalyticsProcessor",
                    "VoiceAnalyticsProcessorConfiguration": {"SpeakerSearchStatus": "Enabled"},
                }],
            }),
        ),
        6 => (
            "POST",
            "media-insights-pipelines".to_owned(),
            json!({
                "MediaInsightsPipelineConfigurationArn": arn(configuration),
                "KinesisVideoStreamSourceRuntimeConfiguration": {
                    "MediaEncoding": "pcm",
                    "MediaSampleRate": 8_000,
                    "Streams": [{
                        "StreamArn": "arn:aws:kinesisvideo:us-east-1:111122223333:stream/s/1",
                        "StreamChannelDefinition": {"NumberOfChannels": 1},
                    }],
                },
            }),
        ),
        _ => {
            let id = id("MediaInsightsPipeline");
            let domain = arn("voice-profile-domain/d".to_owned());
            (
                "POST",
                format!("media-insights-pipelines/{id}/speaker-search-tasks?operation=start"),
                json!({"VoiceProfileDomainArn": domain}),
            )
        }
    };
    let body = if body.is_object() { body.to_string() } else { String::new() };
    bench.send(method, &format!("/chime-sdk-media-pipelines/{target}"), &body)
}

fn of_meetings(bench: &Bench, kind: u8, which: usize) -> Answer {
    let all = bench.chime.export().aws_accounts.remove(0).sdk;
    let all = all.into_iter().next().map(|region| region.meetings).unwrap_or_default();
    let one = all.get(which % all.len().max(1));
    let id = one.map_or("none".to_owned(), |meeting| meeting.meeting_id.to_string());
    let attendee =
        one.and_then(|meeting| meeting.attendees.get(which % meeting.attendees.len().max(1)));
    let attendee = attendee.map_or("none", |attendee| attendee.attendee_id.as_str());
    let meetings = "/chime-sdk-meetings/meetings";
    let (method, target, body) = match kind - OF_CHIME {
        0 => (
            "POST",
            meetings.to_owned(),
            json!({
                "ClientRequestToken": format!("token-{which}"),
                "MediaRegion": "us-east-1",
                "ExternalMeetingId": "standup",
                "Tags": [{"Key": "team", "Value": "core"}],
            }),
        ),
        1 => ("DELETE", format!("{meetings}/{id}"), json!("")),
        2 => (
            "POST",
            format!("{meetings}/{id}/attendees?operation=batch-create"),
            json!({"Attendees": [{"ExternalUserId": format!("u{which}")}, {"ExternalUserId": "ana"}]}),
        ),
        3 => ("DELETE", format!("{meetings}/{id}/attendees/{attendee}"), json!("")),
        4 => (
            "PUT",
            format!("{meetings}/{id}/attendees/{attendee}/capabilities"),
            json!({"Capabilities": {"Audio": "Send", "Video": "None", "Content": "None"}}),
        ),
        _ => (
            "POST",
            format!("{meetings}/{id}/transcription?operation=start"),
            json!({"TranscriptionConfiguration": {"EngineTranscribeSettings": {"LanguageCode": "en-US"}}}),
        ),
    };
    let body = if body.is_object() { body.to_string() } else { String::new() };
    bench.send(method, &target, &body)
}

fn of_chime(bench: &Bench, kind: u8, which: usize) -> Answer {
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let id_of = |list: &str, target: &str, member: &str| {
        let answer = bench.send("GET", target, "").json();
        let all = answer[list].as_array().cloned().unwrap_or_default();
        let one = all.get(which % all.len().max(1)).cloned().unwrap_or_default();
        one[member].as_str().unwrap_or("none").to_owned()
    };
    let room = || id_of("Rooms", &format!("{account}/rooms"), "RoomId");
    let bot = || format!("{account}/bots/{}", id_of("Bots", &format!("{account}/bots"), "BotId"));
    let user = [ANA_ID, BO_ID][which % 2];
    let on = which.is_multiple_of(2);
    let (method, target, body) = match kind {
        0 => ("POST", "/accounts".to_owned(), r#"{"Name":"More"}"#.to_owned()),
        1 => (
            "DELETE",
            format!("/accounts/{}", id_of("Accounts", "/accounts?name=More", "AccountId")),
            String::new(),
        ),
        2 => (
            "POST",
            format!("{account}/rooms"),
            format!(r#"{{"Name":"R","ClientRequestToken":"token-{which}"}}"#),
        ),
        3 => ("DELETE", format!("{account}/rooms/{}", room()), String::new()),
        4 => (
            "POST",
            format!("{account}/rooms/{}/memberships", room()),
            format!(r#"{{"MemberId":"{user}"}}"#),
        ),
        5 => ("DELETE", format!("{account}/rooms/{}/memberships/{user}", room()), String::new()),
        6 => (
            "POST",
            format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add"),
            format!(r#"{{"UserEmailList":["u{which}@lake.example"]}}"#),
        ),
        7 => {
            let users = format!("/accounts/{TEAM_ACCOUNT_ID}/users");
            let body = format!(r#"{{"UserIdList":["{}"]}}"#, id_of("Users", &users, "UserId"));
            ("POST", format!("{users}?operation=suspend"), body)
        }
        8 => (
            "POST",
            format!("{account}/users?operation=create"),
            format!(r#"{{"Email":"v{which}@{DOMAIN}"}}"#),
        ),
        9 => ("POST", format!("{account}/bots"), format!(r#"{{"DisplayName":"b{which}"}}"#)),
        10 => ("POST", bot(), format!(r#"{{"Disabled":{on}}}"#)),
        11 => ("POST", format!("{}?operation=regenerate-security-token", bot()), String::new()),
        12 => (
            "PUT",
            format!("{}/events-configuration", bot()),
            format!(r#"{{"OutboundEventsHTTPSEndpoint":"https://b{which}.{DOMAIN}"}}"#),
        ),
        13 => ("DELETE", format!("{}/events-configuration", bot()), String::new()),
        14 => {
            let (place, message) = if on {
                (format!("rooms/{ROOM_ID}"), ROOM_MESSAGE_ID)
            } else {
                (format!("conversations/{CONVERSATION_ID}"), CONVERSATION_MESSAGE_ID)
            };
            let target = format!("{account}/{place}/messages/{message}?operation=redact");
            ("POST", target, String::new())
        }
        15 => (
            "PUT",
            format!("{account}/settings"),
            format!(r#"{{"AccountSettings":{{"EnableDialOut":{on}}}}}"#),
        ),
        16 => (
            "PUT",
            format!("{account}/retention-settings"),
            format!(
                r#"{{"RetentionSettings":{{"RoomRetentionSettings":{{"RetentionDays":{}}}}}}}"#,
                which + 1
            ),
        ),
        17 => (
            "PUT",
            format!("{account}/users/{user}/settings"),
            json!({"UserSettings": {"Telephony": {
                "InboundCalling": on, "OutboundCalling": true, "SMS": which > 1,
            }}})
            .to_string(),
        ),
        18 => {
            ("POST", format!("{account}/users/{user}?operation=reset-personal-pin"), String::new())
        }
        19 => (
            "POST",
            "/phone-number-orders".to_owned(),
            json!({"ProductType": "BusinessCalling", "E164PhoneNumbers": [number(which)]})
                .to_string(),
        ),
        20 => (
            "POST",
            format!("{account}/users/{user}?operation=associate-phone-number"),
            json!({"E164PhoneNumber": number(which)}).to_string(),
        ),
        21 => (
            "POST",
            format!("{account}/users/{user}?operation=disassociate-phone-number"),
            String::new(),
        ),
        22 => ("DELETE", format!("/phone-numbers/{}", number(which)), String::new()),
        23 => {
            ("POST", format!("/phone-numbers/{}?operation=restore", number(which)), String::new())
        }
        24 => (
            "POST",
            format!("/phone-numbers/{}", number(which)),
            format!(r#"{{"CallingName":"Name {which}"}}"#),
        ),
        25 => (
            "PUT",
            "/settings".to_owned(),
            format!(r#"{{"BusinessCalling":{{"CdrBucket":"bucket-{which}"}}}}"#),
        ),
        26 => ("PUT", "/settings/phone-number".to_owned(), r#"{"CallingName":"Us"}"#.to_owned()),
        _ => (
            "POST",
            format!("/meetings/{MEETING_ID}/dial-outs"),
            json!({
                "FromPhoneNumber": ANA_NUMBER,
                "ToPhoneNumber": "+12535550177",
                "JoinToken": JOIN_TOKEN,
            })
            .to_string(),
        ),
    };
    bench.send(method, &target, &body)
}
