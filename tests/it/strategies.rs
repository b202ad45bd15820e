//! Strategies for random values of any structure of the API, derived from its row.

use chime_model::{Place, Shape, Structure, TextShape, TimestampFormat, timestamp};
use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

/// The number of values for each law and operation.
const CASES: u32 = 24;

/// Checks a law with random values.
pub(crate) fn check<S: Strategy>(
    what: &str,
    strategy: S,
    law: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    check_some(CASES, what, strategy, law);
}

/// Checks a law with this number of random values.
pub(crate) fn check_some<S: Strategy>(
    cases: u32,
    what: &str,
    strategy: S,
    law: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&strategy, law) {
        panic!("{what}: {error}");
    }
}

/// Generates valid requests.
pub(crate) fn valid(structure: &'static Structure) -> BoxedStrategy<Map<String, Value>> {
    members(structure, Kind::Request)
}

/// Generates valid requests with all members set and no empty lists.
pub(crate) fn complete(structure: &'static Structure) -> BoxedStrategy<Map<String, Value>> {
    members(structure, Kind::Complete)
}

/// Generates any output that the service may return, including values of later versions.
pub(crate) fn any_output(structure: &'static Structure) -> BoxedStrategy<Map<String, Value>> {
    members(structure, Kind::Response)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Request,
    Complete,
    Response,
}

fn members(structure: &'static Structure, kind: Kind) -> BoxedStrategy<Map<String, Value>> {
    let mut all = Just(Map::new()).boxed();
    for member in structure.members {
        let is_label = matches!(member.place, Place::Label(_));
        let value = match (member.place, member.shape) {
            (Place::Header(_), Shape::Text(text)) => visible(text).prop_map(Value::from).boxed(),
            _ => value(member.shape, kind),
        };
        let value = value.prop_filter("a segment", move |value| !is_label || !is_no_segment(value));
        let value = if member.required || kind == Kind::Complete {
            value.prop_map(Some).boxed()
        } else {
            proptest::option::of(value).boxed()
        };
        all = (all, value)
            .prop_map(move |(mut map, value)| {
                map.extend(value.map(|value| (member.name.to_owned(), value)));
                map
            })
            .boxed();
    }
    all
}

fn is_no_segment(value: &Value) -> bool {
    matches!(value.as_str(), Some("" | "." | ".."))
}

fn value(shape: &'static Shape, kind: Kind) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text(text) => string(text).prop_map(Value::from).boxed(),
        Shape::Enumeration(names) => {
            let known = proptest::sample::select(names.values).prop_map(Value::from);
            match kind {
                Kind::Request | Kind::Complete => known.boxed(),
                Kind::Response => prop_oneof![known, Just(Value::from("OfTheFuture"))].boxed(),
            }
        }
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Integer(range) => {
            let bound = |limit: Option<i64>, otherwise: i32| limit.unwrap_or(otherwise.into());
            (bound(range.min, i32::MIN)..=bound(range.max, i32::MAX)).prop_map(Value::from).boxed()
        }
        Shape::Float(range) => {
            let bound =
                |limit: Option<i64>, otherwise: f64| limit.map_or(otherwise, |it| it as f64);
            // Multiples of a thousandth, which JSON parsers read exactly.
            let thousandths = |bound: f64| (bound * 1000.0) as i64;
            let range = thousandths(bound(range.min, -1e6))..=thousandths(bound(range.max, 1e6));
            range.prop_map(|number| Value::from(number as f64 / 1000.0)).boxed()
        }
        Shape::Timestamp(format) => (-62_135_596_800_000i64..253_402_300_800_000)
            .prop_map(|millis| {
                let time = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis);
                match format {
                    TimestampFormat::Iso8601 => Value::from(timestamp::format(time).unwrap()),
                    TimestampFormat::EpochSeconds if millis % 1000 == 0 => {
                        Value::from(millis / 1000)
                    }
                    TimestampFormat::EpochSeconds => Value::from(millis as f64 / 1000.0),
                }
            })
            .boxed(),
        Shape::Map(map) => {
            let min = map.min.unwrap_or(0).max(usize::from(kind == Kind::Complete));
            let max = map.max.unwrap_or(usize::MAX).min(min + 2);
            let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
            let entry = (value(map.key, kind).prop_map(text), value(map.value, kind));
            proptest::collection::vec(entry, min..=max)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>()))
                .boxed()
        }
        Shape::List(list) => {
            let min = list.min.unwrap_or(0).max(usize::from(kind == Kind::Complete));
            let max = list.max.unwrap_or(usize::MAX).min(min + 4);
            proptest::collection::vec(value(list.item, kind), min..=max)
                .prop_map(Value::from)
                .boxed()
        }
        Shape::Structure(structure) => members(structure, kind).prop_map(Value::from).boxed(),
        other => panic!("no strategy for {other:?}"),
    }
}

/// Generates text that the shape allows, sometimes of the maximum length.
fn string(shape: &TextShape) -> BoxedStrategy<String> {
    matching(shape, |pattern| pattern)
}

/// Generates text that the shape and a header allow.
fn visible(shape: &TextShape) -> BoxedStrategy<String> {
    matching(shape, |pattern| pattern.replace("[^/].", "[!-.0-~]"))
}

fn matching(shape: &TextShape, change: fn(String) -> String) -> BoxedStrategy<String> {
    let (min, max) = (shape.min.unwrap_or(0), shape.max.unwrap_or(usize::MAX));
    let length = move |text: &String| (min..=max).contains(&text.chars().count());
    let Some(pattern) = shape.pattern else {
        return any::<String>().prop_filter("length", length).boxed();
    };
    // `string_regex` matches whole values, supports neither anchors nor look-aheads, and reads classes as
    // Unicode classes.
    let mut text = pattern.as_str().replace(r"(?!.*?(.)\1{3})", "");
    text = text.replace("(?!(^xn--|.+-s3alias$))", "").replace("*${2,64}", "{2,64}");
    text = text.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}");
    // A `^` after a bracket is not an anchor.
    text = text.replace("[^", "[\0").replace(r"\$", "\x01").replace(['^', '$'], "");
    text = change(text.replace("[\0", "[^").replace('\x01', r"\$"));
    text = text.replace(r"[\d", "[0-9").replace(r"\d", "[0-9]").replace(r"\w", "a-zA-Z0-9_");
    let text = match text.as_str() {
        r".*\S.*" => r"[ a-zé漢/%+.]{0,8}[!-~é漢][ a-zé漢/%+.]{0,8}".to_owned(),
        text if shape.max.is_some() && text.ends_with(['*', '+']) => {
            format!("{}{{{min},{}}}", &text[..text.len() - 1], max.min(80))
        }
        text => text.to_owned(),
    };
    let fits = move |text: &String| length(text) && pattern.matches(text);
    string_regex(&text).unwrap().prop_filter("length and pattern", fits).boxed()
}
