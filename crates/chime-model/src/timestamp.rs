//! Timestamps as the API writes them.
//!
//! The API has two formats: [`Iso8601`], in UTC with three fractional digits and `Z`, and
//! [`EpochSeconds`], a number. Both read every spelling that the services have sent: text with and
//! without a fraction, an offset or `Z`, and seconds since 1970.
//!
//! ```
//! use chime_model::timestamp;
//!
//! let time = timestamp::parse("2019-12-02T23:29:31.5+01:00").unwrap();
//! assert_eq!(timestamp::format(time).unwrap(), "2019-12-02T22:29:31.500Z");
//! ```
//!
//! The features `jiff` and `chrono` add conversions from and to the timestamps of those crates.

#[cfg(any(feature = "chrono", feature = "jiff"))]
mod convert;

use std::cell::Cell;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::note::noted;

#[cfg(any(feature = "chrono", feature = "jiff"))]
pub use convert::*;

/// For `serde_with::As`: an [`OffsetDateTime`] as ISO 8601 text.
#[derive(Clone, Copy, Debug)]
pub struct Iso8601;

/// For `serde_with::As`: an [`OffsetDateTime`] as seconds since 1970, with milliseconds as a fraction.
#[derive(Clone, Copy, Debug)]
pub struct EpochSeconds;

/// A value that serializes all of its timestamps as ISO 8601 text, as streams and sockets carry
/// structures whose timestamps are numbers in the API.
#[derive(Clone, Copy, Debug)]
pub struct AsText<'a, T: ?Sized>(pub &'a T);

thread_local! {
    /// Whether an [`AsText`] value is being serialized.
    static AS_TEXT: Cell<bool> = const { Cell::new(false) };
}

impl<T: Serialize + ?Sized> Serialize for AsText<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        noted(&AS_TEXT, true, || self.0.serialize(serializer))
    }
}

/// Reads a time as RFC 3339 defines it, which is a profile of ISO 8601. A time without an offset is UTC.
///
/// # Errors
/// If the text is no such time.
pub fn parse(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339);
    parse(text).or_else(|error| parse(&format!("{text}Z")).map_err(|_| error))
}

/// Writes UTC with three fractional digits and `Z`; what is finer than a millisecond is cut off.
///
/// `None` if the year has no four digits.
#[must_use]
pub fn format(time: OffsetDateTime) -> Option<String> {
    String::from_utf8(digits(time)?.to_vec()).ok()
}

/// The bytes of [`format()`]. Most responses have timestamps: this is a twentieth of the work of
/// `format!`.
fn digits(time: OffsetDateTime) -> Option<[u8; 24]> {
    let time = time.checked_to_offset(UtcOffset::UTC)?;
    let year = u16::try_from(time.year()).ok().filter(|year| *year <= 9999)?;
    let (month, day) = (u8::from(time.month()), time.day());
    let (hour, minute, second, milli) = time.to_hms_milli();
    let mut text = *b"0000-00-00T00:00:00.000Z";
    for (mut value, place) in [
        (year, 0..4),
        (month.into(), 5..7),
        (day.into(), 8..10),
        (hour.into(), 11..13),
        (minute.into(), 14..16),
        (second.into(), 17..19),
        (milli, 20..23),
    ] {
        for digit in text[place].iter_mut().rev() {
            *digit = b"0123456789"[usize::from(value % 10)];
            value /= 10;
        }
    }
    Some(text)
}

/// Reads seconds since 1970, as other services of the family write them, to the nearest millisecond.
#[must_use]
pub fn from_seconds(seconds: f64) -> Option<OffsetDateTime> {
    // A double is a little off what was written, and a JSON parser can add to that.
    let millis = (seconds * 1e3).round();
    // The cast saturates, and such times are out of range.
    let since = (!millis.is_nan()).then(|| Duration::milliseconds(millis as i64))?;
    OffsetDateTime::UNIX_EPOCH.checked_add(since)
}

/// Writes seconds since 1970, with milliseconds as a fraction; what is finer is cut off.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_seconds<S: Serializer>(
    time: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let (seconds, millis) = (time.unix_timestamp(), time.millisecond());
    match millis {
        0 => serializer.serialize_i64(seconds),
        // Exact to the millisecond: a double has 15 digits.
        _ => serializer.serialize_f64(seconds as f64 + f64::from(millis) / 1000.0),
    }
}

