//! Tests of events of every type, and of actions inside and outside of events.

use proptest::prelude::*;
use serde_json::{Value as Json, from_value, json, to_value};

use super::strategies::{ACTIONS, actions, invocations, shows_no_secret};
use crate::sma::*;

proptest! {
    #[test]
    fn an_action_is_written_as_it_was_read(json in actions()) {
        let action: Action = from_value(json.clone()).unwrap();
        prop_assert!(!matches!(action, Action::Other(_)), "{}", json);
        let action_type = action.action_type();
        prop_assert_eq!(action_type.as_str(), json["Type"].as_str().unwrap());
        prop_assert_eq!(action.check(), Ok(()));
        prop_assert_eq!(&to_value(&action).unwrap(), &json);
        shows_no_secret(&action);
    }

    #[test]
    fn an_event_is_written_as_it_was_read(json in invocations()) {
        let invocation: Invocation = from_value(json.clone()).unwrap();
        let event_type = invocation.event.event_type();
        prop_assert!(!matches!(invocation.event, Event::Unknown { .. }), "{}", json);
        prop_assert_eq!(event_type.as_str(), json["InvocationEventType"].as_str().unwrap());
        prop_assert_eq!(&to_value(&invocation).unwrap(), &json);
        shows_no_secret(&invocation);
    }

    #[test]
    fn reading_does_not_panic(bytes: Vec<u8>, json in invocations(), at: prop::sample::Index) {
        let _ = serde_json::from_slice::<Invocation>(&bytes);
        // An event with one changed byte reaches more of the code.
        let mut text = json.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = bytes.first().copied().unwrap_or(b'9');
        let _ = serde_json::from_slice::<Invocation>(&text);
    }
}

#[test]
fn the_strategies_generate_every_action() {
    assert_eq!(ACTIONS.map(|(name, ..)| name), ActionType::VALUES);
}

/// The first leg, as in the samples of the documentation.
fn leg_a() -> Json {
    json!({
        "CallId": "0d9e62b7-3a41-4c58-b7f0-1e8c5a94d263", "ParticipantTag": "LEG-A",
        "To": "+12065550110", "From": "+12065550199", "Direction": "Inbound",
        "StartTimeInMilliseconds": "1772442000000", "Status": "Connected",
    })
}

fn leg_b() -> Json {
    json!({
        "CallId": "9b17f3c4-6e20-4d85-a2cb-58d03f7e61a9", "ParticipantTag": "LEG-B",
        "To": "+12065550198", "From": "+12065550110", "Direction": "Outbound",
        "StartTimeInMilliseconds": "1772442012000", "Status": "Connected",
    })
}

fn read(event_type: &str, data: Json) -> Invocation {
    let json = json!({
        "SchemaVersion": "1.0", "Sequence": 2, "InvocationEventType": event_type,
        "ActionData": data,
        "CallDetails": {
            "TransactionId": "5a0c7e31-94bd-4f26-8e1d-b3706a52c9f4",
            "TransactionAttributes": {"step": "pin"},
            "AwsAccountId": "111122223333", "AwsRegion": "us-east-1",
            "SipRuleId": "e7b20d94-6c1f-4835-8ad2-09f4b6c71e53",
            "SipMediaApplicationId": "4c8e1f7a-2d59-4b63-9a0e-7f15c3d8b246",
            "Participants": [leg_a(), leg_b()],
        },
    });
    let invocation: Invocation = from_value(json.clone()).unwrap();
    assert_eq!(to_value(&invocation).unwrap(), json);
    invocation
}

#[test]
fn an_event_has_its_call() {
    let call = read("RINGING", json!({})).call;
    let [a, b] = [call.leg_a().unwrap(), call.leg_b().unwrap()];
    assert_eq!(a.from.as_ref().unwrap().expose(), "+12065550199");
    assert_eq!(a.start_time.unwrap().unix_timestamp(), 1_772_442_000);
    assert_eq!((&a.direction, a.is_connected()), (&Some(Direction::Inbound), true));
    assert_eq!(call.participant(&b.call_id), Some(b));
    assert_eq!(call.participant(&"other".into()), None);

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct State {
        step: String,
    }
    assert_eq!(call.attributes().unwrap(), Some(State { step: "pin".to_owned() }));
    assert!(call.attributes::<Vec<u8>>().is_err());
    assert_eq!(CallDetails::new("t", []).attributes::<State>().unwrap(), None);
}

