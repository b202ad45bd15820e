//! Whether a text can be a regular expression.

/// Whether nothing in the text makes every engine refuse it: an unclosed group or class, a quantifier
/// with nothing to repeat, a backslash at the end.
///
/// This is no full check. The service reads Java's syntax, look-ahead included, which no small engine
/// does, and a valid expression must not be refused.
pub(super) fn is_plausible(mut text: &str) -> bool {
    let (mut groups, mut is_repeatable) = (0_u32, false);
    while let Some(c) = next(&mut text) {
        let was_repeatable = std::mem::replace(&mut is_repeatable, true);
        match c {
            // Everything up to `\E` is literal.
            '\\' if text.starts_with('Q') => {
                text = text.split_once("\\E").map_or("", |(_, after)| after);
            }
            '\\' if next(&mut text).is_none() => return false,
            '[' if !skip_class(&mut text) => return false,
            '(' => {
                groups += 1;
                is_repeatable = false;
                // The mark of a look-ahead or another special group.
                text = text.strip_prefix('?').unwrap_or(text);
            }
            ')' => match groups.checked_sub(1) {
                Some(outer) => groups = outer,
                None => return false,
            },
            '|' => is_repeatable = false,
            '*' | '+' | '?' if !was_repeatable => return false,
            _ => {}
        }
    }
    groups == 0
}

/// Skips a class behind its `[`. Classes of Java can hold classes.
fn skip_class(text: &mut &str) -> bool {
    let mut classes = 1_u32;
    let mut is_first = true;
    while let Some(c) = next(text) {
        match c {
            '\\' if next(text).is_none() => return false,
            '^' if is_first => continue,
            '[' => classes += 1,
            ']' if !is_first => classes -= 1,
            _ => {}
        }
        if classes == 0 {
            return true;
        }
        is_first = c == '[';
    }
    false
}

fn next(text: &mut &str) -> Option<char> {
    let mut chars = text.chars();
    let first = chars.next();
    *text = chars.as_str();
    first
}

#[cfg(test)]
mod tests {
    use super::is_plausible;
    use proptest::prelude::*;

    #[test]
    fn what_every_engine_refuses() {
        for text in ["(", "(1", "1)", "[0-9", "[^", "[[0]", "1\\", "*", "(+1)", "1|?", "[\\"] {
            assert!(!is_plausible(text), "{text}");
        }
    }

    #[test]
    fn what_java_accepts() {
        for text in [
            "",
            r"^\d{2}#$",
            "^(?!1900)[0-9]{4}$",
            "(?<pin>[0-9]+)",
            r"(1)\1++",
            "[]]",
            "[^]1]",
            "[0-9&&[^5]]",
            r"\Q(*\E1",
            r"\Q(",
            r"\(\[\*",
            "(|1)",
        ] {
            assert!(is_plausible(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_small_engine_accepts_is_accepted(text in r"[\\\[\]()?*+|^$0-9a#{},-]{0,12}") {
            if regex_lite::Regex::new(&text).is_ok() {
                prop_assert!(is_plausible(&text), "{}", text);
            }
        }
    }
}
