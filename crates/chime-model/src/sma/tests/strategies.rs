//! Strategies for random actions and events, as JSON. All sensitive values contain one of `SECRETS`.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// Each sensitive value contains one of these texts.
const SECRETS: [&str; 3] = ["s3cret", "7070707", "+1206"];

/// The actions, with their required and optional members.
pub(super) const ACTIONS: [(&str, &[&str], &[&str]); 18] = [
    ("Speak", &["Text"], &["Engine", "LanguageCode", "TextType", "VoiceId"]),
    ("SpeakAndGetDigits", &["SpeechParameters", "RepeatDurationInMilliseconds"], SPEAK_OPTIONS),
    ("PlayAudio", &["AudioSource"], &["PlaybackTerminators", "Repeat"]),
    ("PlayAudioAndGetDigits", &["AudioSource", "RepeatDurationInMilliseconds"], PLAY_OPTIONS),
    (
        "RecordAudio",
        &["RecordingDestination", "RecordingTerminators"],
        &["DurationInSeconds", "SilenceDurationInSeconds", "SilenceThreshold"],
    ),
    (
        "ReceiveDigits",
        &[
            "InputDigitsRegex",
            "InBetweenDigitsDurationInMilliseconds",
            "FlushDigitsDurationInMilliseconds",
        ],
        &[],
    ),
    ("SendDigits", &["Digits"], &["ToneDurationInMilliseconds"]),
    ("Pause", &["DurationInMilliseconds"], &[]),
    (
        "CallAndBridge",
        &["CallerIdNumber", "Endpoints"],
        &["CallTimeoutSeconds", "RingbackTone", "SipHeaders"],
    ),
    ("JoinChimeMeeting", &["JoinToken"], &["MeetingId"]),
    ("ModifyChimeMeetingAttendees", &["Operation", "MeetingId", "AttendeeList"], &[]),
    ("StartCallRecording", &["Track", "Destination"], &[]),
    ("StopCallRecording", &[], &[]),
    ("PauseCallRecording", &[], &[]),
    ("ResumeCallRecording", &[], &[]),
    ("StartBotConversation", &["BotAliasArn"], &["LocaleId", "Configuration"]),
    ("VoiceFocus", &["Enable", "CallId"], &[]),
    ("Hangup", &[], &["SipResponseCode"]),
];

const SPEAK_OPTIONS: &[&str] = &[
    "FailureSpeechParameters",
    "InputDigitsRegex",
    "MinNumberOfDigits",
    "MaxNumberOfDigits",
    "TerminatorDigits",
    "InBetweenDigitsDurationInMilliseconds",
    "Repeat",
];

const PLAY_OPTIONS: &[&str] = &["FailureAudioSource", "InputDigitsRegex", "TerminatorDigits"];

