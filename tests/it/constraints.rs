//! Tests of every constraint of every operation, each violated alone.

use chime_model::chime::*;
use chime_model::{Operation, Rule, Shape, Structure, TimestampFormat, Validate, Violation, check};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::generated::operations::every_operation;
use crate::strategies::complete;

/// A value with one violation, and the violation that has to be reported.
struct Broken {
    value: Value,
    violation: Violation,
}

/// Returns all ways to violate one rule in a structure with all members set.
fn broken(structure: &'static Structure, members: &Map<String, Value>, path: &str) -> Vec<Broken> {
    let mut all = Vec::new();
    let with = |name: &str, value: Option<Value>| {
        let mut changed = members.clone();
        match value {
            Some(value) => changed.insert(name.to_owned(), value),
            None => changed.remove(name),
        };
        Value::Object(changed)
    };
    let join = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let unknown_member = |name: &str| {
        let violation = Violation::new(join(name), Rule::Unknown);
        Broken { value: with(name, Some(json!(1))), violation }
    };
    all.push(unknown_member("Unknown"));
    for member in structure.members {
        all.push(unknown_member(&format!(".{}", member.name)));
        let path = join(member.name);
        if member.required {
            for value in [None, Some(Value::Null)] {
                let violation = Violation::new(&path, Rule::Required);
                all.push(Broken { value: with(member.name, value), violation });
            }
        }
        for inner in broken_value(member.shape, &members[member.name], &path) {
            all.push(Broken { value: with(member.name, Some(inner.value)), ..inner });
        }
    }
    all
}

fn broken_value(shape: &'static Shape, value: &Value, path: &str) -> Vec<Broken> {
    let one = |value: Value, rule| Broken { value, violation: Violation::new(path, rule) };
    let wrong_type = |value, expected| one(value, Rule::Type { expected });
    match shape {
        Shape::Text(text) => {
            let mut all = vec![wrong_type(json!(7), "a string")];
            let (min, max) = (text.min, text.max);
            let mut length = |actual: usize| {
                all.push(one(json!("a".repeat(actual)), Rule::Length { min, max, actual }));
            };
            // If the pattern also restricts the length, both rules are violated.
            min.filter(|min| *min > 0).into_iter().for_each(|min| length(min - 1));
            max.into_iter().for_each(|max| length(max + 1));
            if let Some(pattern) = text.pattern {
                let rule = match pattern.as_str() {
                    r".*\S.*" => Rule::NotBlank,
                    pattern => Rule::Pattern { pattern },
                };
                // Some patterns allow any text.
                let repeat = |text: &str| text.repeat(min.unwrap_or(1).max(1));
                let mut wrong = [" ", "~", "\n", "\0"].iter().map(|text| repeat(text));
                if let Some(value) = wrong.find(|value| !pattern.matches(value)) {
                    all.push(one(json!(value), rule));
                }
            }
            all
        }
        Shape::Enumeration(names) => vec![
            one(json!("Unheard"), Rule::OneOf { values: names.values }),
            wrong_type(json!(true), "a string"),
        ],
        Shape::Boolean => vec![wrong_type(json!("true"), "true or false")],
        Shape::Integer(range) => {
            let out = |min: Option<i64>, max: Option<i64>, actual| {
                one(json!(actual), Rule::Range { min, max, actual })
            };
            let (least, most) = (i64::from(i32::MIN), i64::from(i32::MAX));
            let (min, max) = (range.min.unwrap_or(least), range.max.unwrap_or(most));
            vec![
                wrong_type(json!(1.5), "a whole number"),
                out(Some(min), range.max, min - 1),
                out(range.min, Some(max), max + 1),
            ]
        }
        Shape::Float(range) => {
            let (min, max) = (range.min, range.max);
            let out = |value: i64| one(json!(value as f64), Rule::Interval { min, max });
            let mut all = vec![wrong_type(json!("1"), "a number")];
            all.extend(min.map(|min| out(min - 1)));
            all.extend(max.map(|max| out(max + 1)));
            all
        }
        Shape::Timestamp(TimestampFormat::Iso8601) => {
            let wrong = [json!("soon"), json!(1e30)];
            wrong.map(|value| wrong_type(value, "an ISO 8601 timestamp")).into()
        }
        Shape::Timestamp(TimestampFormat::EpochSeconds) => {
            let wrong = [json!("soon"), json!(1e30), json!(-1_000_000_000_000_000_i64)];
            let expected = "a timestamp: seconds since 1970, or ISO 8601";
            wrong.map(|value| wrong_type(value, expected)).into()
        }
        Shape::Map(map) => {
            let entries = value.as_object().unwrap();
            let (first, inside) = entries.iter().next().unwrap();
            let mut all = vec![wrong_type(json!([]), "a map")];
            all.extend(map.max.map(|max| {
                let many = (0..=max).map(|number| (format!("{first}{number}"), inside.clone()));
                let (min, max) = (map.min, map.max);
                one(
                    Value::from(many.collect::<Map<_, _>>()),
                    Rule::Size { min, max, actual: max.unwrap_or_default() + 1 },
                )
            }));
            for inner in broken_value(map.value, inside, &format!("{path}[0]")) {
                let mut entries = entries.clone();
                entries.insert(first.clone(), inner.value);
                all.push(Broken { value: Value::from(entries), ..inner });
            }
            all
        }
        Shape::List(list) => {
            let items = value.as_array().unwrap();
            let (min, max) = (list.min, list.max);
            let size = |actual: usize| {
                let items = vec![items[0].clone(); actual];
                one(Value::from(items), Rule::Size { min, max, actual })
            };
            let mut all = vec![wrong_type(json!({}), "a list")];
            all.extend(min.filter(|min| *min > 0).map(|min| size(min - 1)));
            all.extend(max.map(|max| size(max + 1)));
            let last = items.len() - 1;
            for inner in broken_value(list.item, &items[last], &format!("{path}[{last}]")) {
                let mut items = items.clone();
                items[last] = inner.value;
                all.push(Broken { value: Value::from(items), ..inner });
            }
            all
        }
        Shape::Structure(structure) => {
            let mut all = broken(structure, value.as_object().unwrap(), path);
            all.push(wrong_type(json!([]), "a structure"));
            all
        }
        other => panic!("no rules for {other:?}"),
    }
}

