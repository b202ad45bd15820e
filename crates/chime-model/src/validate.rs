//! Validates values against the constraints of the API description.
//!
//! The constraints are written once, in the rows that describe the structures. Validation walks a serializable
//! value, such as a request of this crate or a JSON document, along its row, and reports every violation with
//! its path. It does not check facts that only the service knows, such as whether a room exists.

mod walk;

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use crate::{BatchOperation, Describe, Structure};

/// A value that can be validated against the API description.
pub trait Validate {
    /// Checks every constraint of the API description: presence, length, pattern, range, list size, and enum
    /// values. A response may contain unknown enum values, but in a request they are violations.
    ///
    /// # Errors
    /// Returns all violations at once.
    fn validate(&self) -> Result<(), Violations>;
}

impl<T: Describe + Serialize> Validate for T {
    fn validate(&self) -> Result<(), Violations> {
        check(T::SHAPE, self)
    }
}

/// Checks any serializable value, such as a JSON document, against a structure.
///
/// In addition to the checks of [`Validate`], it finds missing, unknown and repeated members and values of the
/// wrong type. Null counts as absent.
///
/// # Errors
/// Returns all violations at once.
pub fn check<T: Serialize + ?Sized>(
    structure: &'static Structure,
    value: &T,
) -> Result<(), Violations> {
    let found = walk::violations(structure, value);
    if found.is_empty() { Ok(()) } else { Err(Violations(found)) }
}

/// Checks a request that will be sent in several batches: everything except the maximum number of items.
///
/// # Errors
/// Returns all violations at once.
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

/// The violations of a value, one for each broken rule. Never empty.
///
/// Serializes as a list of objects with `path`, `rule` (its `kind`, limits and the actual size) and `message`,
/// for example for the response of an HTTP service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The violations, in the order of the value. Missing members come last in their structure.
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

/// A broken rule. It contains no text of the value, so it can be shown even if the member is sensitive. The
/// only value that it repeats is a number out of range.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The path of the member, such as `UpdateUserRequestItems[3].UserId`.
    pub path: String,
    /// The rule, with its limits and the actual size.
    pub rule: Rule,
}

impl Violation {
    /// Creates a violation of `rule` at `path`.
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
    /// The member is required.
    Required,
    /// The structure has no such member.
    Unknown,
    /// The member occurs more than once.
    Repeated,
    /// The value has the wrong type.
    Type {
        /// A description of the expected type.
        expected: &'static str,
    },
    /// The text must not be empty or only white space.
    NotBlank,
    /// The text has too few or too many characters.
    Length {
        /// The minimum number of characters.
        min: Option<usize>,
        /// The maximum number of characters.
        max: Option<usize>,
        /// The actual number of characters.
        actual: usize,
    },
    /// The whole text must match a pattern.
    Pattern {
        /// The pattern of the API description.
        pattern: &'static str,
    },
    /// The integer is out of range.
    Range {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
        /// The actual value.
        actual: i64,
    },
    /// The number, which may have a fraction, is out of range.
    Interval {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// The list or the map has too few or too many items.
    Size {
        /// The minimum number of items.
        min: Option<usize>,
        /// The maximum number of items.
        max: Option<usize>,
        /// The actual number of items.
        actual: usize,
    },
    /// The value is not one of the allowed values.
    OneOf {
        /// The allowed values.
        values: &'static [&'static str],
    },
    /// The text cannot be a path segment, because it is empty, `.` or `..`.
    PathSegment,
    /// The text cannot be a header value.
    HeaderValue,
    /// The path and the query together are too long.
    PathLength {
        /// The maximum length in bytes, percent-encoded.
        max: usize,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("is required"),
            Self::Unknown => f.write_str("is not a member of this structure"),
            Self::Repeated => f.write_str("must occur only once"),
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
            Self::HeaderValue => f.write_str("must contain only visible ASCII characters"),
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
    fn violations_can_be_iterated_and_serialized() {
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