impl SerializeAs<OffsetDateTime> for Iso8601 {
    fn serialize_as<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = digits(*time)
            .ok_or_else(|| serde::ser::Error::custom("a timestamp's year has four digits"))?;
        serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl SerializeAs<OffsetDateTime> for EpochSeconds {
    fn serialize_as<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match AS_TEXT.get() {
            true => Iso8601::serialize_as(time, serializer),
            false => serialize_seconds(time, serializer),
        }
    }
}

impl<'de> DeserializeAs<'de, OffsetDateTime> for EpochSeconds {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        Iso8601::deserialize_as(deserializer)
    }
}

impl<'de> DeserializeAs<'de, OffsetDateTime> for Iso8601 {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = OffsetDateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ISO 8601 time or seconds since 1970")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OffsetDateTime, E> {
        parse(text).map_err(|_| E::invalid_value(serde::de::Unexpected::Other("text"), &self))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<OffsetDateTime, E> {
        OffsetDateTime::from_unix_timestamp(seconds).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<OffsetDateTime, E> {
        self.visit_i64(i64::try_from(seconds).map_err(E::custom)?)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<OffsetDateTime, E> {
        from_seconds(seconds).ok_or_else(|| E::custom("seconds out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_one_moment() {
        for text in [
            "2019-12-02T22:29:31.549Z",
            "2019-12-02T22:29:31.549000Z",
            "2019-12-02T22:29:31.549",
            "2019-12-02T23:29:31.549+01:00",
        ] {
            let time = parse(text).unwrap();
            assert_eq!(format(time).unwrap(), "2019-12-02T22:29:31.549Z", "{text}");
        }
        assert_eq!(parse("2019-12-02T22:29:31Z").unwrap(), from_seconds(1_575_325_771.0).unwrap());
        assert!(parse("yesterday").is_err());
    }

    proptest! {
        #[test]
        fn every_spelling_of_every_moment(
            millis in -62_135_596_800_000i128..253_402_300_800_000,
            offset in -12i8..=14,
        ) {
            let time = OffsetDateTime::from_unix_timestamp_nanos(millis * 1_000_000).unwrap();
            let text = format(time).unwrap();
            prop_assert_eq!(text.len(), 24);
            prop_assert_eq!(parse(&text).unwrap(), time);
            prop_assert_eq!(parse(text.trim_end_matches('Z')).unwrap(), time);
            prop_assert_eq!(parse(&text.replace('Z', "+00:00")).unwrap(), time);
            let offset = UtcOffset::from_hms(offset, 0, 0).unwrap();
            let moved = time.checked_to_offset(offset).filter(|time| (1..9999).contains(&time.year()));
            if let Some(moved) = moved {
                let (h, m, s, milli) = moved.to_hms_milli();
                let (sign, hours) = (if offset.is_negative() { '-' } else { '+' }, offset.whole_hours());
                let text = format!(
                    "{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}.{milli:03}{sign}{:02}:00",
                    moved.year(), u8::from(moved.month()), moved.day(), hours.unsigned_abs(),
                );
                prop_assert_eq!(parse(&text).unwrap(), time, "{}", text);
            }
            let seconds = from_seconds(millis as f64 / 1e3).unwrap();
            prop_assert_eq!(format(seconds), format(time));
        }

        #[test]
        fn no_text_makes_it_panic(text: String, seconds: f64) {
            let _ = (parse(&text), from_seconds(seconds));
        }
    }

    #[test]
    fn seconds_are_read_to_the_nearest_millisecond() {
        let text = |seconds| from_seconds(seconds).and_then(format);
        // A JSON parser that rounds less exactly reads 1772442010.002000000 as this double.
        assert_eq!(text(1_772_442_010.001_999_9).unwrap(), "2026-03-02T09:00:10.002Z");
        assert_eq!(text(-0.0011).unwrap(), "1969-12-31T23:59:59.999Z");
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 253_402_300_799.999_9]
        {
            assert_eq!(text(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn a_year_without_four_digits_is_refused() {
        let far = OffsetDateTime::from_unix_timestamp(-62_200_000_000).unwrap();
        assert_eq!(format(far), None);
    }
}
