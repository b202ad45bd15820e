//! SIP headers that an application may send.

use serde::Serialize;

use super::checked::SipHeaderName;
use super::error::InvalidValue;
use super::parameter::{Flaw, Parameter};
use crate::{SensitiveMap, Value};

/// The maximum length of a value, in bytes.
const MAX_VALUE: usize = 2_048;

/// Prefixes of names that are reserved for the service.
const RESERVED: [&str; 5] = ["x-amzn", "x-canary", "x-vc", "x-vine", "x-voice"];

pub(super) fn is_allowed(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    let is_custom = lower.len() > 2
        && lower.starts_with("x-")
        && !RESERVED.iter().any(|start| lower.starts_with(start));
    (is_custom || lower == "user-to-user" || lower == "diversion") && name.bytes().all(is_token)
}

/// SIP headers to send, with values of at most 2,048 bytes. Sensitive.
///
/// ```
/// use chime_model::sma::{SipHeaderName, SipHeaders};
///
/// let name = SipHeaderName::new("X-Account").unwrap();
/// let headers = SipHeaders::default().with(name, "4711").unwrap();
/// assert_eq!(headers.get("X-Account"), Some("4711"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SipHeaders(SensitiveMap<String>);

impl SipHeaders {
    /// Sets a header, and replaces a header with the same name.
    ///
    /// # Errors
    /// If the value has more than 2,048 bytes.
    pub fn with(self, name: SipHeaderName, value: impl Into<String>) -> Result<Self, InvalidValue> {
        let value = value.into();
        if value.len() > MAX_VALUE {
            return Err(InvalidValue { expected: "at most 2,048 bytes" });
        }
        let mut headers = self.0.into_inner();
        headers.insert(name.as_str().to_owned(), value);
        Ok(Self(headers.into()))
    }

    /// The value of the header with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.expose().get(name).map(String::as_str)
    }

    /// Checks the names of all headers and the lengths of their values.
    pub(super) fn check_sent(&self) -> Result<(), Flaw> {
        let headers = self.0.expose().iter();
        let invalid = headers.filter(|(name, value)| !is_allowed(name) || value.len() > MAX_VALUE);
        let invalid: Vec<_> = invalid.map(|(name, _)| name.clone()).collect();
        if invalid.is_empty() { Ok(()) } else { Err(Flaw::SipHeaders(invalid)) }
    }
}

impl Parameter for SipHeaders {
    fn read(value: Value) -> Result<Self, Flaw> {
        SensitiveMap::read(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn custom_names_are_allowed_and_reserved_names_are_refused() {
        for name in ["X-Account", "x-1", "USER-TO-USER", "diversion", "x-vault"] {
            assert!(is_allowed(name), "{name}");
        }
        for name in
            ["", "x-", "From", "X-Amzn-Trace", "x-vcid", "X-Voice", "x-canary", "x-vine", "x-a b"]
        {
            assert!(!is_allowed(name), "{name}");
        }
    }
}
