//! What `cargo xtask codegen` printed, and the two small types that its enums lean on.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};

#[cfg(feature = "chime")]
pub mod chime;
mod exceptions;
#[cfg(feature = "identity")]
pub mod identity;
#[cfg(feature = "media-pipelines")]
pub mod media_pipelines;
#[cfg(feature = "meetings")]
pub mod meetings;
#[cfg(feature = "messaging")]
pub mod messaging;
#[cfg(feature = "voice")]
pub mod voice;

pub use exceptions::Exception;

/// The text of an enum value that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for UnknownValue {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

/// Reads an open enum from text without copying a value that is known.
pub(crate) struct FromText<T>(pub(crate) PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}
