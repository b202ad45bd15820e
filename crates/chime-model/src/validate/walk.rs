//! A serde serializer that writes nothing, and compares each value with its shape.

mod serializer;

use std::fmt;

use serde::Serialize;

use super::{Rule, Violation};
use crate::pattern::is_blank;
use crate::{
    Enumeration, ListShape, MapShape, NumberShape, Shape, Structure, TextShape, TimestampFormat,
    timestamp,
};

/// Returns all violations in `value`.
pub(super) fn violations<T: Serialize + ?Sized>(
    structure: &'static Structure,
    value: &T,
) -> Vec<Violation> {
    let mut report = Report { path: String::new(), name: 0, found: Vec::new() };
    let walker = Walker { expected: Expected::Structure(structure), report: &mut report };
    if value.serialize(walker).is_err() {
        // Only a value that fails to serialize, such as a time before year 0, reaches this line.
        report.add(Rule::Type { expected: "serializable" });
    }
    report.found
}

struct Report {
    path: String,
    /// The position in `path` where the last name starts.
    name: usize,
    found: Vec<Violation>,
}

impl Report {
    fn add(&mut self, rule: Rule) {
        self.found.push(Violation::new(self.path.clone(), rule));
    }

    fn push_name(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.name = self.path.len();
        self.path.push_str(name);
    }
}

#[derive(Clone, Copy)]
enum Expected {
    Structure(&'static Structure),
    Shape(&'static Shape),
    /// The name of a member.
    Name,
    /// A value inside one that already has a violation.
    Anything,
}

impl From<&'static Shape> for Expected {
    fn from(shape: &'static Shape) -> Self {
        match shape {
            Shape::Structure(structure) => Self::Structure(structure),
            other => Self::Shape(other),
        }
    }
}

impl Expected {
    fn in_words(self) -> &'static str {
        match self {
            Self::Structure(_) => "a structure",
            Self::Shape(Shape::Text(_) | Shape::Enumeration(_)) => "a string",
            Self::Shape(Shape::Boolean) => "true or false",
            Self::Shape(Shape::Integer(_)) => "a whole number",
            Self::Shape(Shape::Float(_)) => "a number",
            Self::Shape(Shape::Timestamp(TimestampFormat::Iso8601)) => "an ISO 8601 timestamp",
            Self::Shape(Shape::Timestamp(TimestampFormat::EpochSeconds)) => {
                "a timestamp: seconds since 1970, or ISO 8601"
            }
            Self::Shape(Shape::List(_)) => "a list",
            Self::Shape(Shape::Map(_)) => "a map",
            Self::Shape(Shape::Structure(_)) | Self::Name | Self::Anything => "a value",
        }
    }
}

/// Compares one value with its shape. The output says whether the value is present, that is, not null.
struct Walker<'a> {
    expected: Expected,
    report: &'a mut Report,
}

impl<'a> Walker<'a> {
    fn mismatch(self) -> Result<bool, fmt::Error> {
        if !matches!(self.expected, Expected::Anything) {
            self.report.add(Rule::Type { expected: self.expected.in_words() });
        }
        Ok(true)
    }

    fn text(self, text: &str) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(Shape::Text(shape)) => check_text(shape, text, self.report),
            Expected::Shape(Shape::Enumeration(Enumeration { values, .. })) => {
                if !values.contains(&text) {
                    self.report.add(Rule::OneOf { values });
                }
            }
            Expected::Shape(Shape::Timestamp(_)) if timestamp::parse(text).is_ok() => {}
            Expected::Name => self.report.push_name(text),
            _ => return self.mismatch(),
        }
        Ok(true)
    }

    fn integer(self, number: i64) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(&Shape::Integer(NumberShape { min, max })) => {
                // The integers of the API have 32 bits.
                let min = min.or((number < i32::MIN.into()).then_some(i32::MIN.into()));
                let max = max.or((number > i32::MAX.into()).then_some(i32::MAX.into()));
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                    self.report.add(Rule::Range { min, max, actual: number });
                }
            }
            Expected::Shape(Shape::Float(_) | Shape::Timestamp(_)) => {
                return self.float(number as f64);
            }
            _ => return self.mismatch(),
        }
        Ok(true)
    }

    fn float(self, number: f64) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(&Shape::Float(NumberShape { min, max })) => {
                let too_small = min.is_some_and(|min| number < min as f64);
                if too_small || max.is_some_and(|max| number > max as f64) {
                    self.report.add(Rule::Interval { min, max });
                }
            }
            Expected::Shape(Shape::Timestamp(_)) if timestamp::from_seconds(number).is_some() => {}
            _ => return self.mismatch(),
        }
        Ok(true)
    }

    fn compound(self, accepts: fn(Expected) -> bool) -> Compound<'a> {
        let Self { mut expected, report } = self;
        if !accepts(expected) {
            let _ = Walker { expected, report: &mut *report }.mismatch();
            expected = Expected::Anything;
        }
        let path = report.path.len();
        Compound { expected, report, path, named: 0, seen: 0, count: 0 }
    }
}

