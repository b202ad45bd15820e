//! The two formats of times in HTTP headers: that of `Date`, and that of `X-Amz-Date`.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use http::HeaderValue;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// Creates values of `Date`. Responses of the same second share one.
#[derive(Default)]
pub(crate) struct HttpDates(Mutex<Option<(i64, HeaderValue)>>);

impl HttpDates {
    pub(crate) fn of(&self, time: OffsetDateTime) -> Option<HeaderValue> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = time.unix_timestamp();
        if last.as_ref().is_none_or(|(of, _)| *of != seconds) {
            *last = Some((seconds, HeaderValue::try_from(format_http(time)).ok()?));
        }
        last.as_ref().map(|(_, date)| date.clone())
    }
}

/// Formats a time like `Sun, 06 Nov 1994 08:49:37 GMT`. The time must be that of a
/// [`Clock`](super::clock::Clock), whose range is within that of the format.
pub(crate) fn format_http(time: OffsetDateTime) -> String {
    httpdate::fmt_http_date(SystemTime::from(time))
}

/// Writes two digits. This takes a tenth of the time of `format!`, which matters for every request.
fn push_two(text: &mut String, value: u8) {
    text.extend([b'0' + value / 10 % 10, b'0' + value % 10].map(char::from));
}

fn push_year(text: &mut String, year: i32) {
    let year = u16::try_from(year).unwrap_or_default();
    for two in [year / 100 % 100, year % 100] {
        push_two(text, u8::try_from(two).unwrap_or_default());
    }
}

/// Parses the format of [`format_http`], and the obsolete formats of HTTP.
pub(crate) fn parse_http(text: &str) -> Option<OffsetDateTime> {
    httpdate::parse_http_date(text).ok().map(OffsetDateTime::from)
}

/// Formats a time like `19941106T084937Z`.
pub(crate) fn format_amz(time: OffsetDateTime) -> Option<String> {
    let time = time.checked_to_offset(UtcOffset::UTC)?;
    let (month, day) = (u8::from(time.month()), time.day());
    let (hour, minute, second) = time.to_hms();
    let mut text = String::with_capacity(16);
    push_year(&mut text, time.year());
    push_two(&mut text, month);
    push_two(&mut text, day);
    text.push('T');
    for value in [hour, minute, second] {
        push_two(&mut text, value);
    }
    text.push('Z');
    Some(text)
}

/// Parses the format of [`format_amz`].
pub(crate) fn parse_amz(text: &str) -> Option<OffsetDateTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || time.len() != 6 || !is_number(date) || !is_number(time) {
        return None;
    }
    moment([&date[..4], &date[4..6], &date[6..], &time[..2], &time[2..4], &time[4..]])
}

fn moment([year, month, day, hour, minute, second]: [&str; 6]) -> Option<OffsetDateTime> {
    let small = |text: &str| text.parse::<u8>().ok();
    let month = Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, small(day)?).ok()?;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(date.with_time(time).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9110.
    const SECONDS: i64 = 784_111_777;

    #[test]
    fn both_formats_round_trip() {
        let time = OffsetDateTime::from_unix_timestamp(SECONDS).unwrap();
        assert_eq!(format_http(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(format_amz(time).unwrap(), "19941106T084937Z");
        assert_eq!(parse_http("Sun, 06 Nov 1994 08:49:37 GMT"), Some(time));
        assert_eq!(parse_amz("19941106T084937Z"), Some(time));
    }

    #[test]
    fn the_date_changes_each_second() {
        let dates = HttpDates::default();
        let at = |millis: i64| {
            let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
            dates.of(time.unwrap()).unwrap()
        };
        for (millis, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (999, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_000, "Thu, 01 Jan 1970 00:00:01 GMT"),
            // The machine's clock may go back.
            (999, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(at(millis), expected);
        }
    }

    #[test]
    fn another_offset_is_converted_to_utc() {
        let time = OffsetDateTime::from_unix_timestamp(SECONDS).unwrap();
        let there = time.to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
        assert_eq!(format_http(there), format_http(time));
        assert_eq!(format_amz(there), format_amz(time));
    }

    #[test]
    fn other_formats_are_rejected() {
        for wrong in [
            "",
            "19941306T084937Z",
            "19941106T084937",
            "1994-11-06T08:49:37Z",
            "+9941106T084937Z",
            "199411+6T084937Z",
            "19941106T0849+7Z",
            "19941106T084937ZZ",
            "é",
        ] {
            assert_eq!(parse_amz(wrong), None, "{wrong}");
        }
        for wrong in ["", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT", "a, b"]
        {
            assert_eq!(parse_http(wrong), None, "{wrong}");
        }
    }
}
