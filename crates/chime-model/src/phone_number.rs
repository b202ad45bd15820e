//! Ids of phone numbers, which hold the number.
//!
//! The services write such an id as `%2B12065550100`. In the path of a request they expect
//! `+12065550100`, which is percent-encoded on the way, and in a body `%2B12065550100`. An id that is
//! made of a number is sent like that; any other is sent as it came.

use std::fmt;

use serde::{Serialize, Serializer};

/// `+` as the services write it inside an id.
const ENCODED_PLUS: &str = "%2B";

/// The most digits of a number, by E.164.
const MAX_DIGITS: usize = 15;

/// The name of the newtype as which an id made of a number is serialized. A serializer of paths
/// replaces the encoded `+`; any other serializer passes over a newtype.
#[doc(hidden)]
pub const NUMBER_NEWTYPE: &str = "chime_model::PhoneNumber";

/// Declares the id of phone numbers.
macro_rules! phone_number_ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        sensitive_id_type! {
            $(#[$meta])*
            ///
            /// An id of [`from_e164`](Self::from_e164) is sent as the services expect it: `+1206…` in a
            /// path, `%2B1206…` in a body. One that a service returned is sent as it came.
            $name(is_number: bool)
        }

        impl $name {
            /// The id of a number in E.164 form, with or without its `+`.
            ///
            /// # Errors
            /// If the text is not such a number.
            pub fn from_e164(number: &str) -> Result<Self, $crate::InvalidPhoneNumber> {
                let text = $crate::phone_number::id_of(number)?;
                Ok(Self { text, is_number: true })
            }

            /// The number in E.164 form, with its `+`, of any spelling: `%2B1206…`, `+1206…`, `1206…`.
            ///
            /// `None` if the id is something else.
            #[must_use]
            pub fn to_e164(&self) -> Option<$crate::SensitiveString> {
                $crate::phone_number::number_of(&self.text).map(Into::into)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text = $crate::sensitive::shown(&self.text);
                $crate::phone_number::serialize(text, self.is_number, serializer)
            }
        }
    )+};
}

pub(crate) fn serialize<S: Serializer>(
    text: &str,
    is_number: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match is_number {
        true => serializer.serialize_newtype_struct(NUMBER_NEWTYPE, text),
        false => text.serialize(serializer),
    }
}

pub(crate) fn id_of(number: &str) -> Result<String, InvalidPhoneNumber> {
    let digits = digits(number.strip_prefix('+').unwrap_or(number)).ok_or(InvalidPhoneNumber)?;
    Ok(format!("{ENCODED_PLUS}{digits}"))
}

pub(crate) fn number_of(id: &str) -> Option<String> {
    let encoded = [ENCODED_PLUS, "%2b", "+"].iter().find_map(|plus| id.strip_prefix(plus));
    digits(encoded.unwrap_or(id)).map(|digits| format!("+{digits}"))
}

/// The text, if it is a country code and a number.
fn digits(text: &str) -> Option<&str> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    (all && !text.starts_with('0') && (2..=MAX_DIGITS).contains(&text.len())).then_some(text)
}

/// The error for text that is not a phone number in E.164 form. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPhoneNumber;

impl fmt::Display for InvalidPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a phone number in E.164 form is `+` and 2 to 15 digits, the first not 0")
    }
}

impl std::error::Error for InvalidPhoneNumber {}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use crate::chime::PhoneNumberId;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_number() {
        for id in ["%2B12065550100", "%2b12065550100", "+12065550100", "12065550100"] {
            let number = PhoneNumberId::from(id).to_e164();
            assert_eq!(number.unwrap().expose(), "+12065550100", "{id}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["", "+", "1", "+0123", "+1 206", "++12", "1234567890123456", "%2B%2B12", "abc"]
        {
            assert!(PhoneNumberId::from_e164(text).is_err(), "{text}");
            assert_eq!(PhoneNumberId::from(text).to_e164(), None, "{text}");
        }
        assert!(PhoneNumberId::from_e164("%2B12065550100").is_err(), "an id is no number");
    }

    proptest! {
        #[test]
        fn there_and_back(number in "[1-9][0-9]{1,14}") {
            let number = format!("+{number}");
            let id = PhoneNumberId::from_e164(&number).unwrap();
            let back = id.to_e164().unwrap();
            prop_assert_eq!(back.expose(), number);
        }
    }
}