/// Generates valid values of a member.
fn member(name: &str) -> BoxedStrategy<Json> {
    let texts = |regex: &'static str| regex.prop_map(Json::from).boxed();
    let one_of = |values: &'static [&'static str]| {
        proptest::sample::select(values).prop_map(Json::from).boxed()
    };
    let secrets = || texts("s3cret[ -~]{0,9}");
    let numbers = |min: u32, max: u32| (min..=max).prop_map(Json::from).boxed();
    let keys = || vec("[0-9#*]", 0..4).prop_map(Json::from).boxed();
    let file = json!({"Type": "S3", "BucketName": "prompts", "Key": "hi.wav"});
    match name {
        "AudioSource" | "FailureAudioSource" | "RingbackTone" => Just(file).boxed(),
        "AttendeeList" => vec("[a-f0-9]{8}", 1..=100).prop_map(Json::from).boxed(),
        "CallId" => texts("[a-f0-9]{8}"),
        "CallTimeoutSeconds" => numbers(1, 120),
        "CallerIdNumber" => texts(r"\+1206[0-9]{7}"),
        "Configuration" => secrets().prop_map(configuration).boxed(),
        "Destination" => Just(json!({"Type": "S3", "Location": "calls/2026"})).boxed(),
        "Digits" => texts("7070707[0-9*#A-D,]{0,43}"),
        "DurationInMilliseconds" => numbers(100, 30_000),
        "Enable" => any::<bool>().prop_map(Json::from).boxed(),
        "Endpoints" => prop_oneof![
            r"\+1206[0-9]{7}".prop_map(|uri| json!([{"Type": "PSTN", "Uri": uri}])),
            "s3cret[a-zA-Z0-9&=+$/%_!~*().-]{0,30}"
                .prop_map(|uri| json!([{"Type": "AWS", "Arn": "s3cret", "Uri": uri}])),
        ]
        .boxed(),
        "Engine" => one_of(&["standard", "neural"]),
        "FlushDigitsDurationInMilliseconds" => numbers(60_000, 90_000),
        "InBetweenDigitsDurationInMilliseconds" => numbers(1, 60_000),
        "InputDigitsRegex" => texts("(\\^|\\(\\?!1900\\))7070707[0-9#]{0,4}\\$"),
        "LanguageCode" | "LocaleId" => one_of(&["en-US", "de-DE"]),
        "MaxNumberOfDigits" => numbers(9, 128),
        "MinNumberOfDigits" => numbers(0, 9),
        "Operation" => one_of(&["Mute", "Unmute"]),
        "RecordingDestination" => option::of("[a-z/]{1,20}")
            .prop_map(|prefix| match prefix {
                Some(prefix) => json!({"Type": "S3", "BucketName": "calls", "Prefix": prefix}),
                None => json!({"Type": "S3", "BucketName": "calls"}),
            })
            .boxed(),
        "PlaybackTerminators" | "RecordingTerminators" | "TerminatorDigits" => keys(),
        "SilenceDurationInSeconds" | "SilenceThreshold" => numbers(1, 1_000),
        "SipHeaders" => btree_map("X-[ABab][a-z]{0,8}", "s3cret[ -~]{0,9}", 0..4)
            .prop_map(|headers| json!(headers))
            .boxed(),
        "SipResponseCode" => one_of(&["0", "480", "486"]),
        "FailureSpeechParameters" | "SpeechParameters" => {
            members(&["Text"], &["Engine", "VoiceId"]).prop_map(Json::Object).boxed()
        }
        "TextType" => one_of(&["text", "ssml"]),
        "ToneDurationInMilliseconds" => numbers(50, 24_000),
        "Track" => one_of(&["BOTH", "INCOMING", "OUTGOING"]),
        "DurationInSeconds" | "Repeat" | "RepeatDurationInMilliseconds" => numbers(1, 60_000),
        "MeetingId" | "VoiceId" => texts("[a-f0-9]{1,8}"),
        "BotAliasArn" | "JoinToken" | "Later" | "Text" => secrets(),
        "ParticipantTag" => one_of(&["LEG-A", "LEG-B"]),
        other => panic!("no values for {other}"),
    }
}

fn configuration(secret: Json) -> Json {
    json!({
        "SessionState": {
            "SessionAttributes": {"name": secret},
            "DialogAction": {"Type": "ElicitIntent"},
        },
        "WelcomeMessages": [{"Content": secret, "ContentType": "PlainText"}],
    })
}

/// Generates all required members and some optional ones.
fn members(required: &[&str], optional: &[&str]) -> BoxedStrategy<Map<String, Json>> {
    let of = |name: &str, value: BoxedStrategy<Option<Json>>| {
        let name = name.to_owned();
        value.prop_map(move |value| Some((name.clone(), value?))).boxed()
    };
    let required = required.iter().map(|name| of(name, member(name).prop_map(Some).boxed()));
    let optional = optional.iter().map(|name| of(name, option::of(member(name)).boxed()));
    let all: Vec<_> = required.chain(optional).collect();
    all.prop_map(|members| members.into_iter().flatten().collect()).boxed()
}

/// Generates valid actions of every type.
pub(super) fn actions() -> impl Strategy<Value = Json> {
    proptest::sample::select(&ACTIONS[..]).prop_flat_map(|(name, required, optional)| {
        let legs = ["CallId", "ParticipantTag", "Later"];
        let legs = legs.into_iter().filter(|leg| !required.contains(leg));
        let optional: Vec<_> = optional.iter().copied().chain(legs).collect();
        members(required, &optional).prop_map(move |it| json!({"Type": name, "Parameters": it}))
    })
}

