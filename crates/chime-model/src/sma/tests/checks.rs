//! Tests of action checks: each limit with a valid and an invalid value.

use serde_json::{Value as Json, json};

use crate::Value;
use crate::sma::*;

/// Returns the error of an action with these parameters, and checks that the action is read as its own type.
fn error(name: &str, parameters: Json) -> Option<String> {
    let pause = json!({"Type": "Pause", "Parameters": {"DurationInMilliseconds": 100}});
    let json = json!({
        "SchemaVersion": "1.0", "Actions": [pause, {"Type": name, "Parameters": parameters}],
    });
    let error =
        validate(json.to_string().as_bytes(), |bytes| serde_json::from_slice(bytes)).err()?;
    assert_eq!(error.action, Some(1));
    Some(format!("{}: {}", error.error_type, error.message))
}

const MISSING: &str = "MissingRequiredActionParameter";
const INVALID: &str = "InvalidActionParameter";
const AUDIO: &str = "InvalidAudioSource: Audio Source parameter value is invalid.";

/// Checks that some values of a member are accepted, and that others are refused with this error.
#[track_caller]
fn check(name: &str, valid: &Json, member: &str, right: &[Json], wrong: &[Json], expected: &str) {
    let with = |value: &Json| {
        let mut parameters = valid.clone();
        parameters[member] = value.clone();
        error(name, parameters)
    };
    assert_eq!(error(name, valid.clone()), None, "{name}");
    for value in right {
        assert_eq!(with(value), None, "{name}.{member}: {value}");
    }
    for value in wrong {
        assert_eq!(with(value).as_deref(), Some(expected), "{name}.{member}: {value}");
    }
}

fn invalid(what: &str) -> String {
    format!("{INVALID}: {what} parameter value is invalid.")
}

fn missing(what: &str) -> String {
    format!("{MISSING}: {what} is a required parameter")
}

#[test]
fn parameters_of_speech_are_checked() {
    let valid = json!({"Text": "Hi"});
    let text = |count: usize| json!("ä".repeat(count));
    let texts = [text(0), text(1_000)];
    check("Speak", &valid, "Text", &texts, &[text(1_001), json!(null)], &missing("Text"));
    let engines = [json!("standard"), json!("neural"), json!(null)];
    check("Speak", &valid, "Engine", &engines, &[json!("steam"), json!(1)], &invalid("Engine"));
    let types = [json!("text"), json!("ssml")];
    check("Speak", &valid, "TextType", &types, &[json!("html")], &invalid("TextType"));

    let valid = json!({"SpeechParameters": {"Text": "Hi"}, "RepeatDurationInMilliseconds": 1});
    let name = "SpeakAndGetDigits";
    let speech = [json!({"Text": text(1_001)}), json!({})];
    check(name, &valid, "SpeechParameters", &[], &speech, &missing("Text"));
    check(
        name,
        &valid,
        "FailureSpeechParameters",
        &[json!({"Text": "No"})],
        &[json!({})],
        &missing("Text"),
    );
    check(name, &valid, "SpeechParameters", &[], &[json!(null)], &missing("SpeechParameters"));
    let speech = [json!("Hi")];
    check(name, &valid, "SpeechParameters", &[], &speech, &invalid("SpeechParameters"));
}

#[test]
fn parameters_of_collected_digits_are_checked() {
    let source = json!({"Type": "S3", "BucketName": "b", "Key": "k"});
    for (name, mut valid) in [
        ("SpeakAndGetDigits", json!({"SpeechParameters": {"Text": "Hi"}})),
        ("PlayAudioAndGetDigits", json!({"AudioSource": source})),
    ] {
        let member = "RepeatDurationInMilliseconds";
        valid[member] = json!(5_000);
        let wrong = [json!(0), json!(-1), json!("soon")];
        check(name, &valid, member, &[json!(1), json!("1")], &wrong, &invalid("RepeatDuration"));
        check(name, &valid, member, &[], &[json!(null)], &missing(member));
        let member = "InputDigitsRegex";
        let right = [json!("^(?!1900)[0-9]{4}$"), json!("^\\d{2}#$")];
        check(name, &valid, member, &right, &[json!("("), json!(4)], &invalid(member));
        let member = "TerminatorDigits";
        let right = [json!(["#"]), json!(["1", "*"]), json!([])];
        check(name, &valid, member, &right, &[json!(["A"]), json!(["12"])], &invalid(member));
        check(name, &valid, "Repeat", &[json!(1)], &[json!(0)], &invalid("Repeat"));
        let member = "InBetweenDigitsDurationInMilliseconds";
        check(name, &valid, member, &[json!(1)], &[json!(0)], &invalid(member));
        let (min, max) = ("MinNumberOfDigits", "MaxNumberOfDigits");
        check(name, &valid, min, &[json!(0), json!(128)], &[json!(-1)], &invalid(min));
        // The minimum exceeds the default of the maximum.
        check(name, &valid, min, &[], &[json!(129)], &invalid(max));
        valid[min] = json!(4);
        check(name, &valid, max, &[json!(4), json!(200)], &[json!(3)], &invalid(max));
    }
}

