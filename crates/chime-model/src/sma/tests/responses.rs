//! Tests of creating and validating responses.

use proptest::prelude::*;
use serde_json::{Value as Json, json, to_value};

use super::strategies::{actions, shows_no_secret};
use crate::Value;
use crate::sma::*;

fn check(json: &Json) -> Result<Response, ResponseError> {
    validate(json.to_string().as_bytes(), |bytes| serde_json::from_slice(bytes))
}

fn speak(text: &str) -> Speak {
    Speak::new(Text::new(text).unwrap())
}

proptest! {
    #[test]
    fn a_valid_response_is_written_as_it_was_read(
        actions in proptest::collection::vec(actions(), 0..=10),
        attributes in proptest::option::of("s3cret.{0,9}"),
    ) {
        let mut json = json!({"SchemaVersion": "1.0", "Actions": actions});
        if let Some(secret) = attributes {
            json["TransactionAttributes"] = json!({"name": secret, "tries": [1, 2.5, null, true]});
        }
        let response = check(&json).unwrap();
        prop_assert_eq!(to_value(&response).unwrap(), json);
        shows_no_secret(&response);
    }

    #[test]
    fn the_check_does_not_panic(
        bytes: Vec<u8>,
        action in actions(),
        at: prop::sample::Index,
    ) {
        let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes);
        let _ = validate(&bytes, parse);
        let mut text = json!({"SchemaVersion": "1.0", "Actions": [action]}).to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = bytes.first().copied().unwrap_or(b'9');
        if let Err(error) = validate(&text, parse) {
            let shown = format!("{error:?}");
            prop_assert!(!shown.contains("7070707"), "{}", shown);
        }
    }

    #[test]
    fn the_computed_length_is_that_of_the_json(texts in proptest::collection::vec(any::<String>(), 0..4), number: i32) {
        let json = json!({"texts": texts, "n": [number, null, true], "f": f64::from(number) / 8.0});
        let value = Value::from_serialize(&json).unwrap();
        prop_assert_eq!(crate::value::json_len(&value), json.to_string().len());
    }

    #[test]
    fn from_serialize_returns_the_value_that_json_would(rows: Vec<(String, Option<u64>, i32, char)>) {
        let value = Value::from_serialize(&rows).unwrap();
        prop_assert_eq!(to_value(&value).unwrap(), to_value(&rows).unwrap());
    }
}

#[test]
fn invalid_responses_have_the_errors_of_the_service() {
    let pause = json!({"Type": "Pause", "Parameters": {"DurationInMilliseconds": 100}});
    let with = |name: &str, value: Json| {
        let mut json = json!({"SchemaVersion": "1.0"});
        json[name] = value;
        json
    };
    let numbered = |count: usize| -> Json {
        (0..count).map(|n| (n.to_string(), json!(""))).collect::<serde_json::Map<_, _>>().into()
    };
    // Two brackets, the name, the colon and the quotes around the value.
    let sized = |size: usize| json!({"a": "x".repeat(size - 8)});
    let invalid = [
        (json!(null), "InvalidLambdaResponse"),
        (json!([]), "InvalidLambdaResponse"),
        (json!("{}"), "InvalidLambdaResponse"),
        (json!({}), "SchemaVersionMismatch"),
        (json!({"SchemaVersion": 1.0}), "SchemaVersionMismatch"),
        (json!({"statusCode": 200, "body": "{}"}), "SchemaVersionMismatch"),
        (with("Actions", json!({})), "InvalidActionsList"),
        (with("Actions", json!([1])), "InvalidActionsList"),
        (with("Actions", json!([{"Parameters": {}}])), "InvalidActionsList"),
        (with("Actions", json!([{"Type": "Hangup"}])), "InvalidActionsList"),
        (with("Actions", json!([{"Type": "Answer", "Parameters": {}}])), "UnsupportedAction"),
        (with("Actions", json!(vec![&pause; 11])), "TooManyActions"),
        (with("TransactionAttributes", numbered(101)), "TransactionAttributesInvalidMapSize"),
        (with("TransactionAttributes", sized(20_481)), "TransactionAttributesInvalidSize"),
        (with("TransactionAttributes", json!("a")), "TransactionAttributesInvalidSize"),
    ];
    for (json, error_type) in invalid {
        let error = check(&json).unwrap_err();
        assert_eq!((error.action, error.error_type.as_str()), (None, error_type), "{json}");
        assert!(error.error_type.is_known() && !error.message.is_empty());
    }
    for json in [
        with("Actions", json!(null)),
        with("Actions", json!([])),
        with("Actions", json!(vec![&pause; 10])),
        with("TransactionAttributes", json!(null)),
        with("TransactionAttributes", numbered(100)),
        with("TransactionAttributes", sized(20_480)),
        with("Later", json!(1)),
    ] {
        assert_eq!(check(&json).err(), None, "{json}");
    }
    for bytes in [&b""[..], b"{", b"\xff"] {
        let error = validate(bytes, |bytes| serde_json::from_slice(bytes)).unwrap_err();
        assert_eq!(error.error_type, ErrorType::InvalidLambdaResponse);
    }
}

