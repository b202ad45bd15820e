//! The walk: a serde serializer that writes nothing and compares everything with its shape.

use std::fmt;

use serde::ser::{self, Serialize};

use super::{Rule, Violation};
use crate::shape::is_blank;
use crate::{Enumeration, IntegerShape, Shape, Structure, TextShape, timestamp};

/// All violations in `value`.
pub(super) fn violations<T: Serialize + ?Sized>(
    structure: &'static Structure,
    value: &T,
) -> Vec<Violation> {
    let mut report = Report { path: String::new(), found: Vec::new() };
    let walker = Walker { expected: Expected::Structure(structure), report: &mut report };
    if value.serialize(walker).is_err() {
        // Only a value that cannot be written at all, such as a time before year 0, comes here.
        report.add(Rule::Type { expected: "something that can be serialized" });
    }
    report.found
}

struct Report {
    path: String,
    found: Vec<Violation>,
}

impl Report {
    fn add(&mut self, rule: Rule) {
        self.found.push(Violation::new(self.path.clone(), rule));
    }
}

#[derive(Clone, Copy)]
enum Expected {
    Structure(&'static Structure),
    Shape(&'static Shape),
    /// The name of a member: it is appended to the path.
    Name,
    /// The inside of something that is wrong already.
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
            Self::Shape(Shape::Timestamp) => "an ISO 8601 timestamp",
            Self::Shape(Shape::List(_)) => "a list",
            Self::Shape(Shape::Structure(_)) | Self::Name | Self::Anything => "a value",
        }
    }
}

/// Compares one value. It answers whether the value was there at all.
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
            Expected::Shape(Shape::Timestamp) if timestamp::parse(text).is_ok() => {}
            Expected::Name => {
                if !self.report.path.is_empty() {
                    self.report.path.push('.');
                }
                self.report.path.push_str(text);
            }
            _ => return self.mismatch(),
        }
        Ok(true)
    }

    fn integer(self, number: i64) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(&Shape::Integer(IntegerShape { min, max })) => {
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                    self.report.add(Rule::Range { min, max, actual: number });
                }
            }
            Expected::Shape(Shape::Timestamp) => {}
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
        Compound { expected, report, path, seen: 0, count: 0 }
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

/// Compares the inside of a list or a structure.
struct Compound<'a> {
    expected: Expected,
    report: &'a mut Report,
    /// How long the path is without what is inside.
    path: usize,
    /// Which members were there, a bit each: no structure of the family has 64.
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

    /// Compares a member whose name was just appended to the path.
    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        let name = self.report.path.get(self.path..).unwrap_or_default().trim_start_matches('.');
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
        if value.serialize(Walker { expected, report: self.report })? {
            self.seen |= bit;
        }
        self.report.path.truncate(self.path);
        Ok(())
    }

    fn finish(self) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Structure(structure) => {
                for (position, member) in structure.members.iter().enumerate() {
                    if member.required && self.seen & (1 << position) == 0 {
                        let _ = Walker { expected: Expected::Name, report: self.report }
                            .text(member.name);
                        self.report.add(Rule::Required);
                        self.report.path.truncate(self.path);
                    }
                }
            }
            Expected::Shape(Shape::List(list)) => {
                let (min, max, actual) = (list.min, list.max, self.count);
                if min.is_some_and(|min| actual < min) || max.is_some_and(|max| actual > max) {
                    self.report.add(Rule::Size { min, max, actual });
                }
            }
            _ => {}
        }
        Ok(true)
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty,)+) => {$(
        fn $method(self, number: $type) -> Result<bool, fmt::Error> {
            match i64::try_from(number) {
                Ok(number) => self.integer(number),
                Err(_) => self.mismatch(),
            }
        }
    )+};
}

impl<'a> ser::Serializer for Walker<'a> {
    type Ok = bool;
    type Error = fmt::Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = ser::Impossible<bool, fmt::Error>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = ser::Impossible<bool, fmt::Error>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_bool(self, _: bool) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(Shape::Boolean) => Ok(true),
            _ => self.mismatch(),
        }
    }

    fn serialize_f32(self, number: f32) -> Result<bool, fmt::Error> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, _: f64) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(Shape::Timestamp) => Ok(true),
            _ => self.mismatch(),
        }
    }

    fn serialize_char(self, c: char) -> Result<bool, fmt::Error> {
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<bool, fmt::Error> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_none(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool, fmt::Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, fmt::Error> {
        Ok(self.compound(|expected| matches!(expected, Expected::Shape(Shape::List(_)))))
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, fmt::Error> {
        Ok(self.compound(|expected| matches!(expected, Expected::Structure(_))))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}

impl ser::SerializeSeq for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeTuple for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), fmt::Error> {
        name.serialize(Walker { expected: Expected::Name, report: self.report }).map(drop)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.member(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeStruct for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.report.path.reserve(name.len() + 1);
        Walker { expected: Expected::Name, report: self.report }.text(name)?;
        self.member(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}