#[test]
fn every_rule_of_every_operation_is_checked() {
    let mut rules = 0;
    let mut runner = TestRunner::deterministic();
    for info in chime_model::APIS.iter().flat_map(|api| api.operations) {
        let whole = complete(info.input).new_tree(&mut runner).unwrap().current();
        assert_eq!(check(info.input, &whole), Ok(()), "{}", info.name);
        for Broken { value, violation } in broken(info.input, &whole, "") {
            let found = check(info.input, &value).expect_err(&violation.to_string());
            let found = found.as_slice();
            assert!(found.contains(&violation), "{}: {violation} not in {found:?}", info.name);
            // Only the changed member has violations.
            assert!(found.iter().all(|other| other.path == violation.path), "{found:?}");
            rules += 1;
        }
    }
    assert!(rules > 500, "only {rules} rules were violated");
}

#[test]
fn a_typed_request_has_the_same_violations() {
    fn law<O: Operation>() {
        let mut runner = TestRunner::deterministic();
        let whole = complete(O::SHAPE).new_tree(&mut runner).unwrap().current();
        for Broken { value, violation } in broken(O::SHAPE, &whole, "") {
            if matches!(violation.rule, Rule::Unknown) {
                continue;
            }
            // Values that do not fit the type fail to deserialize.
            match serde_json::from_value::<O>(value) {
                Ok(request) => {
                    let found = request.validate().expect_err(&violation.to_string());
                    assert!(found.as_slice().contains(&violation), "{violation}: {found}");
                }
                Err(_) => assert!(
                    match &violation.rule {
                        Rule::Range { actual, .. } => i32::try_from(*actual).is_err(),
                        rule => matches!(rule, Rule::Type { .. } | Rule::Required),
                    },
                    "{}: {violation}",
                    O::INFO.name
                ),
            }
        }
    }
    every_operation!(law);
}

#[test]
fn all_violations_are_reported_with_their_paths() {
    let item = UpdateUserRequestItem::new(" ").license_type("Gold");
    let mut items = vec![UpdateUserRequestItem::new("u"); 21];
    items[3] = item;
    let request = BatchUpdateUserRequest::new("", items);
    let violations = request.validate().unwrap_err();
    assert_eq!(
        violations.to_string(),
        "AccountId: must not be blank; \
         UpdateUserRequestItems[3].LicenseType: must be one of Basic, Plus, Pro, ProTrial; \
         UpdateUserRequestItems[3].UserId: must not be blank; \
         UpdateUserRequestItems: must have at most 20 items, has 21"
    );
}

#[test]
fn patterns_must_match_the_whole_value() {
    let number = |text: &str| AssociatePhoneNumberWithUserRequest::new("a", "u", text).validate();
    assert!(number("+12065550100").is_ok() && number("12065550100").is_ok());
    for wrong in ["+12065550100 ", "x+1206", "+0206", "", "+1206\n"] {
        assert!(number(wrong).is_err(), "{wrong:?}");
    }
    let name = |text: &str| UpdatePhoneNumberSettingsRequest::new(text).validate();
    assert!(name("").is_ok() && name("ab").is_ok() && name("a b c").is_ok());
    assert!(name("a").is_err() && name("a".repeat(16).as_str()).is_err() && name("é1").is_err());
}
