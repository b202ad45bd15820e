//! Tests of events in the formats of earlier and later versions.

use serde_json::{Value as Json, from_value, json, to_value};

use super::strategies::shows_no_secret;
use crate::sma::*;

fn call() -> Json {
    json!({"TransactionId": "t-1", "Participants": []})
}

fn read(event_type: &str, data: Json) -> Event {
    let json = json!({
        "Sequence": 1, "InvocationEventType": event_type, "ActionData": data, "CallDetails": call(),
    });
    from_value::<Invocation>(json).unwrap().event
}

#[test]
fn names_of_earlier_versions_are_read() {
    let json = json!({
        "Sequence": "3", "InvocationEvent": "RINGING",
        "CallDetails": {
            "TransactionId": "t-1", "SipApplicationId": "a-1",
            "Participants": [{
                "CallId": "c-1", "ParticipantTag": "Leg-A", "StartTimeInMilliseconds": 1_772_442_000_000_i64,
            }],
        },
    });
    let invocation: Invocation = from_value(json).unwrap();
    assert_eq!((invocation.sequence, &invocation.event), (3, &Event::Ringing));
    let expected = json!({
        "SchemaVersion": "1.0", "Sequence": 3, "InvocationEventType": "RINGING",
        "CallDetails": {
            "TransactionId": "t-1", "SipMediaApplicationId": "a-1",
            "Participants": [{
                "CallId": "c-1", "ParticipantTag": "LEG-A", "StartTimeInMilliseconds": "1772442000000",
            }],
        },
    });
    assert_eq!(to_value(&invocation).unwrap(), expected);
    assert!(!invocation.call.leg_a().unwrap().is_connected());
}

#[test]
fn an_error_in_one_text_is_split() {
    let data = json!({
        "Type": "Pause", "Parameters": {"DurationInMilliseconds": "3000"}, "CallId": "c-1",
        "Error": "SystemException: System error: again",
    });
    let Event::ActionFailed(failure) = read("ACTION_FAILED", data) else { panic!() };
    assert_eq!(failure.error_type, ErrorType::SystemException);
    assert_eq!(failure.error_message.as_deref(), Some("System error: again"));
    let pause = Pause::new(PauseMillis::of::<3_000>()).on(Leg::Call("c-1".into()));
    assert_eq!(failure.action, pause.into());
}

#[test]
fn the_error_of_an_invalid_response_is_found_in_both_formats() {
    let expected = Event::InvalidResponse {
        error_type: ErrorType::SchemaVersionMismatch,
        message: Some("No".to_owned()),
    };
    let error = json!({"ErrorType": "SchemaVersionMismatch", "ErrorMessage": "No"});
    assert_eq!(read("INVALID_LAMBDA_RESPONSE", error.clone()), expected);
    let mut json = error;
    json["Sequence"] = json!(1);
    json["InvocationEventType"] = json!("INVALID_LAMBDA_RESPONSE");
    json["CallDetails"] = call();
    assert_eq!(from_value::<Invocation>(json).unwrap().event, expected);
}

#[test]
fn a_hang_up_may_lack_a_code() {
    for data in
        [json!({"Type": "Hangup", "Parameters": {"CallId": "c-1"}}), json!({"CallId": "c-1"})]
    {
        let Event::Hangup(hung_up) = read("HANGUP", data) else { panic!() };
        assert_eq!(hung_up.sip_response_code, None);
        assert_eq!(hung_up.call_id, Some("c-1".into()));
    }
}

#[test]
fn absent_arguments_are_an_empty_map() {
    for data in [json!({}), json!({"Parameters": {}}), json!({"Parameters": {"Arguments": null}})] {
        let arguments = Default::default();
        assert_eq!(read("NEW_OUTBOUND_CALL", data), Event::NewOutboundCall { arguments });
    }
}

#[test]
fn numbers_and_booleans_are_read_from_text() {
    for (value, enable) in [(json!("True"), true), (json!("false"), false), (json!(true), true)] {
        let json = json!({"Type": "VoiceFocus", "Parameters": {"Enable": value, "CallId": "c-1"}});
        assert_eq!(from_value::<Action>(json).unwrap(), VoiceFocus::new(enable, "c-1").into());
    }
    let json = json!({"Type": "Hangup", "Parameters": {"SipResponseCode": 486}});
    let busy = Hangup::new().sip_response_code(HangupCode::Busy);
    assert_eq!(from_value::<Action>(json).unwrap(), busy.into());
}

#[test]
fn unknown_data_survive_a_round_trip() {
    for (event_type, data) in [
        ("CALL_HELD", json!({"Type": "Hold", "Parameters": {"Seconds": 7, "Name": "s3cret"}})),
        // Known types with data of an unknown form.
        ("NEW_OUTBOUND_CALL", json!({"Parameters": {"Arguments": ["s3cret"]}})),
        ("ACTION_SUCCESSFUL", json!({"Kind": "s3cret"})),
        ("INVALID_LAMBDA_RESPONSE", json!({"Reason": "s3cret"})),
    ] {
        let event = read(event_type, data.clone());
        let Event::Unknown { event_type: read, .. } = &event else { panic!("{event:?}") };
        assert_eq!(read.as_str(), event_type);
        let invocation = Invocation::new(1, from_value(call()).unwrap(), event);
        assert_eq!(to_value(&invocation).unwrap()["ActionData"], data);
        shows_no_secret(&invocation);
    }
    let data = json!({
        "Type": "Hold", "Parameters": {"Seconds": 7, "Name": "s3cret"}, "ReceivedDigits": 7,
    });
    let event = read("ACTION_SUCCESSFUL", data.clone());
    let Event::ActionSuccessful(done) = &event else { panic!() };
    assert_eq!(done.action.action_type().as_str(), "Hold");
    assert_eq!(to_value(done).unwrap(), data);
    shows_no_secret(done);
}

#[test]
fn input_that_is_not_an_event_is_an_error() {
    let error = |json| from_value::<Invocation>(json).unwrap_err().to_string();
    assert_eq!(error(json!({})), "missing field `InvocationEventType`");
    let json = json!({"InvocationEventType": "RINGING", "Sequence": 1});
    assert_eq!(error(json), "missing field `CallDetails`");
    let json = json!({
        "InvocationEventType": "RINGING", "Sequence": 1,
        "CallDetails": {"TransactionId": "t-1", "Participants": "s3cret"},
    });
    assert!(!error(json).contains("s3cret"));
}
