//! Checks a value against everything that the API description demands of it.
//!
//! The rules stand once, in the rows that describe the structures. The check walks any serializable
//! value along such a row, a request of this crate or a JSON document alike, and reports every
//! violation with its path. What only the service can know, such as whether a room exists, is left
//! to the service.

mod walk;

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use crate::{BatchOperation, Describe, Structure};

/// A value that knows what is demanded of it.
pub trait Validate {
    /// Checks every constraint of the API description: presence, length, pattern, range, list
    /// size, and the values that the description names: a response may hold others, a request not.
    ///
    /// # Errors
    /// All violations at once, never just the first.
    fn validate(&self) -> Result<(), Violations>;
}

impl<T: Describe + Serialize> Validate for T {
    fn validate(&self) -> Result<(), Violations> {
        check(T::SHAPE, self)
    }
}

/// Checks any serializable value, such as a JSON document, against a structure.
///
/// Beyond what [`Validate`] finds in a typed value, it finds missing, unknown and repeated members
/// and values of the wrong type. Null counts as absent.
///
/// # Errors
/// All violations at once.
pub fn check<T: Serialize + ?Sized>(
    structure: &'static Structure,
    value: &T,
) -> Result<(), Violations> {
    let found = walk::violations(structure, value);
    if found.is_empty() { Ok(()) } else { Err(Violations(found)) }
}

/// Checks all of a request but that it holds no more items than the service takes at once: what is to
/// be sent in several batches.
///
/// # Errors
/// All violations at once.
pub fn check_batches<O: BatchOperation>(request: &O) -> Result<(), Violations> {
    let items = O::INFO.batch.as_ref().map(|batch| batch.items);
    let is_size = |violation: &Violation| {
        let too_many =
            matches!(violation.rule, Rule::Size { max: Some(max), actual, .. } if actual > max);
        too_many && items == Some(&violation.path)
    };
    let mut found = walk::violations(O::INFO.input, request);
    found.retain(|violation| !is_size(violation));
    if found.is_empty() { Ok(()) } else { Err(Violations(found)) }
}

/// What is wrong with a value: one entry for each broken rule, never none.
///
/// Serializes as a list of objects with `path`, `rule` (its `kind`, limits and what was found) and
/// `message`, such as for the response of an HTTP service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations, in the order of the value; what a structure lacks comes after what it has.
    #[must_use]
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.0.iter().enumerate() {
            write!(f, "{}{violation}", if i == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// One broken rule. It holds no text of the value, so that it can be shown where the member is
/// sensitive: a number out of range is all it repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where, such as `UpdateUserRequestItems[3].UserId`.
    pub path: String,
    /// Which rule, with its limits and the size that was found.
    pub rule: Rule,
}

impl Violation {
    /// A violation of `rule` at `path`.
    pub fn new(path: impl Into<String>, rule: Rule) -> Self {
        Self { path: path.into(), rule }
    }
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Violation", 3)?;
        fields.serialize_field("path", &self.path)?;
        fields.serialize_field("rule", &self.rule)?;
        fields.serialize_field("message", &format_args!("{}", self.rule))?;
        fields.end()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "input" } else { &self.path };
        write!(f, "{path}: {}", self.rule)
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// The member has to be there.
    Required,
    /// The structure has no such member.
    Unknown,
    /// The member is there more than once.
    Repeated,
    /// The value is of another type.
    Type {
        /// What it should be, in words.
        expected: &'static str,
    },
    /// The text has to hold something other than white space.
    NotBlank,
    /// The text has too few or too many characters.
    Length {
        /// The fewest characters.
        min: Option<usize>,
        /// The most characters.
        max: Option<usize>,
        /// The characters found.
        actual: usize,
    },
    /// The whole text has to match.
    Pattern {
        /// The pattern of the API description.
        pattern: &'static str,
    },
    /// The number is too small or too great.
    Range {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
        /// The value found.
        actual: i64,
    },
    /// The number is too small or too large; it may have a fraction.
    Interval {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// The list or the map has too few or too many items.
    Size {
        /// The fewest items.
        min: Option<usize>,
        /// The most items.
        max: Option<usize>,
        /// The items found.
        actual: usize,
    },
    /// The value is none of a set of names.
    OneOf {
        /// The names.
        values: &'static [&'static str],
    },
    /// The text cannot be a segment of a path: it is empty, `.` or `..`.
    PathSegment,
    /// The text cannot be the value of a header.
    HeaderValue,
    /// All members of the path and the query together are too long to be sent.
    PathLength {
        /// The most bytes, encoded.
        max: usize,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("is required"),
            Self::Unknown => f.write_str("is not a member that this structure has"),
            Self::Repeated => f.write_str("must be there once"),
            Self::Type { expected } => write!(f, "must be {expected}"),
            Self::NotBlank => f.write_str("must not be blank"),
            Self::Length { min, max, actual } => {
                write!(f, "must have {} characters, has {actual}", Bounds(*min, *max))
            }
            Self::Pattern { pattern } => write!(f, "must match `{pattern}`"),
            Self::Range { min, max, actual } => {
                write!(f, "must be {}, is {actual}", Bounds(*min, *max))
            }
            Self::Interval { min, max } => write!(f, "must be {}", Bounds(*min, *max)),
            Self::Size { min, max, actual } => {
                write!(f, "must have {} items, has {actual}", Bounds(*min, *max))
            }
            Self::OneOf { values } => write!(f, "must be one of {}", values.join(", ")),
            Self::PathSegment => f.write_str("must not be empty, `.` or `..`"),
            Self::HeaderValue => f.write_str("must have visible ASCII characters only"),
            Self::PathLength { max } => {
                write!(f, "path and query must have at most {max} bytes in all")
            }
        }
    }
}

/// A range in words.
struct Bounds<T>(Option<T>, Option<T>);

impl<T: fmt::Display + PartialEq> fmt::Display for Bounds<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, &self.1) {
            (Some(min), Some(max)) if min == max => write!(f, "exactly {min}"),
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("any number of"),
        }
    }
}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use super::*;
    use crate::chime::UpdateRoomMembershipRequest;
    use serde_json::json;

    #[test]
    fn violations_are_walked_and_written() {
        let violations = UpdateRoomMembershipRequest::new("a", "", "m").validate().unwrap_err();
        assert!((&violations).into_iter().eq(violations.as_slice()));
        let written = serde_json::to_value(&violations).unwrap();
        let expected = json!([{
            "path": "RoomId",
            "rule": { "kind": "not_blank" },
            "message": "must not be blank",
        }]);
        assert_eq!(written, expected);
    }
}
