//! Times relative to now.

use time::{Duration, OffsetDateTime};

/// From this distance on, the date is shown.
const LONGEST: Duration = Duration::days(30);

/// Formats a time as `now`, `5 min ago`, `in 2 days`, or as a date if it is 30 days away or more.
pub(crate) fn ago(time: OffsetDateTime, now: OffsetDateTime) -> String {
    let distance = now - time;
    if distance.abs() >= LONGEST {
        return time.date().to_string();
    }
    let seconds = distance.whole_seconds();
    let (count, unit) = match seconds.unsigned_abs() {
        0 => return "now".to_owned(),
        seconds @ 1..60 => (seconds, "s"),
        seconds @ 60..3600 => (seconds / 60, "min"),
        seconds @ 3600..86_400 => (seconds / 3600, "h"),
        seconds @ 86_400..172_800 => (seconds / 86_400, "day"),
        seconds => (seconds / 86_400, "days"),
    };
    if seconds > 0 { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_relative_or_a_date() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        for (seconds, expected) in [
            (0, "now"),
            (1, "1 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "1 day ago"),
            (2 * 86_400, "2 days ago"),
            (30 * 86_400 - 1, "29 days ago"),
            (30 * 86_400, "2024-09-04"),
            (-5, "in 5 s"),
            (-7 * 86_400, "in 7 days"),
            (-40 * 86_400, "2024-11-13"),
        ] {
            assert_eq!(ago(now - Duration::seconds(seconds), now), expected, "{seconds}");
        }
        assert_eq!(ago(now - Duration::milliseconds(999), now), "now");
    }
}
