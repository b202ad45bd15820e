//! Tests with an event of each type, compared as text: members are in the order of the service.

use crate::sma::*;

const IDS: &str = r#""TransactionId":"2f6b90c4-1d7e-4a38-b5c9-80e3f7a1d624""#;

const APPLICATION: &str = r#""AwsAccountId":"111122223333","AwsRegion":"eu-central-1""#;

const RULE: &str = r#""SipRuleId":"c3a85f17-9e24-4b60-8d1f-52a7e6b9c038","SipMediaApplicationId":"71d0e3b8-46fa-4c92-a5e7-0b9c8d2f6a13""#;

/// The first leg without its status.
const LEG: &str = r#"{"CallId":"e4907ac2-5b18-4f6d-93e0-a1c7d85b2f46","ParticipantTag":"LEG-A","To":"+12065550110","From":"+12065550123","Direction":"Inbound","StartTimeInMilliseconds":"1772442600250""#;

/// Replaces the names in angle brackets with the parts of an event.
fn event(text: &str) -> String {
    let text = text.replace("<A>", r#""CallId":"e4907ac2-5b18-4f6d-93e0-a1c7d85b2f46""#);
    let calls = [
        ("<ringing>", "", ""),
        ("<connected>", r#""TransactionAttributes":{"step":"menu"},"#, r#","Status":"Connected""#),
        ("<ended>", "", r#","Status":"Disconnected""#),
    ];
    calls.into_iter().fold(text, |text, (name, attributes, status)| {
        let call = format!(
            r#""CallDetails":{{{IDS},{attributes}{APPLICATION},{RULE},"Participants":[{LEG}{status}}}]}}"#
        );
        text.replace(name, &call)
    })
}

const SAMPLES: [&str; 11] = [
    r#"{"SchemaVersion":"1.0","Sequence":1,"InvocationEventType":"NEW_INBOUND_CALL",<ringing>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":1,"InvocationEventType":"NEW_OUTBOUND_CALL","ActionData":{"Type":"CallCreateRequest","Parameters":{"Arguments":{"guest":"Bo"}}},<ringing>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":2,"InvocationEventType":"RINGING",<ringing>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":3,"InvocationEventType":"CALL_ANSWERED",<connected>}"#,
    r##"{"SchemaVersion":"1.0","Sequence":4,"InvocationEventType":"ACTION_SUCCESSFUL","ActionData":{"Type":"PlayAudioAndGetDigits","Parameters":{"AudioSource":{"Type":"S3","BucketName":"greetings","Key":"menu.wav"},"RepeatDurationInMilliseconds":4000,"MinNumberOfDigits":1,"MaxNumberOfDigits":1,"TerminatorDigits":["#"],<A>},"ReceivedDigits":"2"},<connected>}"##,
    r#"{"SchemaVersion":"1.0","Sequence":5,"InvocationEventType":"ACTION_FAILED","ActionData":{"Type":"PlayAudio","Parameters":{"AudioSource":{"Type":"S3","BucketName":"greetings","Key":"gone.wav"},<A>},"ErrorType":"InvalidAudioSource","ErrorMessage":"Audio Source parameter value is invalid."},<connected>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":6,"InvocationEventType":"ACTION_INTERRUPTED","ActionData":{"Type":"Pause","Parameters":{"DurationInMilliseconds":20000,<A>}},<connected>}"#,
    r##"{"SchemaVersion":"1.0","Sequence":7,"InvocationEventType":"DIGITS_RECEIVED","ActionData":{"Type":"ReceiveDigits","Parameters":{"InputDigitsRegex":"^\\*\\d#$","InBetweenDigitsDurationInMilliseconds":800,"FlushDigitsDurationInMilliseconds":8000,<A>},"ReceivedDigits":"*4#"},<connected>}"##,
    r#"{"SchemaVersion":"1.0","Sequence":8,"InvocationEventType":"CALL_UPDATE_REQUESTED","ActionData":{"Type":"CallUpdateRequest","Parameters":{"Arguments":{"do":"hold"}}},<connected>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":9,"InvocationEventType":"HANGUP","ActionData":{"Type":"Hangup","Parameters":{"SipResponseCode":0,<A>,"ParticipantTag":"LEG-A"}},<ended>}"#,
    r#"{"SchemaVersion":"1.0","Sequence":10,"InvocationEventType":"INVALID_LAMBDA_RESPONSE",<ringing>,"ErrorType":"TooManyActions","ErrorMessage":"Maximum number of actions is 10"}"#,
];

#[test]
fn events_are_written_exactly_as_they_were_read() {
    let mut types = Vec::new();
    for sample in SAMPLES.map(event) {
        let invocation: Invocation = serde_json::from_str(&sample).unwrap();
        assert!(invocation.other.is_empty() && invocation.call.other.is_empty(), "{sample}");
        assert_eq!(serde_json::to_string(&invocation).unwrap(), sample);
        types.push(invocation.event.event_type().to_string());
    }
    assert_eq!(types, EventType::VALUES);
}
