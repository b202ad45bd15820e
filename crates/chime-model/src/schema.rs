//! JSON schemas of the structures, derived from their rows.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::{Shape, Structure};

/// Returns the JSON schema of a structure. It describes the JSON that [`check`](crate::check) accepts, as far
/// as JSON schema can express it. Nested structures are inlined, not referenced.
///
/// The schema of an enum accepts any text, since the service may add values; the known values are examples.
#[must_use]
pub fn of(structure: &Structure) -> Schema {
    Schema::from(members(structure))
}

/// The schema of text, for ids, and for enums with their values.
pub(crate) fn text(values: &[&str]) -> Schema {
    let mut schema = typed("string");
    if !values.is_empty() {
        schema.insert("examples".to_owned(), json!(values));
    }
    Schema::from(schema)
}

fn members(structure: &Structure) -> Map<String, Value> {
    let mut properties = Map::new();
    for member in structure.members {
        let mut schema = shape(member.shape);
        if !member.required {
            // A service writes unset members as null.
            let with_null = match schema.remove("type") {
                Some(Value::Array(types)) => types.into_iter().chain([json!("null")]).collect(),
                other => json!([other, "null"]),
            };
            schema.insert("type".to_owned(), with_null);
        }
        schema.insert("description".to_owned(), json!(member.doc));
        properties.insert(member.name.to_owned(), Value::Object(schema));
    }
    let required = structure.members.iter().filter(|member| member.required);
    let required: Vec<_> = required.map(|member| member.name).collect();
    let mut schema = typed("object");
    schema.insert("title".to_owned(), json!(structure.name));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), json!(required));
    schema
}

fn shape(shape: &Shape) -> Map<String, Value> {
    match shape {
        Shape::Text(it) => {
            let pattern = it.pattern.map(|pattern| ecma_script(pattern.as_str()));
            with(
                typed("string"),
                [
                    ("minLength", it.min.map(Value::from)),
                    ("maxLength", it.max.map(Value::from)),
                    ("pattern", pattern.map(Value::from)),
                ],
            )
        }
        Shape::Enumeration(it) => with(typed("string"), [("examples", Some(json!(it.values)))]),
        Shape::Boolean => typed("boolean"),
        // The integers of the API have 32 bits.
        Shape::Integer(it) => {
            let (min, max) = (it.min.unwrap_or(i32::MIN.into()), it.max.unwrap_or(i32::MAX.into()));
            bounded("integer", Some(min), Some(max))
        }
        Shape::Float(it) => bounded("number", it.min, it.max),
        // Both formats are accepted.
        Shape::Timestamp(_) => Map::from_iter([("type".to_owned(), json!(["string", "number"]))]),
        Shape::List(it) => {
            let items = Value::Object(self::shape(it.item));
            with(
                typed("array"),
                [
                    ("items", Some(items)),
                    ("minItems", it.min.map(Value::from)),
                    ("maxItems", it.max.map(Value::from)),
                ],
            )
        }
        Shape::Map(it) => {
            let (keys, values) = (self::shape(it.key), self::shape(it.value));
            with(
                typed("object"),
                [
                    ("propertyNames", Some(Value::Object(keys))),
                    ("additionalProperties", Some(Value::Object(values))),
                    ("minProperties", it.min.map(Value::from)),
                    ("maxProperties", it.max.map(Value::from)),
                ],
            )
        }
        Shape::Structure(structure) => members(structure),
    }
}

/// Translates a pattern to ECMAScript with the flag `u`, the syntax of JSON schemas.
fn ecma_script(pattern: &str) -> String {
    let differences = [
        (r"\:", ":"),
        (r"\_", "_"),
        (r"\@", "@"),
        (r"\,", ","),
        (r"\u10000-\u10FFFF", r"\u{10000}-\u{10FFFF}"),
        // An anchor cannot be repeated.
        ("${2,64}$", "$"),
    ];
    let whole = format!("^(?:{pattern})$");
    differences.iter().fold(whole, |text, (theirs, ours)| text.replace(theirs, ours))
}

