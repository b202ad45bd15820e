//! From a phone number's id to the number, and back.

use std::fmt;

use crate::SensitiveString;
use crate::chime::PhoneNumberId;

/// `+` as the service writes it inside an id.
const ENCODED_PLUS: &str = "%2B";

/// The most digits of a number, by E.164.
const MAX_DIGITS: usize = 15;

impl PhoneNumberId {
    /// The id of a number in E.164 form, with or without its `+`, as the service writes it.
    ///
    /// ```
    /// use chime_model::chime::PhoneNumberId;
    ///
    /// let id = PhoneNumberId::from_e164("+12065550100").unwrap();
    /// assert_eq!(id.as_str(), "%2B12065550100");
    /// assert_eq!(id.to_e164().unwrap().expose(), "+12065550100");
    /// ```
    ///
    /// # Errors
    /// If the text is no such number.
    pub fn from_e164(number: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits =
            digits(number.strip_prefix('+').unwrap_or(number)).ok_or(InvalidPhoneNumber)?;
        Ok(Self::from(format!("{ENCODED_PLUS}{digits}")))
    }

    /// The number in E.164 form, with its `+`: of `%2B1206…` as the service writes it, and of
    /// `+1206…` and `1206…` as callers do.
    ///
    /// `None` if the id is something else: an id is opaque, after all.
    #[must_use]
    pub fn to_e164(&self) -> Option<SensitiveString> {
        let text = self.as_str();
        let encoded = [ENCODED_PLUS, "%2b", "+"].iter().find_map(|plus| text.strip_prefix(plus));
        digits(encoded.unwrap_or(text)).map(|digits| format!("+{digits}").into())
    }
}

/// The text, if it is a country code and a number.
fn digits(text: &str) -> Option<&str> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    (all && !text.starts_with('0') && (2..=MAX_DIGITS).contains(&text.len())).then_some(text)
}

/// Text that is no phone number in E.164 form. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPhoneNumber;

impl fmt::Display for InvalidPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a phone number in E.164 form is `+` and 2 to 15 digits, the first not 0")
    }
}

impl std::error::Error for InvalidPhoneNumber {}

#[cfg(test)]
mod tests {
    use super::*;
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
