//! Shorthand as the AWS CLI reads it, and any text at all.

use super::*;
use proptest::prelude::*;

/// Values, each as a JSON string, with what the AWS CLI reads in them.
const CASES: &str = include_str!("../../../tests/data/shorthand.tsv");

/// As if no file were named.
fn no_file(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

#[test]
fn every_value_is_read_as_in_the_aws_cli() {
    let mut count = 0;
    for (text, expected) in CASES.lines().map(|line| line.split_once('\t').unwrap()) {
        let text: String = serde_json::from_str(text).unwrap();
        let found = parse(&text, &no_file).map(Value::from);
        match expected {
            "refused" => assert!(found.is_err(), "{text}: {found:?}"),
            json => {
                let expected: Value = serde_json::from_str(json).unwrap();
                assert_eq!(found, Ok(expected), "{text}");
            }
        }
        count += 1;
    }
    assert_eq!(count, 96);
}

#[test]
fn an_at_sign_reads_a_file() {
    let file = |name: &str| match name {
        "file://f" => Ok("content".to_owned()),
        other => Ok(other.to_uppercase()),
    };
    for (text, expected) in [
        ("a@=file://f", r#"{"a":"content"}"#),
        ("a@=file://f,b=file://f", r#"{"a":"content","b":"file://f"}"#),
        ("a={b@=file://f,c=d}", r#"{"a":{"b":"content","c":"d"}}"#),
        ("a@=[file://f,x]", r#"{"a":["content","X"]}"#),
        ("a@=x,y,b=z", r#"{"a":["X","Y"],"b":"z"}"#),
        ("a@='file://f'", r#"{"a":"content"}"#),
    ] {
        let found = parse(text, &file).map(|members| Value::from(members).to_string());
        assert_eq!(found.as_deref(), Ok(expected), "{text}");
    }
    let missing = |_: &str| Err("no such file".to_owned());
    assert_eq!(parse("a@=x", &missing).unwrap_err().reason, "no such file");
}

#[test]
fn a_fault_names_its_place_and_nothing_of_the_text() {
    for (text, position, reason) in [
        ("secret", 7, "expected '=' before the end"),
        ("a=\"secret", 3, "never closed"),
        ("a=b,a=secret", 5, "set already"),
        ("a=[b}", 5, "expected ','"),
        (&format!("a={}", "[".repeat(100)), 67, "nested deeper than 64"),
    ] {
        let fault = parse(text, &no_file).unwrap_err();
        assert_eq!(fault.position, position, "{text}: {}", fault.reason);
        assert!(fault.reason.contains(reason), "{}", fault.reason);
        assert!(!fault.reason.contains("secret"));
    }
}

/// Writes a value so that it is read as it was.
fn printed(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => format!("{{{}}}", printed_members(members)),
        text => {
            let text = text.as_str().unwrap();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
    }
}

fn printed_members(members: &Map<String, Value>) -> String {
    let members = members.iter().map(|(name, value)| format!("{name}={}", printed(value)));
    members.collect::<Vec<_>>().join(",")
}

fn members() -> impl Strategy<Value = Map<String, Value>> {
    let name = "[A-Za-z0-9_.#/:-]{1,6}";
    let value = any::<String>().prop_map(Value::from).prop_recursive(4, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map(name, value, 1..4).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_it_was(members in members()) {
        prop_assert_eq!(parse(&printed_members(&members), &no_file), Ok(members));
    }

    #[test]
    fn no_text_panics(text in "[a-c=,@\\[\\]{}'\"\\\\ ]{0,24}|\\PC{0,24}") {
        let _ = parse(&text, &no_file);
    }
}
