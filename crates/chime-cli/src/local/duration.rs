//! Durations on the command line.

/// Parses seconds, or a number with the unit `s`, `m`, `h` or `d`.
///
/// # Errors
/// Returns an error if the text is not a duration.
pub(super) fn seconds(text: &str) -> Result<i64, &'static str> {
    let (number, unit) = match text.char_indices().last() {
        Some((last, 's')) => (&text[..last], 1),
        Some((last, 'm')) => (&text[..last], 60),
        Some((last, 'h')) => (&text[..last], 3_600),
        Some((last, 'd')) => (&text[..last], 86_400),
        _ => (text, 1),
    };
    let seconds = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
    seconds.ok_or("must be seconds, or a duration such as 90s, 5m, 1h or 7d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_optional() {
        for (text, expected) in
            [("90", 90), ("90s", 90), ("5m", 300), ("-1h", -3_600), ("7d", 604_800), ("+1m", 60)]
        {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "s", "1w", "1.5h", "1 h", "9223372036854775807d", "é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