#[test]
fn absent_actions_and_attributes_leave_the_call_unchanged() {
    for json in [json!({"SchemaVersion": "1.0"}), json!({"SchemaVersion": "1.0", "Actions": []})] {
        assert_eq!(check(&json).unwrap(), Response::none());
    }
    let clearing = check(&json!({"SchemaVersion": "1.0", "TransactionAttributes": {}})).unwrap();
    assert_eq!(clearing, Response::none().clear_attributes());
    let expected = json!({"SchemaVersion": "1.0", "Actions": [], "TransactionAttributes": {}});
    assert_eq!(to_value(&clearing).unwrap(), expected);
    assert_eq!(Response::none().as_attributes(), None);
}

#[test]
fn a_response_is_created_from_arrays_tuples_and_iterators() {
    let array = Response::actions([speak("a"), speak("b")]);
    let tuple = Response::actions((speak("a"), Action::from(speak("b"))));
    assert_eq!(array, tuple);
    let iterator = Response::try_actions(["a", "b"].map(speak));
    assert_eq!(iterator.unwrap().as_actions(), array.as_actions());
    let none = Response::try_actions(Vec::<Action>::new());
    assert_eq!(none.unwrap(), Response::none());
    assert!(Response::try_actions(vec![speak("a"); 10]).is_ok());
    assert_eq!(Response::try_actions(vec![speak("a"); 11]), Err(TooManyActions));
}

#[test]
fn a_raw_action_can_be_sent() {
    let parameters = Value::from_serialize(&json!({"Seconds": 7})).unwrap();
    let Value::Map(parameters) = parameters else { panic!() };
    let response = Response::actions([Action::raw("Hold", parameters)]);
    let json = json!({
        "SchemaVersion": "1.0", "Actions": [{"Type": "Hold", "Parameters": {"Seconds": 7}}],
    });
    assert_eq!(to_value(&response).unwrap(), json);
    let error = response.as_actions()[0].check().unwrap_err();
    assert_eq!(error.to_string(), "UnsupportedAction: Unsupported action Hold");
}

#[test]
fn attributes_have_limits() {
    let mut attributes = Attributes::default();
    for n in 0..100_i64 {
        attributes.insert(n.to_string(), n).unwrap();
    }
    let full = attributes.clone();
    assert_eq!(attributes.insert("more", true), Err(AttributesError::TooMany));
    assert_eq!(attributes, full);
    attributes.insert("7", "replaced").unwrap();
    let large = "x".repeat(20_480);
    assert_eq!(attributes.insert("7", large.as_str()), Err(AttributesError::TooLarge));
    assert_eq!(attributes.expose()["7"].as_text(), Some("replaced"));
}

#[test]
fn attributes_are_created_from_a_structure() {
    #[derive(serde::Serialize)]
    struct State<'a> {
        step: &'a str,
        tries: u8,
    }
    let state = State { step: "s3cret", tries: 2 };
    let attributes = Attributes::from_serialize(&state).unwrap();
    assert_eq!(to_value(&attributes).unwrap(), json!({"step": "s3cret", "tries": 2}));
    shows_no_secret(&attributes);
    assert_eq!(Attributes::from_serialize("s3cret"), Err(AttributesError::NotAMap));
    let error = Attributes::from_serialize(
        &json!({"a": 1})
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, _)| (name.as_str(), f64::NAN))
            .collect::<std::collections::BTreeMap<_, _>>(),
    );
    assert!(matches!(error, Err(AttributesError::Value(_))));
}