fn bounded(name: &str, min: Option<i64>, max: Option<i64>) -> Map<String, Value> {
    with(typed(name), [("minimum", min.map(Value::from)), ("maximum", max.map(Value::from))])
}

fn typed(name: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(name))])
}

fn with<const N: usize>(
    mut schema: Map<String, Value>,
    rules: [(&str, Option<Value>); N],
) -> Map<String, Value> {
    let set = rules.into_iter().filter_map(|(name, rule)| Some((name.to_owned(), rule?)));
    schema.extend(set);
    schema
}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, SchemaGenerator};

    use super::*;
    use crate::chime::*;
    use crate::{Describe as _, Operation as _};

    #[test]
    fn the_schema_of_a_request_has_its_constraints() {
        let schema = of(BatchCreateRoomMembershipRequest::INFO.input);
        let schema = schema.as_value();
        assert_eq!(schema["required"], json!(["AccountId", "RoomId", "MembershipItemList"]));
        let items = &schema["properties"]["MembershipItemList"];
        assert_eq!((&items["type"], &items["maxItems"]), (&json!("array"), &json!(50)));
        let item = &items["items"]["properties"];
        assert_eq!(item["Role"]["type"], json!(["string", "null"]));
        assert_eq!(item["Role"]["examples"], json!(["Administrator", "Member"]));
        assert_eq!(item["MemberId"]["pattern"], r"^(?:.*\S.*)$");
        let created = &of(Room::SHAPE).as_value()["properties"]["CreatedTimestamp"]["type"].clone();
        assert_eq!(created, &json!(["string", "number", "null"]));
    }

    #[test]
    fn every_member_of_every_operation_has_a_type_and_a_description() {
        fn look(schema: &Value) -> usize {
            let members = schema["properties"].as_object().into_iter().flatten();
            let inner = members.map(|(name, member)| {
                assert!(member["type"].is_string() || member["type"].is_array(), "{name}");
                assert!(member["description"].is_string(), "{name}");
                1 + look(member) + look(&member["items"]) + look(&member["additionalProperties"])
            });
            inner.sum()
        }
        for info in crate::APIS.iter().flat_map(|api| api.operations) {
            for structure in [Some(info.input), info.output].into_iter().flatten() {
                let found = look(of(structure).as_value());
                assert!(found >= structure.members.len(), "{}", structure.name);
            }
        }
    }

    #[test]
    fn every_pattern_is_ecma_script() {
        fn look(schema: &Value) -> usize {
            let pattern = schema.as_object().and_then(|schema| schema.get("pattern"));
            if let Some(text) = pattern.and_then(Value::as_str) {
                for (at, _) in text.match_indices('\\') {
                    let escaped = &text[at + 1..];
                    assert!(
                        escaped.starts_with(|c| r"\^$.*+?()[]{}|/-dDwWsSu1".contains(c)),
                        "{text}"
                    );
                    assert!(!escaped.starts_with("u10"), "{text}");
                }
                assert!(!text.contains("${"), "{text}");
            }
            let inner: usize = match schema {
                Value::Object(members) => members.values().map(look).sum(),
                Value::Array(items) => items.iter().map(look).sum(),
                _ => 0,
            };
            inner + usize::from(pattern.is_some_and(Value::is_string))
        }
        let operations = crate::APIS.iter().flat_map(|api| api.operations);
        let structures = operations.flat_map(|info| [Some(info.input), info.output]).flatten();
        assert!(structures.map(|structure| look(of(structure).as_value())).sum::<usize>() > 0);
    }

    #[test]
    fn types_implement_json_schema() {
        let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
        let schema = generator.subschema_for::<UpdateRoomMembershipRequest>();
        assert_eq!(schema, of(UpdateRoomMembershipRequest::SHAPE));
        let role = RoomMembershipRole::json_schema(&mut generator);
        assert_eq!(role.as_value()["examples"], json!(["Administrator", "Member"]));
        assert_eq!(AccountId::json_schema(&mut generator).as_value(), &json!({ "type": "string" }));
    }
}