#[test]
fn parameters_of_audio_are_checked() {
    let source = |bucket: &str, key: &str| json!({"Type": "S3", "BucketName": bucket, "Key": key});
    let right = [source("b", "k")];
    let wrong = [
        source("", "k"),
        source("b", ""),
        json!({"BucketName": "b", "Key": "k"}),
        json!({"Type": "URL", "BucketName": "b", "Key": "k"}),
        json!({"Type": "S3", "Key": "k"}),
        json!("s3://b/k"),
    ];
    let valid = json!({"AudioSource": source("b", "k")});
    check("PlayAudio", &valid, "AudioSource", &right, &wrong, AUDIO);
    check("PlayAudio", &valid, "AudioSource", &[], &[json!(null)], &missing("AudioSource"));
    let member = "PlaybackTerminators";
    check("PlayAudio", &valid, member, &[json!(["#", "0"])], &[json!(["#0"])], &invalid(member));
    check("PlayAudio", &valid, "Repeat", &[json!(1)], &[json!(0)], &invalid("Repeat"));
    let mut valid = valid;
    valid["RepeatDurationInMilliseconds"] = json!(1);
    check("PlayAudioAndGetDigits", &valid, "FailureAudioSource", &right, &wrong, AUDIO);
    let valid = json!({
        "CallerIdNumber": "+12065550110", "Endpoints": [{"Type": "PSTN", "Uri": "+12065550198"}],
    });
    check("CallAndBridge", &valid, "RingbackTone", &right, &wrong, AUDIO);
}

#[test]
fn parameters_of_recordings_are_checked() {
    let destination = json!({"Type": "S3", "BucketName": "b", "Prefix": "p"});
    let valid = json!({"RecordingDestination": destination, "RecordingTerminators": ["#"]});
    let name = "RecordAudio";
    let prefix =
        |bytes: usize| json!({"Type": "S3", "BucketName": "b", "Prefix": "p".repeat(bytes)});
    let right = [prefix(979), json!({"Type": "S3", "BucketName": "b"})];
    let wrong = [
        prefix(980),
        json!({"Type": "S3"}),
        json!({"Type": "S3", "BucketName": ""}),
        json!({"BucketName": "b"}),
    ];
    let member = "RecordingDestination";
    check(name, &valid, member, &right, &wrong, &invalid(member));
    check(name, &valid, member, &[], &[json!(null)], &missing(member));
    let member = "RecordingTerminators";
    check(name, &valid, member, &[json!(["#", "9"])], &[json!(["A"])], &invalid(member));
    check(name, &valid, member, &[], &[json!(null)], &missing(member));
    check(name, &valid, "DurationInSeconds", &[json!(1)], &[json!(0)], &invalid("Duration"));
    for member in ["SilenceDurationInSeconds", "SilenceThreshold"] {
        let (right, wrong) = ([json!(1), json!(1_000)], [json!(0), json!(1_001)]);
        check(name, &valid, member, &right, &wrong, &invalid(member));
    }

    let destination = json!({"Type": "S3", "Location": "b/p"});
    let valid = json!({"Track": "BOTH", "Destination": destination});
    let name = "StartCallRecording";
    let tracks = [json!("BOTH"), json!("INCOMING"), json!("OUTGOING")];
    check(name, &valid, "Track", &tracks, &[json!("both")], &invalid("Track"));
    let wrong =
        [json!({"Type": "S3"}), json!({"Type": "S3", "Location": ""}), json!({"Location": "b"})];
    check(name, &valid, "Destination", &[], &wrong, &invalid("Destination"));
}

