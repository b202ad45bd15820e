//! Numbers and texts with limits, which cannot have values that the service would refuse.

use serde::{Serialize, Serializer};

use super::error::InvalidValue;
use super::parameter::{Flaw, Parameter};
use super::{digit_regex, sip_headers};
use crate::Value;

/// Declares numbers with limits.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $min:literal ..= $max:expr, $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(u32);

        impl $name {
            /// Creates the value from a number that is known at compile time.
            #[doc = concat!("Any other than ", $expected, " does not compile.")]
            #[must_use]
            pub const fn of<const NUMBER: u32>() -> Self {
                const { assert!(NUMBER >= $min && NUMBER <= $max, $expected) };
                Self(NUMBER)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl TryFrom<u32> for $name {
            type Error = InvalidValue;

            fn try_from(number: u32) -> Result<Self, InvalidValue> {
                match ($min..=$max).contains(&number) {
                    true => Ok(Self(number)),
                    false => Err(InvalidValue { expected: $expected }),
                }
            }
        }

        impl Parameter for $name {
            fn read(value: Value) -> Result<Self, Flaw> {
                u32::read(value)?.try_into().map_err(|_| Flaw::Value)
            }
        }
    )+};
}

numbers! {
    /// A duration in milliseconds.
    Millis = 1..=u32::MAX, "1 or more milliseconds";
    /// A duration in seconds.
    Seconds = 1..=u32::MAX, "1 or more seconds";
    /// The length of a pause, in milliseconds.
    ///
    /// ```
    /// use chime_model::sma::PauseMillis;
    ///
    /// let half_a_second = PauseMillis::of::<500>();
    /// assert_eq!(PauseMillis::try_from(500), Ok(half_a_second));
    /// assert!(PauseMillis::try_from(90_000).is_err());
    /// ```
    ///
    /// A number that the service refuses does not compile:
    ///
    /// ```compile_fail
    /// chime_model::sma::PauseMillis::of::<90_000>();
    /// ```
    PauseMillis = 100..=30_000, "100 to 30,000 milliseconds";
    /// The length of a tone, in milliseconds.
    ToneMillis = 50..=24_000, "50 to 24,000 milliseconds";
    /// The time to wait until a called party answers, in seconds.
    RingSeconds = 1..=120, "1 to 120 seconds";
    /// The length of silence that ends a recording, in seconds.
    SilenceSeconds = 1..=1_000, "1 to 1,000 seconds";
    /// The noise level below which a recording counts as silent.
    SilenceThreshold = 1..=1_000, "1 to 1,000";
    /// A number of repetitions.
    Times = 1..=u32::MAX, "1 or more times";
}

/// Declares texts with limits. All but the `plain` ones are sensitive.
macro_rules! texts {
    ($($(#[$doc:meta])* $kind:ident $name:ident is $expected:literal: $is_valid:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Creates the value from a text, which is checked.
            ///
            /// # Errors
            #[doc = concat!("If it is not ", $expected, ".")]
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let is_valid: fn(&str) -> bool = $is_valid;
                let text = text.into();
                match is_valid(&text) {
                    true => Ok(Self(text)),
                    false => Err(InvalidValue { expected: $expected }),
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;

            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl Parameter for $name {
            fn read(value: Value) -> Result<Self, Flaw> {
                value.as_text().and_then(|text| Self::new(text).ok()).ok_or(Flaw::Value)
            }
        }

        shown! { $kind $name }
    )+};
}

/// Implements `Debug` and `Serialize` for plain and for sensitive texts.
macro_rules! shown {
    (plain $name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
    (sensitive $name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(crate::sensitive::shown(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(crate::sensitive::REDACTED)
            }
        }
    };
}

texts! {
    /// Keys to send: at most 50 of `0`–`9`, `*`, `#`, `A`–`D` and `,`. A comma is a pause of half a second.
    /// Sensitive.
    sensitive Digits is "at most 50 of 0-9, *, #, A-D and comma": |text| {
        text.len() <= 50 && text.bytes().all(|byte| b"0123456789*#ABCD,".contains(&byte))
    };
    /// A regular expression for digits. Sensitive, because it may contain a PIN.
    ///
    /// The service uses Java's syntax, including look-ahead. A text that is malformed in every syntax, such as
    /// one with an unclosed group, is refused here.
    sensitive DigitRegex is "a regular expression": digit_regex::is_plausible;
    /// A telephone key that ends an input or a recording: `0`–`9`, `*` or `#`.
    plain Key is "one of 0-9, * and #": |text| {
        text.len() == 1 && text.bytes().all(|byte| b"0123456789*#".contains(&byte))
    };
    /// A phone number in E.164 form. Sensitive.
    sensitive PhoneNumber is "a phone number in E.164 form, such as +12065550100": |text| {
        text.starts_with('+') && crate::phone_number::id_of(text).is_ok()
    };
    /// A prefix of Amazon S3 object keys: at most 979 bytes.
    plain S3Prefix is "at most 979 bytes": |text| text.len() <= 979;
    /// The name of a SIP header that an application may send: `User-to-User`, `Diversion`, or one that
    /// starts with `x-`.
    ///
    /// Names that start with `x-amzn`, `x-canary`, `x-vc`, `x-vine` or `x-voice` are reserved.
    plain SipHeaderName is "User-to-User, Diversion, or a name that starts with x- and is not reserved":
        sip_headers::is_allowed;
    /// Text to speak: at most 1,000 characters, including SSML markup. Sensitive.
    sensitive Text is "at most 1,000 characters": |text| text.chars().count() <= 1_000;
    /// The SIP user to dial through a Voice Connector: 1 to 36 characters. Sensitive.
    sensitive SipUser is "1 to 36 of a-z, A-Z, 0-9 and &=+$/%_!~*().-": |text| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"&=+$/%_!~*().-".contains(&byte);
        (1..=36).contains(&text.len()) && text.bytes().all(is_allowed)
    };
}

impl Key {
    /// The key `#`.
    #[must_use]
    pub fn pound() -> Self {
        Self("#".to_owned())
    }

    /// The key `*`.
    #[must_use]
    pub fn star() -> Self {
        Self("*".to_owned())
    }
}
