//! Formats as the AWS CLI prints them, and any value at all.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Documents, each as the AWS CLI prints it in the formats other than JSON.
const CASES: &str = include_str!("../../tests/data/formats.txt");

fn tree(json: &str) -> Tree {
    serde_json::from_str::<Value>(json).unwrap().into()
}

#[test]
fn every_format_is_that_of_the_aws_cli() {
    let mut count = 0;
    for case in CASES.strip_prefix("### ").unwrap().split("\n### ") {
        let (json, printed) = case.split_once('\n').unwrap_or((case, ""));
        let tree = tree(json);
        for block in format!("\n{printed}\n").split("\n--- ").skip(1) {
            let (format, expected) = block.split_once('\n').unwrap_or((block, ""));
            let found = match format {
                "text" => text::text(&tree),
                "table" => table::table("ListThings", &tree, 80, false).unwrap_or_default(),
                "yaml" if tree.members().is_some_and(<[_]>::is_empty) => String::new(),
                "yaml" => yaml::yaml(&tree),
                other => panic!("{other}"),
            };
            assert_eq!(found.trim_end_matches('\n'), expected.trim_end_matches('\n'), "{json}");
            count += 1;
        }
    }
    assert_eq!(count, 89);
}

#[test]
fn json_is_indented_by_four_spaces() {
    let expected = "{\n    \"A\": [\n        1,\n        null\n    ],\n    \"B\": {},\n    \"C\": \"Zoë\"\n}\n";
    assert_eq!(json(&tree(r#"{"A":[1,null],"B":{},"C":"Zoë"}"#)), expected);
}

#[test]
fn colors_are_around_cells_and_edges_only() {
    let tree = tree(r#"{"A":{"Name":"x\u001b[2J"}}"#);
    let colored = table::table("Op", &tree, 80, true).unwrap();
    assert!(colored.contains("\u{1b}[1m\u{1b}[34mx\\u{1b}[2J\u{1b}[0m"), "{colored:?}");
    let plain = table::table("Op", &tree, 80, false).unwrap();
    assert!(!plain.contains('\u{1b}'));
    let stripped = ["\u{1b}[1m", "\u{1b}[34m", "\u{1b}[0m", "\u{1b}[2m", "\u{1b}[33m"]
        .iter()
        .fold(colored, |text, code| text.replace(code, ""));
    assert_eq!(stripped, plain);
}

#[test]
fn the_flag_names_the_format_else_the_variable() {
    for (flag, variable, expected) in [
        (None, None, Some(None)),
        (None, Some(""), Some(None)),
        (None, Some("yaml-stream"), Some(Some(Format::YamlStream))),
        (Some("text"), Some("table"), Some(Some(Format::Text))),
        (None, Some("xml"), None),
    ] {
        let found = chosen(flag, |name| {
            assert_eq!(name, "AWS_DEFAULT_OUTPUT");
            variable.map(str::to_owned)
        });
        assert_eq!(found.ok(), expected);
    }
}

/// A writer that always fails in the same way.
struct Failing(io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_not_an_error_and_a_full_disk_is() {
    assert!(announce(&mut Failing(io::ErrorKind::BrokenPipe), "text").is_ok());
    assert!(announce(&mut Failing(io::ErrorKind::StorageFull), "text").is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let text =
        prop_oneof!["\\PC{0,12}", "[-+0-9:.eExT ]{0,12}", "[a-c \n'\"#:]{0,200}", any::<String>()];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn yaml_is_read_as_what_was_written(value in values()) {
        let yaml = yaml::yaml(&value.clone().into());
        let read: Value = serde_norway::from_str(&yaml)
            .map_err(|error| TestCaseError::fail(format!("{error}: {yaml}")))?;
        prop_assert_eq!(read, value, "{}", yaml);
    }

    #[test]
    fn lines_of_a_table_are_equally_wide(value in values(), width in 0_usize..200) {
        let mut value = value;
        // A line break in a cell breaks the line, as in the AWS CLI.
        strip_lines(&mut value);
        if let Some(table) = table::table("Title", &value.into(), width, false) {
            let widths: Vec<usize> = table.lines().map(table::width).collect();
            prop_assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{}", table);
        }
    }

    #[test]
    fn no_format_prints_a_control_character(value in values()) {
        let tree = Tree::from(value);
        let table = table::table("Title", &tree, 80, false).unwrap_or_default();
        for printed in [json(&tree), yaml::yaml(&tree), text::text(&tree), table] {
            prop_assert!(!printed.contains(terminal::is_control), "{:?}", printed);
        }
    }
}

fn strip_lines(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace(['\n', '\t'], " "),
        Value::Array(items) => items.iter_mut().for_each(strip_lines),
        Value::Object(members) => {
            *members = std::mem::take(members)
                .into_iter()
                .map(|(name, mut value)| {
                    strip_lines(&mut value);
                    (name.replace(['\n', '\t'], " "), value)
                })
                .collect();
        }
        _ => {}
    }
}

#[test]
fn a_shaped_result_is_printed_in_the_order_of_the_api() {
    let Value::Object(result) = json!({"NextToken": "t", "Colour": "red", "RoomMemberships": [{
        "UpdatedTimestamp": "2019-12-02T22:29:31.5+01:00", "InvitedBy": null, "Role": "Member",
        "RoomId": "r", "Member": {"FullName": "Zoë", "MemberId": "m"}}]})
    else {
        panic!("an object");
    };
    let api = &chime_client::model::chime::API;
    let output = api.operation("ListRoomMemberships").unwrap().output.unwrap();
    let printed = serde_json::to_string(&Tree::of(output, result, Times::Iso8601)).unwrap();
    let expected = r#"{"RoomMemberships":[{"RoomId":"r","Member":{"MemberId":"m","FullName":"Zoë"},"Role":"Member","UpdatedTimestamp":"2019-12-02T22:29:31.500000+01:00"}],"NextToken":"t"}"#;
    assert_eq!(printed, expected);
}
