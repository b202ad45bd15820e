//! Shapes: what the API description says of a member, as data.

use crate::Pattern;

/// A type that the API description knows as a structure.
pub trait Describe {
    /// Its members.
    const SHAPE: &'static Structure;
}

/// A structure of the API.
#[derive(Debug)]
pub struct Structure {
    /// The name as the API writes it.
    pub name: &'static str,
    /// The members, in the order of the API description.
    pub members: &'static [MemberInfo],
}

impl Structure {
    /// The member of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&'static MemberInfo> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The members that travel in the body.
    pub fn body(&self) -> impl Iterator<Item = &'static MemberInfo> {
        self.members.iter().filter(|member| member.place == Place::Body)
    }
}

/// One member of a structure.
#[derive(Debug)]
pub struct MemberInfo {
    /// The name as the API writes it, such as `AccountId`.
    pub name: &'static str,
    /// Where it travels in a request.
    pub place: Place,
    /// What it holds.
    pub shape: &'static Shape,
    /// Whether it has to be there.
    pub required: bool,
    /// What it means, in a line.
    pub doc: &'static str,
}

impl MemberInfo {
    /// A member that is a segment of the path, under its name in the template. Always required.
    #[must_use]
    pub const fn label(
        name: &'static str,
        label: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Label(label), shape, required: true, doc }
    }

    /// A member that is a query parameter of that name.
    #[must_use]
    pub const fn query(
        name: &'static str,
        parameter: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Query(parameter), shape, required: false, doc }
    }

    /// A query parameter that has to be there.
    #[must_use]
    pub const fn required_query(
        name: &'static str,
        parameter: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::query(name, parameter, shape, doc) }
    }

    /// A member that is a header of that name, in lower case.
    #[must_use]
    pub const fn header(
        name: &'static str,
        header: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { name, place: Place::Header(header), shape, required: false, doc }
    }

    /// A header that has to be there.
    #[must_use]
    pub const fn required_header(
        name: &'static str,
        header: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::header(name, header, shape, doc) }
    }

    /// A member of the JSON body, under its own name.
    #[must_use]
    pub const fn body(name: &'static str, shape: &'static Shape, doc: &'static str) -> Self {
        Self { name, place: Place::Body, shape, required: false, doc }
    }

    /// A member of the JSON body that has to be there.
    #[must_use]
    pub const fn required_body(
        name: &'static str,
        shape: &'static Shape,
        doc: &'static str,
    ) -> Self {
        Self { required: true, ..Self::body(name, shape, doc) }
    }
}

/// Where a member travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A segment of the path, by its name in the template.
    Label(&'static str),
    /// A query parameter.
    Query(&'static str),
    /// A header, in lower case.
    Header(&'static str),
    /// The JSON body, under the member's own name.
    Body,
}

/// What a member holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Shape {
    /// Text.
    Text(TextShape),
    /// One of a set of names that may grow.
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
    /// A map from text, all of it sensitive.
    Map(MapShape),
    /// A structure.
    Structure(&'static Structure),
}

/// How a timestamp is written. Both are read in both places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// ISO 8601 text: see [`timestamp`](crate::timestamp).
    Iso8601,
    /// The seconds since 1970, with milliseconds as a fraction.
    EpochSeconds,
}

/// What text may be.
#[derive(Debug)]
pub struct TextShape {
    /// The fewest characters.
    pub min: Option<usize>,
    /// The most characters.
    pub max: Option<usize>,
    /// What the whole text has to match.
    pub pattern: Option<&'static Pattern>,
    /// Whether it must not be shown in logs.
    pub sensitive: bool,
}

impl TextShape {
    /// Any text at all.
    pub const ANY: Self = Self { min: None, max: None, pattern: None, sensitive: false };
}

/// A set of names that may grow.
#[derive(Debug)]
pub struct Enumeration {
    /// The name of the set.
    pub name: &'static str,
    /// The names known today.
    pub values: &'static [&'static str],
}

/// The bounds of a number.
#[derive(Debug)]
pub struct NumberShape {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
}

/// What a list may hold.
#[derive(Debug)]
pub struct ListShape {
    /// What each item is.
    pub item: &'static Shape,
    /// The fewest items.
    pub min: Option<usize>,
    /// The most items.
    pub max: Option<usize>,
}

/// What a map may hold.
#[derive(Debug)]
pub struct MapShape {
    /// What each key is: text.
    pub key: &'static Shape,
    /// What each value is.
    pub value: &'static Shape,
    /// The fewest entries.
    pub min: Option<usize>,
    /// The most entries.
    pub max: Option<usize>,
}