/// Generates the event types with their `ActionData`.
fn data() -> impl Strategy<Value = (&'static str, Option<Json>)> {
    let arguments = || {
        btree_map("[a-z]{1,8}", "s3cret[ -~]{0,9}", 0..3)
            .prop_map(|arguments| json!({"Arguments": arguments}))
    };
    let with = |extras: Json| {
        actions().prop_map(move |mut action| {
            let extras = extras.as_object().unwrap().clone();
            action.as_object_mut().unwrap().extend(extras);
            Some(action)
        })
    };
    let success = prop_oneof![
        with(json!({})),
        with(json!({"ReceivedDigits": "7070707", "Later": "s3cret"})),
        with(json!({
            "RecordingDestination": {"Type": "S3", "BucketName": "b", "Key": "k.wav"},
            "RecordingTerminatorUsed": "#",
        })),
        with(json!({"CallRecordingDestination": {"Type": "S3", "Location": "b/k.wav"}})),
        with(json!({"IntentResult": {
            "SessionId": "0d9e62b7",
            "SessionState": {
                "SessionAttributes": {"name": "s3cret"},
                "Intent": {
                    "Name": "Order", "State": "Fulfilled", "ConfirmationState": "None",
                    "Slots": {"Size": null, "Name": {"Value": {"OriginalValue": "s3cret"}}},
                },
            },
            "Interpretations": [{"Intent": {"Name": "s3cret"}}],
        }})),
    ];
    let failure = with(json!({
        "ErrorType": "SystemException", "ErrorMessage": "System error while running action.",
        "ErrorList": ["s3cret"],
    }));
    let hangup = (0..700_u32, any::<bool>()).prop_map(|(code, is_tagged)| {
        let mut parameters = json!({"SipResponseCode": code, "CallId": "0d9e62b7"});
        if is_tagged {
            parameters["ParticipantTag"] = json!("LEG-B");
        }
        Some(json!({"Type": "Hangup", "Parameters": parameters}))
    });
    prop_oneof![
        Just(("NEW_INBOUND_CALL", None)),
        Just(("RINGING", None)),
        Just(("CALL_ANSWERED", None)),
        Just(("INVALID_LAMBDA_RESPONSE", None)),
        arguments().prop_map(|parameters| {
            (
                "NEW_OUTBOUND_CALL",
                Some(json!({"Type": "CallCreateRequest", "Parameters": parameters})),
            )
        }),
        arguments().prop_map(|parameters| {
            let data = json!({"Type": "CallUpdateRequest", "Parameters": parameters});
            ("CALL_UPDATE_REQUESTED", Some(data))
        }),
        success.prop_map(|data| ("ACTION_SUCCESSFUL", data)),
        with(json!({"ReceivedDigits": "7070707#"})).prop_map(|data| ("DIGITS_RECEIVED", data)),
        failure.prop_map(|data| ("ACTION_FAILED", data)),
        with(json!({})).prop_map(|data| ("ACTION_INTERRUPTED", data)),
        hangup.prop_map(|data| ("HANGUP", data)),
    ]
}

/// Generates invocations for every type of event.
pub(super) fn invocations() -> impl Strategy<Value = Json> {
    (data(), any::<u32>(), participants(), any::<bool>()).prop_map(
        |((event_type, data), sequence, participants, has_more)| {
            let mut json = json!({
                "SchemaVersion": "1.0", "Sequence": sequence, "InvocationEventType": event_type,
                "CallDetails": {"TransactionId": "5a0c7e31", "Participants": participants},
            });
            if let Some(data) = data {
                json["ActionData"] = data;
            }
            if event_type == "INVALID_LAMBDA_RESPONSE" {
                json["ErrorType"] = json!("SchemaVersionMismatch");
                json["ErrorMessage"] = json!("Schema version is not supported");
            }
            if has_more {
                json["Later"] = json!({"name": "s3cret"});
                let call = &mut json["CallDetails"];
                call["TransactionAttributes"] = json!({"pin": "7070707", "tries": 2});
                call["AwsRegion"] = json!("us-east-1");
                call["SipRuleId"] = json!("e7b20d94");
                call["Later"] = json!("s3cret");
            }
            json
        },
    )
}

fn participants() -> impl Strategy<Value = Vec<Json>> {
    let optional = (r"\+1206[0-9]{7}", 0..4_000_000_000_000_u64, any::<bool>());
    let participant = option::of(optional).prop_map(|optional| {
        let mut json = json!({"CallId": "0d9e62b7", "ParticipantTag": "LEG-A"});
        if let Some((number, millis, is_connected)) = optional {
            json["To"] = json!(number);
            json["From"] = json!(number);
            json["Direction"] = json!(if is_connected { "Inbound" } else { "Outbound" });
            json["StartTimeInMilliseconds"] = json!(millis.to_string());
            json["Status"] = json!(if is_connected { "Connected" } else { "Disconnected" });
            json["SipHeaders"] = json!({"X-Account": "s3cret"});
        }
        json
    });
    vec(participant, 0..3)
}

/// Checks that neither `Debug` nor `Masked` shows a sensitive value.
#[track_caller]
pub(super) fn shows_no_secret<T: std::fmt::Debug + serde::Serialize>(value: &T) {
    let masked = serde_json::to_string(&crate::Masked(value)).unwrap();
    let shown = format!("{value:?} {value:#?} {masked}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
}
