//! Ids of phone numbers, which contain the number.
//!
//! The services write such an id as `%2B12065550100`. In the path of a request they expect `+12065550100`,
//! percent-encoded like any other label, and in a body `%2B12065550100`. An id made from a number is sent in
//! this way; any other id is sent unchanged.

use std::fmt;

use serde::{Serialize, Serializer};

/// The form of `+` in an id.
const ENCODED_PLUS: &str = "%2B";

/// The maximum number of digits in E.164.
const MAX_DIGITS: usize = 15;

/// The name of the newtype that an id made from a number serializes as. A serializer of paths recognizes it
/// and decodes the `+`; other serializers ignore the names of newtypes.
#[doc(hidden)]
pub const NUMBER_NEWTYPE: &str = "chime_model::PhoneNumber";

/// Declares the id of phone numbers.
macro_rules! phone_number_ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        sensitive_id_type! {
            $(#[$meta])*
            ///
            /// An id made with [`from_e164`](Self::from_e164) is sent as the services expect it: `+1206…` in a
            /// path, `%2B1206…` in a body. Any other id is sent unchanged.
            $name(is_number: bool)
        }

        impl $name {
            /// Creates the id of a phone number in E.164 form, with or without `+`.
            ///
            /// # Errors
            /// If the text is not a phone number in E.164 form.
            pub fn from_e164(number: &str) -> Result<Self, $crate::InvalidPhoneNumber> {
                let text = $crate::phone_number::id_of(number)?;
                Ok(Self { text, is_number: true })
            }

            /// Returns the number in E.164 form, with `+`, from any form of the id: `%2B1206…`, `+1206…` or
            /// `1206…`. Returns `None` for other ids.
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

/// Returns the text if it has the digits of a number in E.164 form, without `+`.
fn digits(text: &str) -> Option<&str> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    (all && !text.starts_with('0') && (2..=MAX_DIGITS).contains(&text.len())).then_some(text)
}

/// The error for text that is not a phone number in E.164 form. It does not contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPhoneNumber;

impl fmt::Display for InvalidPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid phone number: expected E.164, `+` and 2 to 15 digits, the first not 0")
    }
}

impl std::error::Error for InvalidPhoneNumber {}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use crate::chime::PhoneNumberId;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_in_all_forms() {
        for id in ["%2B12065550100", "%2b12065550100", "+12065550100", "12065550100"] {
            let number = PhoneNumberId::from(id).to_e164();
            assert_eq!(number.unwrap().expose(), "+12065550100", "{id}");
        }
    }

    #[test]
    fn other_texts_are_not_numbers() {
        for text in ["", "+", "1", "+0123", "+1 206", "++12", "1234567890123456", "%2B%2B12", "abc"]
        {
            assert!(PhoneNumberId::from_e164(text).is_err(), "{text}");
            assert_eq!(PhoneNumberId::from(text).to_e164(), None, "{text}");
        }
        assert!(PhoneNumberId::from_e164("%2B12065550100").is_err(), "an id is not a number");
    }

    proptest! {
        #[test]
        fn a_number_survives_a_round_trip(number in "[1-9][0-9]{1,14}") {
            let number = format!("+{number}");
            let id = PhoneNumberId::from_e164(&number).unwrap();
            let back = id.to_e164().unwrap();
            prop_assert_eq!(back.expose(), number);
        }
    }
}
