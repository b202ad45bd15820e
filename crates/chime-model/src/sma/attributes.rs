//! Transaction attributes, which a response stores with the call.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::error::{ErrorType, ResponseError};
use crate::value::json_len;
use crate::{SensitiveMap, Value, ValueError};

/// The maximum number of attributes.
const MAX_COUNT: usize = 100;

/// The maximum size of all attributes as JSON, in bytes.
const MAX_SIZE: usize = 20 * 1_024;

/// Transaction attributes, which are sensitive. Limits: 100 attributes and 20 KB of JSON.
///
/// They replace all attributes of the call. Later events of the call have them:
/// [`CallDetails::attributes`](super::CallDetails::attributes).
///
/// ```
/// use chime_model::sma::{Attributes, Response};
///
/// let mut attributes = Attributes::default();
/// attributes.insert("step", "pin").unwrap();
/// let response = Response::none().attributes(attributes);
/// let json = serde_json::to_value(&response).unwrap();
/// assert_eq!(json["TransactionAttributes"]["step"], "pin");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Attributes(SensitiveMap<Value>);

impl Attributes {
    /// Creates attributes from the members of a structure or the entries of a map.
    ///
    /// # Errors
    /// If the value is not a structure or map, cannot be serialized, or is too large.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, AttributesError> {
        Self::read(Value::from_serialize(value).map_err(AttributesError::Value)?)
    }

    /// Sets an attribute.
    ///
    /// # Errors
    /// If the attributes would exceed a limit. They stay unchanged then.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), AttributesError> {
        let mut attributes = self.0.expose().clone();
        attributes.insert(name.into(), value.into());
        *self = Self::read(Value::Map(attributes))?;
        Ok(())
    }

    /// The attributes.
    #[must_use]
    pub fn expose(&self) -> &BTreeMap<String, Value> {
        self.0.expose()
    }

    pub(super) fn read(value: Value) -> Result<Self, AttributesError> {
        let size = json_len(&value);
        let Value::Map(attributes) = value else { return Err(AttributesError::NotAMap) };
        match attributes.len() <= MAX_COUNT {
            true if size <= MAX_SIZE => Ok(Self(attributes.into())),
            true => Err(AttributesError::TooLarge),
            false => Err(AttributesError::TooMany),
        }
    }
}

/// The error for values that cannot be transaction attributes. It does not contain them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributesError {
    /// More than 100 attributes.
    TooMany,
    /// More than 20 KB of JSON.
    TooLarge,
    /// Neither a structure nor a map.
    NotAMap,
    /// A value that cannot be serialized.
    Value(ValueError),
}

impl fmt::Display for AttributesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => {
                "Transaction Attributes has too many mappings. Maximum number of mappings is 100"
            }
            Self::TooLarge => "Transaction Attributes is too large. Maximum size is 20 KB",
            Self::NotAMap => "Transaction Attributes is not an object",
            Self::Value(_) => "an attribute cannot be serialized",
        })
    }
}

impl std::error::Error for AttributesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Value(error) => Some(error),
            _ => None,
        }
    }
}

impl From<AttributesError> for ResponseError {
    fn from(error: AttributesError) -> Self {
        let error_type = match error {
            AttributesError::TooMany => ErrorType::TransactionAttributesInvalidMapSize,
            _ => ErrorType::TransactionAttributesInvalidSize,
        };
        Self::new(error_type, error.to_string())
    }
}