fn check_text(shape: &TextShape, text: &str, report: &mut Report) {
    let TextShape { min, max, pattern, .. } = *shape;
    if min.is_some() || max.is_some() {
        let actual = text.chars().count();
        if min.is_some_and(|min| actual < min) || max.is_some_and(|max| actual > max) {
            report.add(Rule::Length { min, max, actual });
        }
    }
    if let Some(pattern) = pattern.filter(|pattern| !pattern.matches(text)) {
        report.add(if pattern.demands_non_blank() && is_blank(text) {
            Rule::NotBlank
        } else {
            Rule::Pattern { pattern: pattern.as_str() }
        });
    }
}

/// Compares the values inside a list, a map or a structure.
struct Compound<'a> {
    expected: Expected,
    report: &'a mut Report,
    /// The length of the path up to this value.
    path: usize,
    /// The members that occurred, one bit each. No structure has 64 members.
    named: u64,
    /// The members that had a value other than null.
    seen: u64,
    count: usize,
}

impl Compound<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        let expected = match self.expected {
            Expected::Shape(Shape::List(list)) => list.item.into(),
            _ => Expected::Anything,
        };
        self.report.path.push_str(&format!("[{}]", self.count));
        if !value.serialize(Walker { expected, report: self.report })? {
            self.report.add(Rule::Required);
        }
        self.report.path.truncate(self.path);
        self.count += 1;
        Ok(())
    }

    /// Compares the value of a member whose name was just added to the path.
    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        if let Expected::Shape(Shape::Map(map)) = self.expected {
            return self.entry(map, value);
        }
        let name = self.report.path.get(self.report.name..).unwrap_or_default();
        let mut expected = Expected::Anything;
        let mut bit = 0;
        if let Expected::Structure(structure) = self.expected {
            match structure.members.iter().position(|member| member.name == name) {
                Some(position) => {
                    expected = structure.members[position].shape.into();
                    bit = 1 << position;
                }
                None => self.report.add(Rule::Unknown),
            }
        }
        if self.named & bit != 0 {
            self.report.add(Rule::Repeated);
        }
        self.named |= bit;
        if value.serialize(Walker { expected, report: self.report })? {
            self.seen |= bit;
        }
        self.report.path.truncate(self.path);
        Ok(())
    }

    /// Compares the value of a map entry whose key was just compared.
    fn entry<T: Serialize + ?Sized>(
        &mut self,
        map: &'static MapShape,
        value: &T,
    ) -> Result<(), fmt::Error> {
        value.serialize(Walker { expected: map.value.into(), report: self.report })?;
        self.report.path.truncate(self.path);
        self.count += 1;
        Ok(())
    }

    /// Compares the name of a member or the key of a map entry. A name is added to the path; a key is not,
    /// because it is sensitive.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), fmt::Error> {
        let mut expected = Expected::Name;
        if let Expected::Shape(Shape::Map(map)) = self.expected {
            self.report.path.push_str(&format!("[{}]", self.count));
            expected = map.key.into();
        }
        key.serialize(Walker { expected, report: self.report }).map(drop)
    }

    fn finish(self) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Structure(structure) => {
                for (position, member) in structure.members.iter().enumerate() {
                    if member.required && self.seen & (1 << position) == 0 {
                        self.report.push_name(member.name);
                        self.report.add(Rule::Required);
                        self.report.path.truncate(self.path);
                    }
                }
            }
            Expected::Shape(
                &Shape::List(ListShape { min, max, .. }) | &Shape::Map(MapShape { min, max, .. }),
            ) => {
                let actual = self.count;
                if min.is_some_and(|min| actual < min) || max.is_some_and(|max| actual > max) {
                    self.report.add(Rule::Size { min, max, actual });
                }
            }
            _ => {}
        }
        Ok(true)
    }
}
