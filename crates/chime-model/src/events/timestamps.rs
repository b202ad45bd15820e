//! The timestamps of events: milliseconds since 1970 in details, ISO 8601 in the envelope.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use serde_with::{DeserializeAs, SerializeAs};
use time::{Duration, OffsetDateTime};

use crate::timestamp::{self, Iso8601};

/// For `serde_with::As`: ISO 8601, without a fraction if the fraction is zero.
pub(crate) struct IsoSeconds;

impl SerializeAs<OffsetDateTime> for IsoSeconds {
    fn serialize_as<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = timestamp::format(*time)
            .ok_or_else(|| serde::ser::Error::custom("a timestamp's year must have four digits"))?;
        serializer.serialize_str(&text.replace(".000Z", "Z"))
    }
}

impl<'de> DeserializeAs<'de, OffsetDateTime> for IsoSeconds {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        Iso8601::deserialize_as(deserializer)
    }
}

/// For `serde_with::As`: milliseconds since 1970. Also reads numbers with a fraction or an exponent, and
/// ISO 8601.
pub(crate) struct EpochMillis;

impl SerializeAs<OffsetDateTime> for EpochMillis {
    fn serialize_as<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let millis = time.unix_timestamp() * 1000 + i64::from(time.millisecond());
        serializer.serialize_i64(millis)
    }
}

impl<'de> DeserializeAs<'de, OffsetDateTime> for EpochMillis {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        deserializer.deserialize_any(MillisVisitor)
    }
}

struct MillisVisitor;

impl Visitor<'_> for MillisVisitor {
    type Value = OffsetDateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("milliseconds since 1970 or an ISO 8601 time")
    }

    fn visit_i64<E: Error>(self, millis: i64) -> Result<OffsetDateTime, E> {
        OffsetDateTime::UNIX_EPOCH
            .checked_add(Duration::milliseconds(millis))
            .ok_or_else(|| E::custom("milliseconds out of range"))
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<OffsetDateTime, E> {
        self.visit_i64(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, millis: f64) -> Result<OffsetDateTime, E> {
        // The cast saturates and drops fractions of a millisecond.
        self.visit_i64(millis as i64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OffsetDateTime, E> {
        timestamp::parse(text)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Other("string"), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use serde_with::As;

    #[derive(Deserialize, Serialize)]
    struct Millis(#[serde(with = "As::<EpochMillis>")] OffsetDateTime);

    #[derive(Deserialize, Serialize)]
    struct Envelope(#[serde(with = "As::<IsoSeconds>")] OffsetDateTime);

    #[test]
    fn milliseconds_are_read_in_all_formats() {
        for json in [
            "1716282280705",
            "1716282280705.0",
            "1.716282280705E12",
            "1.716282280705e+12",
            r#""2024-05-21T09:04:40.705Z""#,
        ] {
            let Millis(time) = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&Millis(time)).unwrap(), "1716282280705", "{json}");
        }
        let before = serde_json::from_str::<Millis>("-1").unwrap();
        assert_eq!(serde_json::to_string(&before).unwrap(), "-1");
        for json in ["1e300", "-9223372036854775808", "18446744073709551615", r#""soon""#, "null"] {
            assert!(serde_json::from_str::<Millis>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_envelope_omits_a_zero_fraction() {
        for json in [r#""2026-03-02T09:00:10Z""#, r#""2026-03-02T09:00:10.482Z""#] {
            let time: Envelope = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&time).unwrap(), json);
        }
    }
}
