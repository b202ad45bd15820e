//! Documents with seeds, rules and faults: JSON, or YAML with the feature `yaml`.

use std::fmt;

use chime_model::{
    Describe, Enumeration, ListShape, Pattern, Rule, Shape, Structure, TextShape, TimestampFormat,
    Violation,
};
use serde::Serialize;
use serde_json::Value;

/// The problems of a [`Config`](crate::Config), a [`Seed`](crate::Seed), [`Rules`](crate::Rules) or
/// [`Faults`](crate::Faults). They do not include values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDocument(Vec<String>);

impl InvalidDocument {
    pub(crate) fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// Returns an error if there are problems.
    pub(crate) fn unless_none(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The problems, at least one. Each has a path, such as
    /// `Organisations[0].Users[2].UserId: is required`.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for InvalidDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for InvalidDocument {}

static NOT_BLANK: Pattern = Pattern::new(r".*\S.*");
/// Text that is not blank.
pub(crate) const TEXT: Shape = matching(&NOT_BLANK, false);
/// An id of no particular form.
pub(crate) const ID: Shape = TEXT;
pub(crate) const TIMESTAMP: Shape = Shape::Timestamp(TimestampFormat::Iso8601);
pub(crate) const SECRET: Shape = matching(&NOT_BLANK, true);

static GUID_PATTERN: Pattern = Pattern::new("[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}");
/// A GUID with upper or lower case digits.
pub(crate) const GUID: Shape = matching(&GUID_PATTERN, false);

pub(crate) const fn matching(pattern: &'static Pattern, sensitive: bool) -> Shape {
    Shape::Text(TextShape { pattern: Some(pattern), sensitive, ..TextShape::ANY })
}

/// An enumeration with these values.
pub(crate) const fn values(name: &'static str, values: &'static [&'static str]) -> Shape {
    Shape::Enumeration(Enumeration { name, values })
}

/// A list of any length.
pub(crate) const fn list(item: &'static Shape) -> Shape {
    Shape::List(ListShape { item, min: None, max: None })
}

/// Declares a document: its members with their names in JSON, their types and their shapes. A
/// member is `required`, `optional`, an optional `time`, a `list`, or `default` if its type has a
/// default. A member without a shape is a structure that has one.
///
/// Generates the structure, serialization, the shape to check, a constructor and `extend`.
macro_rules! document {
    ($(#[$meta:meta])* pub struct $name:ident { $($members:tt)+ }) => {
        document!(@[$(#[$meta])* $name] [] [] [] [] [] $($members)+);
    };
    (
        @$head:tt [$($fields:tt)*] [$($infos:tt)*] [$($required:tt)*] [$($open:tt)*] [$($merge:tt)*]
        $(#[$meta:meta])* required $field:ident($json:literal): $type:ty = $shape:expr,
        $($rest:tt)*
    ) => {
        document!(@$head
            [$($fields)* $(#[$meta])* #[serde(rename = $json)] pub $field: $type,]
            [$($infos)* chime_model::MemberInfo::required_body($json, &$shape, ""),]
            [$($required)* ($field: $type)] [$($open)*] [$($merge)*] $($rest)*);
    };
    (
        @$head:tt [$($fields:tt)*] [$($infos:tt)*] $required:tt [$($open:tt)*] [$($merge:tt)*]
        $(#[$meta:meta])* optional $field:ident($json:literal): $type:ty = $shape:expr,
        $($rest:tt)*
    ) => {
        document!(@$head
            [$($fields)* $(#[$meta])*
                #[serde(rename = $json, default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,]
            [$($infos)* chime_model::MemberInfo::body($json, &$shape, ""),]
            $required [$($open)* $field,] [$($merge)* (option $field)] $($rest)*);
    };
    (
        @$head:tt $fields:tt $infos:tt $required:tt $open:tt $merge:tt
        $(#[$meta:meta])* time $field:ident($json:literal), $($rest:tt)*
    ) => {
        document!(@$head $fields $infos $required $open $merge
            $(#[$meta])*
            #[serde(with = "serde_with::As::<Option<chime_model::timestamp::Iso8601>>")]
            optional $field($json): time::OffsetDateTime = $crate::engine::document::TIMESTAMP,
            $($rest)*);
    };
    (
        @$head:tt [$($fields:tt)*] [$($infos:tt)*] $required:tt [$($open:tt)*] [$($merge:tt)*]
        $(#[$meta:meta])* list $field:ident($json:literal): $type:ty = $shape:expr,
        $($rest:tt)*
    ) => {
        document!(@$head
            [$($fields)* $(#[$meta])*
                #[serde(rename = $json, default, skip_serializing_if = "Vec::is_empty")]
                pub $field: Vec<$type>,]
            [$($infos)* chime_model::MemberInfo::body(
                $json, &$crate::engine::document::list(&$shape), ""),]
            $required [$($open)* $field,] [$($merge)* (list $field)] $($rest)*);
    };
    (
        @$head:tt [$($fields:tt)*] [$($infos:tt)*] $required:tt [$($open:tt)*] $merge:tt
        $(#[$meta:meta])* default $field:ident($json:literal): $type:ty = $shape:expr,
        $($rest:tt)*
    ) => {
        document!(@$head
            [$($fields)* $(#[$meta])* #[serde(rename = $json, default)] pub $field: $type,]
            [$($infos)* chime_model::MemberInfo::body($json, &$shape, ""),]
            $required [$($open)* $field,] $merge $($rest)*);
    };
    (
        @$head:tt $fields:tt $infos:tt $required:tt $open:tt $merge:tt
        $(#[$meta:meta])* $kind:ident $field:ident($json:literal): $type:ty, $($rest:tt)*
    ) => {
        document!(@$head $fields $infos $required $open $merge
            $(#[$meta])*
            $kind $field($json): $type =
                chime_model::Shape::Structure(<$type as chime_model::Describe>::SHAPE),
            $($rest)*);
    };
    (
        @[$(#[$meta:meta])* $name:ident] [$($fields:tt)*] [$($infos:tt)*]
        [$(($required:ident: $type:ty))*] [$($open:ident,)*] [$(($kind:ident $merged:ident))*]
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($fields)* }

        document!(@new $name [$(($required: $type))*] [$($open,)*]);

        impl $name {
            /// Merges another document: its lists are appended, its optional members take
            /// precedence.
            #[allow(dead_code, reason = "not every document is merged")]
            pub(crate) fn extend(&mut self, other: Self) {
                $(document!(@merge $kind self other $merged);)*
                let _ = other;
            }
        }

        impl chime_model::Describe for $name {
            const SHAPE: &'static chime_model::Structure = &chime_model::Structure {
                name: stringify!($name),
                members: &[$($infos)*],
            };
        }
    };
    (@new $name:ident [] $open:tt) => {};
    (@new $name:ident [$(($required:ident: $type:ty))+] [$($open:ident,)*]) => {
        impl $name {
            /// Sets the required members and leaves the others unset.
            #[must_use]
            pub fn new($($required: impl Into<$type>),+) -> Self {
                Self { $($required: $required.into(),)+ $($open: Default::default(),)* }
            }
        }
    };
    (@merge list $self:ident $other:ident $field:ident) => {
        $self.$field.extend($other.$field)
    };
    (@merge option $self:ident $other:ident $field:ident) => {
        if $other.$field.is_some() {
            $self.$field = $other.$field;
        }
    };
}
pub(crate) use document;

/// Checks a value against a shape.
///
/// # Errors
/// All violations. That of an unknown member suggests the known one with the most similar name.
pub(crate) fn check<T: Serialize>(
    shape: &'static Structure,
    value: &T,
) -> Result<(), InvalidDocument> {
    let problem = |violation: &Violation| match (&violation.rule, similar(shape, &violation.path)) {
        (Rule::Unknown, Some(name)) => format!("{violation}; did you mean {name}?"),
        _ => violation.to_string(),
    };
    let violations = chime_model::check(shape, value);
    violations.map_err(|found| InvalidDocument(found.as_slice().iter().map(problem).collect()))
}

/// Checks a part of a larger document, at a path of that document.
pub(crate) fn check_at<T: Describe + Serialize>(
    path: &str,
    value: &T,
) -> Result<(), InvalidDocument> {
    check(T::SHAPE, value).map_err(|InvalidDocument(problems)| {
        InvalidDocument(problems.into_iter().map(|problem| format!("{path}.{problem}")).collect())
    })
}

/// The member with the name most similar to the last one of a path such as `Users[3].UserIdd`.
fn similar(shape: &'static Structure, path: &str) -> Option<&'static str> {
    let (parents, unknown) =
        path.rsplit_once('.').map_or((None, path), |(p, name)| (Some(p), name));
    let structure =
        parents.into_iter().flat_map(|path| path.split('.')).try_fold(shape, |at, name| {
            let name = name.split('[').next()?;
            match at.member(name)?.shape {
                Shape::Structure(structure)
                | Shape::List(ListShape { item: Shape::Structure(structure), .. }) => {
                    Some(*structure)
                }
                _ => None,
            }
        })?;
    closest(unknown, structure.members.iter().map(|member| member.name))
}

/// The name that is most similar to an unknown one, if any is similar.
pub(crate) fn closest<'a>(unknown: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const MIN_SIMILARITY: f64 = 0.85;
    let scored = names.map(|name| (strsim::jaro_winkler(unknown, name), name));
    let best = scored.filter(|(score, _)| *score >= MIN_SIMILARITY);
    best.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

/// Parses a document. The error has the line and column of the first problem and no value.
#[cfg(not(feature = "yaml"))]
pub(crate) fn read(text: &str) -> Result<Value, InvalidDocument> {
    serde_json::from_str(text).map_err(|error| unreadable("JSON", error.line(), error.column()))
}

/// Parses a document. The error has the line and column of the first problem and no value.
#[cfg(feature = "yaml")]
pub(crate) fn read(text: &str) -> Result<Value, InvalidDocument> {
    // JSON is YAML too, but a JSON parser is faster and its errors are more precise.
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    if text.trim_start().starts_with(['{', '[']) {
        return Err(unreadable("JSON", error.line(), error.column()));
    }
    serde_norway::from_str(text).map_err(|error| match error.location() {
        Some(place) => unreadable("YAML", place.line(), place.column()),
        None => InvalidDocument::one("invalid YAML"),
    })
}

fn unreadable(format: &str, line: usize, column: usize) -> InvalidDocument {
    InvalidDocument::one(format!("invalid {format} at line {line}, column {column}"))
}