#[test]
fn parameters_of_digits_and_pauses_are_checked() {
    let valid = json!({"Digits": "1"});
    let right = [json!("0123456789*#ABCD,"), json!("1".repeat(50))];
    let wrong = [json!("1".repeat(51)), json!("E"), json!("1 2"), json!(1)];
    check("SendDigits", &valid, "Digits", &right, &wrong, &invalid("Digits"));
    check("SendDigits", &valid, "Digits", &[], &[json!(null)], &missing("Digits"));
    let member = "ToneDurationInMilliseconds";
    let (right, wrong) = ([json!(50), json!(24_000)], [json!(49), json!(24_001)]);
    check("SendDigits", &valid, member, &right, &wrong, &invalid("ToneDuration"));

    let valid = json!({"DurationInMilliseconds": 100});
    let right = [json!(30_000), json!("3000"), json!(3000.0)];
    let wrong = [json!(99), json!(30_001), json!(100.5), json!(1e300), json!([]), json!("x")];
    check("Pause", &valid, "DurationInMilliseconds", &right, &wrong, &invalid("Duration"));

    let valid = json!({
        "InputDigitsRegex": "1", "InBetweenDigitsDurationInMilliseconds": 1_000,
        "FlushDigitsDurationInMilliseconds": 10_000,
    });
    let name = "ReceiveDigits";
    let member = "FlushDigitsDurationInMilliseconds";
    check(name, &valid, member, &[json!(1_000)], &[json!(999)], &invalid(member));
    check(
        name,
        &valid,
        "InputDigitsRegex",
        &[json!("")],
        &[json!("[")],
        &invalid("InputDigitsRegex"),
    );
}

#[test]
fn parameters_of_bridges_are_checked() {
    let name = "CallAndBridge";
    let pstn = json!({"Type": "PSTN", "Uri": "+12065550198"});
    let valid = json!({"CallerIdNumber": "+12065550110", "Endpoints": [pstn]});
    let aws = |user: &str| json!([{"Type": "AWS", "Arn": "arn", "Uri": user}]);
    let error = |text: &str| format!("{INVALID}: {text}");

    let numbers = [json!("12065550110"), json!("+0"), json!("anonymous")];
    check(name, &valid, "CallerIdNumber", &[], &numbers, &error("Invalid caller ID."));
    check(name, &valid, "CallerIdNumber", &[], &[json!(null)], &error("Caller ID not defined."));
    let counts = [json!([]), json!([pstn, pstn])];
    let expected = error("Invalid number of endpoints provided.");
    check(name, &valid, "Endpoints", &[], &counts, &expected);
    let right = [aws("a"), aws(&"a".repeat(36)), aws("&=+$/%_!~*().-")];
    let wrong = [
        aws(""),
        aws(&"a".repeat(37)),
        aws("a b"),
        json!([{"Type": "AWS", "Uri": "a"}]),
        json!([{"Type": "PSTN", "Uri": "2065550198"}]),
        json!([{"Type": "SIP", "Uri": "a"}]),
        json!([{"Uri": "+12065550198"}]),
        json!(["+12065550198"]),
        json!("+12065550198"),
    ];
    check(name, &valid, "Endpoints", &right, &wrong, &error("Endpoint parameter is invalid."));
    check(name, &valid, "Endpoints", &[], &[json!(null)], &missing("Endpoints"));
    let member = "CallTimeoutSeconds";
    let (right, wrong) = ([json!(1), json!(120)], [json!(0), json!(121)]);
    check(name, &valid, member, &right, &wrong, &invalid(member));

    let reserved = [json!({"From": "1", "x-amzn-a": "1", "x-a": "1"})];
    let wrong = [json!({"x-a": 1}), json!("x-a")];
    // Headers are not sent to phone numbers, so they are not checked.
    check(name, &valid, "SipHeaders", &reserved, &wrong, &invalid("SipHeaders"));
    let valid = json!({"CallerIdNumber": "+12065550110", "Endpoints": aws("a")});
    let right = json!({"x-a": "1".repeat(2_048), "User-to-User": "1", "Diversion": "1"});
    let expected = error("Invalid SIP header(s) provided: From, x-amzn-a");
    check(name, &valid, "SipHeaders", &[json!({}), right], &reserved, &expected);
    let wrong = [json!({"x-a": "1".repeat(2_049)})];
    let expected = error("Invalid SIP header(s) provided: x-a");
    check(name, &valid, "SipHeaders", &[], &wrong, &expected);
}

#[test]
fn parameters_of_meetings_are_checked() {
    let valid = json!({"JoinToken": "t"});
    check("JoinChimeMeeting", &valid, "JoinToken", &[], &[json!(null)], &missing("JoinToken"));
    check("JoinChimeMeeting", &valid, "JoinToken", &[], &[json!(1)], &invalid("JoinToken"));
    let valid = json!({"Operation": "Mute", "MeetingId": "m", "AttendeeList": ["a"]});
    let name = "ModifyChimeMeetingAttendees";
    let operations = [json!("Mute"), json!("Unmute")];
    check(name, &valid, "Operation", &operations, &[json!("Kick")], &invalid("Operation"));
    check(name, &valid, "MeetingId", &[], &[json!(1)], &invalid("Meeting ID"));
    let attendees = |count: usize| json!(vec!["a"; count]);
    let (right, wrong) = ([attendees(1), attendees(100)], [attendees(0), attendees(101)]);
    check(name, &valid, "AttendeeList", &right, &wrong, &invalid("Attendee List"));
}

