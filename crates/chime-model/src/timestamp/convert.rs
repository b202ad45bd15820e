//! Conversions from and to timestamps of jiff and chrono, exact to the nanosecond.

use time::OffsetDateTime;

/// Converts to a timestamp of jiff; `None` outside of jiff's range.
#[cfg(feature = "jiff")]
#[must_use]
pub fn to_jiff(time: OffsetDateTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(time.unix_timestamp_nanos()).ok()
}

/// Converts from a timestamp of jiff, whose range is within that of [`OffsetDateTime`].
#[cfg(feature = "jiff")]
#[must_use]
pub fn from_jiff(timestamp: jiff::Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(timestamp.as_nanosecond()).ok()
}

/// Converts to a time of chrono; `None` outside of chrono's range.
#[cfg(feature = "chrono")]
#[must_use]
pub fn to_chrono(time: OffsetDateTime) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(time.unix_timestamp(), time.nanosecond())
}

/// Converts from a time of chrono; `None` outside of the range of [`OffsetDateTime`].
#[cfg(feature = "chrono")]
#[must_use]
pub fn from_chrono(time: chrono::DateTime<chrono::Utc>) -> Option<OffsetDateTime> {
    let nanos = i128::from(time.timestamp()) * 1_000_000_000;
    let nanos = nanos + i128::from(time.timestamp_subsec_nanos());
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
}

#[cfg(all(test, feature = "jiff", feature = "chrono"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn timestamps_survive_a_round_trip(nanos in -62_135_596_800_000_000_000i128..253_402_207_200_000_000_000) {
            let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap();
            let (jiff, chrono) = (to_jiff(time).unwrap(), to_chrono(time).unwrap());
            prop_assert_eq!(from_jiff(jiff), Some(time));
            prop_assert_eq!(from_chrono(chrono), Some(time));
            prop_assert_eq!(jiff.as_nanosecond(), nanos);
            prop_assert_eq!(chrono.timestamp(), time.unix_timestamp());
        }
    }

    #[test]
    fn timestamps_out_of_range_are_none() {
        assert_eq!(from_chrono(chrono::DateTime::<chrono::Utc>::MAX_UTC), None);
    }
}
