//! The types and constraints of members, as data.

use crate::Pattern;

/// A type that is a structure in the API description.
pub trait Describe {
    /// The row of the structure.
    const SHAPE: &'static Structure;
}

/// A structure of the API.
#[derive(Debug)]
pub struct Structure {
    /// The name in the API.
    pub name: &'static str,
    /// The members, in the order of the API description.
    pub members: &'static [MemberInfo],
}

impl Structure {
    /// The member with this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&'static MemberInfo> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The members in the JSON body.
    pub fn body(&self) -> impl Iterator<Item = &'static MemberInfo> {
        self.members.iter().filter(|member| member.place == Place::Body)
    }
}

/// One member of a structure.
#[derive(Debug)]
pub struct MemberInfo {
    /// The name in the API, such as `AccountId`.
    pub name: &'static str,
    /// The part of the request that holds the member.
    pub place: Place,
    /// The type and constraints of the value.
    pub shape: &'static Shape,
    /// Whether the member is required.
    pub required: bool,
    /// A one-line description.
    pub doc: &'static str,
}

impl MemberInfo {
    /// A member in the path. `label` is its name in the path template. Always required.
    #[must_use]
    pub const fn label(
        name: &'static str,
        label: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Label(label), shape, required: true, doc }
    }

    /// A member in the query parameter `parameter`.
    #[must_use]
    pub const fn query(
        name: &'static str,
        parameter: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Query(parameter), shape, required: false, doc }
    }

    /// A required member in the query parameter `parameter`.
    #[must_use]
    pub const fn required_query(
        name: &'static str,
        parameter: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::query(name, parameter, shape, doc) }
    }

    /// A member in the header `header`, in lower case.
    #[must_use]
    pub const fn header(
        name: &'static str,
        header: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Header(header), shape, required: false, doc }
    }

    /// A required member in the header `header`.
    #[must_use]
    pub const fn required_header(
        name: &'static str,
        header: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::header(name, header, shape, doc) }
    }

    /// A member of the JSON body.
    #[must_use]
    pub const fn body(name: &'static str, shape: &'static Shape, doc: &'static str) -> Self {
        Self { name, place: Place::Body, shape, required: false, doc }
    }

    /// A required member of the JSON body.
    #[must_use]
    pub const fn required_body(
        name: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::body(name, shape, doc) }
    }
}

/// The part of a request that holds a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A segment of the path, given by its name in the template.
    Label(&'static str),
    /// A query parameter.
    Query(&'static str),
    /// A header, in lower case.
    Header(&'static str),
    /// The JSON body, under the member's own name.
    Body,
}

/// The type of a value, with its constraints.
#[derive(Debug)]
#[non_exhaustive]
pub enum Shape {
    /// Text.
    Text(TextShape),
    /// One of an open set of values.
    Enumeration(Enumeration),
    /// True or false.
    Boolean,
    /// A whole number.
    Integer(NumberShape),
    /// A number.
    Float(NumberShape),
    /// A point in time.
    Timestamp(TimestampFormat),
    /// A list.
    List(ListShape),
    /// A map with text keys. Keys and values are sensitive.
    Map(MapShape),
    /// A structure.
    Structure(&'static Structure),
}

/// The format in which a timestamp is written. When timestamps are read, both formats are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// ISO 8601 text: see [`timestamp`](crate::timestamp).
    Iso8601,
    /// The seconds since 1970, with milliseconds as a fraction.
    EpochSeconds,
}

/// The constraints of a text.
#[derive(Debug)]
pub struct TextShape {
    /// The minimum number of characters.
    pub min: Option<usize>,
    /// The maximum number of characters.
    pub max: Option<usize>,
    /// A pattern that the whole text must match.
    pub pattern: Option<&'static Pattern>,
    /// Whether the text is sensitive and must not appear in logs.
    pub sensitive: bool,
}

impl TextShape {
    /// Text without constraints.
    pub const ANY: Self = Self { min: None, max: None, pattern: None, sensitive: false };
}

/// The known values of an enum. The service may add values.
#[derive(Debug)]
pub struct Enumeration {
    /// The name of the enum.
    pub name: &'static str,
    /// The values in the API description.
    pub values: &'static [&'static str],
}

/// The bounds of a number.
#[derive(Debug)]
pub struct NumberShape {
    /// The minimum value.
    pub min: Option<i64>,
    /// The maximum value.
    pub max: Option<i64>,
}

/// The constraints of a list.
#[derive(Debug)]
pub struct ListShape {
    /// The shape of an item.
    pub item: &'static Shape,
    /// The minimum number of items.
    pub min: Option<usize>,
    /// The maximum number of items.
    pub max: Option<usize>,
}

/// The constraints of a map.
#[derive(Debug)]
pub struct MapShape {
    /// The shape of a key: text.
    pub key: &'static Shape,
    /// The shape of a value.
    pub value: &'static Shape,
    /// The minimum number of entries.
    pub min: Option<usize>,
    /// The maximum number of entries.
    pub max: Option<usize>,
}