#[test]
fn parameters_of_bots_are_checked() {
    let name = "StartBotConversation";
    let valid = json!({"BotAliasArn": "arn"});
    check(name, &valid, "BotAliasArn", &[], &[json!(null)], &missing("BotAliasArn"));
    let configuration = |action: &str, content: &str| {
        json!({
            "SessionState": {"DialogAction": {"Type": action}},
            "WelcomeMessages": [{"Content": content, "ContentType": "SSML"}],
        })
    };
    let empty = configuration("ElicitIntent", "").to_string().len();
    let sized = |size: usize| configuration("ElicitIntent", &"x".repeat(size - empty));
    let right =
        [json!({}), sized(10_240), json!({"SessionState": {"DialogAction": {"Type": "Delegate"}}})];
    let wrong = [sized(10_241), configuration("Delegate", "Hi")];
    check(name, &valid, "Configuration", &right, &wrong, &invalid("Configuration"));
    let wrong = [json!({"SessionState": {"DialogAction": {"Type": "Close"}}})];
    check(name, &valid, "Configuration", &[], &wrong, &invalid("Type"));
    let wrong = [json!({"WelcomeMessages": [{"ContentType": "SSML"}]})];
    check(name, &valid, "Configuration", &[], &wrong, &missing("Content"));
}

#[test]
fn legs_are_checked() {
    let expected = format!("{INVALID}: CallId or ParticipantTag parameter for action is invalid");
    let valid = json!({});
    for name in ["Hangup", "StopCallRecording", "PauseCallRecording", "ResumeCallRecording"] {
        let tags = [json!("LEG-A"), json!("leg-b"), json!("")];
        check(name, &valid, "ParticipantTag", &tags, &[json!("LEG-C"), json!(1)], &expected);
        check(name, &valid, "CallId", &[json!("c")], &[json!(1)], &expected);
    }
    let codes = [json!("0"), json!("480"), json!(486)];
    let wrong = [json!("200"), json!(1), json!(true)];
    check("Hangup", &valid, "SipResponseCode", &codes, &wrong, &invalid("SipResponseCode"));
    let valid = json!({"Enable": true, "CallId": "c"});
    check("VoiceFocus", &valid, "CallId", &[], &[json!(null)], &missing("CallId"));
    check("VoiceFocus", &valid, "Enable", &[json!("False")], &[json!(1)], &invalid("Enable"));
}

#[test]
fn invalid_values_cannot_be_created() {
    assert!(Text::new("x".repeat(1_001)).is_err());
    assert!(Digits::new("1".repeat(51)).is_err());
    assert!(PauseMillis::try_from(90_000).is_err());
    assert!(RingSeconds::try_from(121).is_err());
    assert!(DigitRegex::new("(").is_err());
    assert!(Key::new("10").is_err());
    let error = PhoneNumber::new("12065550110").unwrap_err();
    let expected = "invalid value: expected a phone number in E.164 form, such as +12065550100";
    assert_eq!(error.to_string(), expected);
    let name = SipHeaderName::new("X-Account").unwrap();
    assert!(SipHeaders::default().with(name, "1".repeat(2_049)).is_err());
    assert_eq!(PauseMillis::of::<30_000>().get(), 30_000);
}

#[test]
fn check_finds_errors_that_the_types_allow() {
    let (short, long) = (Millis::of::<1>(), Millis::of::<2>());
    let regex = DigitRegex::new("1").unwrap();
    let action = Action::from(ReceiveDigits::new(regex.clone(), short, long));
    assert_eq!(action.check(), Ok(()));
    let action = Action::from(ReceiveDigits::new(regex, long, short));
    let expected = invalid("FlushDigitsDurationInMilliseconds");
    assert_eq!(action.check().unwrap_err().to_string(), expected);
    let digits = SpeakAndGetDigits::new(Text::new("").unwrap(), short).digits::<4, 6>();
    assert_eq!(Action::from(digits.clone()).check(), Ok(()));
    let error = Action::from(digits.max_number_of_digits(3_u32)).check().unwrap_err();
    assert_eq!(error.to_string(), invalid("MaxNumberOfDigits"));
    let parameters = Value::from_serialize(&json!({"SipResponseCode": "200"})).unwrap();
    let Value::Map(parameters) = parameters else { panic!() };
    let error = Action::raw("Hangup", parameters).check().unwrap_err();
    assert_eq!(error.to_string(), invalid("SipResponseCode"));
    let attendees: [AttendeeId; 0] = [];
    let action = ModifyChimeMeetingAttendees::new(AttendeeOperation::Mute, "m", attendees);
    assert_eq!(Action::from(action).check().unwrap_err().to_string(), invalid("Attendee List"));
}