#[test]
fn a_result_has_the_collected_digits() {
    let data = json!({
        "Type": "SpeakAndGetDigits",
        "Parameters": {
            "SpeechParameters": {"Text": "Your PIN, then pound"}, "MinNumberOfDigits": 4,
            "MaxNumberOfDigits": 6, "Repeat": 3, "RepeatDurationInMilliseconds": 5000,
            "CallId": "0d9e62b7-3a41-4c58-b7f0-1e8c5a94d263",
        },
        "ReceivedDigits": "1234",
    });
    let Event::ActionSuccessful(done) = read("ACTION_SUCCESSFUL", data).event else { panic!() };
    assert_eq!(done.received_digits(), Some("1234"));
    let Action::SpeakAndGetDigits(action) = &done.action else { panic!() };
    assert_eq!(action.repeat.unwrap().get(), 3);
    let call_id = CallId::from("0d9e62b7-3a41-4c58-b7f0-1e8c5a94d263");
    assert_eq!(done.action.leg(), Some(Leg::Call(call_id)));
}

#[test]
fn a_result_has_the_recording() {
    let destination = json!({"Type": "S3", "BucketName": "calls", "Key": "2026/a.wav"});
    let data = json!({
        "Type": "RecordAudio",
        "Parameters": {
            "RecordingDestination": {"Type": "S3", "BucketName": "calls", "Prefix": "2026"},
            "RecordingTerminators": ["#"],
        },
        "RecordingDestination": destination, "RecordingTerminatorUsed": "#",
    });
    let Event::ActionSuccessful(done) = read("ACTION_SUCCESSFUL", data).event else { panic!() };
    assert_eq!(done.recording_destination, Some(S3Object::new("calls", "2026/a.wav")));
    assert_eq!(done.recording_terminator_used, Some(Key::pound()));
}

#[test]
fn a_result_has_the_intent() {
    let data = json!({
        "Type": "StartBotConversation", "Parameters": {"BotAliasArn": "arn"},
        "IntentResult": {"SessionState": {"Intent": {"Name": "Order", "State": "Fulfilled"}}},
    });
    let Event::ActionSuccessful(done) = read("ACTION_SUCCESSFUL", data).event else { panic!() };
    assert_eq!(done.intent(), Some(&Intent::new("Order").state("Fulfilled")));
}

#[test]
fn a_failure_keeps_the_refused_action() {
    let data = json!({
        "Type": "Pause", "Parameters": {"DurationInMilliseconds": 90_000},
        "ErrorType": "InvalidActionParameter",
        "ErrorMessage": "Duration parameter value is invalid.",
    });
    let Event::ActionFailed(failure) = read("ACTION_FAILED", data).event else { panic!() };
    assert_eq!(failure.error_type, ErrorType::InvalidActionParameter);
    assert_eq!(failure.action.action_type(), ActionType::Pause);
    let expected = failure.error_message.unwrap();
    assert_eq!(failure.action.check().unwrap_err().message, expected);
}

#[test]
fn a_hangup_event_has_the_leg_that_ended() {
    let parameters =
        json!({"SipResponseCode": 486, "CallId": "9b17f3c4", "ParticipantTag": "LEG-B"});
    let data = json!({"Type": "Hangup", "Parameters": parameters});
    let Event::Hangup(hung_up) = read("HANGUP", data).event else { panic!() };
    assert_eq!(hung_up.sip_response_code, Some(486));
    assert_eq!(hung_up.leg(), Some(Leg::Call("9b17f3c4".into())));
    let expected = HungUp::new(486).call_id("9b17f3c4").participant_tag(ParticipantTag::LegB);
    assert_eq!(*hung_up, expected);
}

#[test]
fn an_update_request_has_its_arguments() {
    let data =
        json!({"Type": "CallUpdateRequest", "Parameters": {"Arguments": {"action": "mute"}}});
    let event = read("CALL_UPDATE_REQUESTED", data).event;
    let Event::CallUpdateRequested { arguments } = event else { panic!() };
    assert_eq!(arguments.expose()["action"], "mute");
}
