//! A check that a text may be a regular expression.

/// Whether the text has no error that every engine refuses: an unclosed group or class, a quantifier with
/// nothing to repeat, or a backslash at the end.
///
/// The check is incomplete on purpose: it must not refuse a valid expression of Java, whose syntax includes
/// look-ahead, and no small engine reads all of that syntax.
pub(super) fn is_plausible(mut text: &str) -> bool {
    let (mut groups, mut is_repeatable) = (0_u32, false);
    while let Some(c) = next(&mut text) {
        let was_repeatable = std::mem::replace(&mut is_repeatable, true);
        match c {
            '\\' if !skip_escape(&mut text) => return false,
            '[' if !skip_class(&mut text) => return false,
            '(' => {
                groups += 1;
                is_repeatable = false;
                // The `?` of a look-ahead or another special group.
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

/// Skips the rest of a class after its `[`. In Java, classes can be nested.
fn skip_class(text: &mut &str) -> bool {
    let mut classes = 1_u32;
    let mut is_first = true;
    skip_negation(text);
    while let Some(c) = next(text) {
        match c {
            '\\' if !skip_escape(text) => return false,
            '[' => {
                classes += 1;
                skip_negation(text);
            }
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

fn skip_negation(text: &mut &str) {
    *text = text.strip_prefix('^').unwrap_or(text);
}

/// Skips what a backslash escapes: after `\Q`, all text up to `\E`, also inside a class.
fn skip_escape(text: &mut &str) -> bool {
    let escaped = next(text);
    if escaped == Some('Q') {
        *text = text.split_once("\\E").map_or("", |(_, after)| after);
    }
    escaped.is_some()
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
    fn malformed_expressions_are_refused() {
        for text in
            ["(", "(1", "1)", "[0-9", "[^", "[[0]", "1\\", "*", "(+1)", "1|?", "[\\", "[0-[]"]
        {
            assert!(!is_plausible(text), "{text}");
        }
    }

    #[test]
    fn expressions_of_java_are_accepted() {
        for text in [
            "",
            r"^\d{2}#$",
            "^(?!1900)[0-9]{4}$",
            "(?<pin>[0-9]+)",
            r"(1)\1++",
            "[]]",
            "[^]1]",
            "[^^]",
            "[0[^^]]",
            "[0-9&&[^5]]",
            r"\Q(*\E1",
            r"\Q(",
            r"[\Q[\E]",
            r"\(\[\*",
            "(|1)",
        ] {
            assert!(is_plausible(text), "{text}");
        }
    }

    proptest! {
        // After `-`, Java's `[` opens a nested class; the small engine reads it as the end of a range.
        #[test]
        fn expressions_that_a_small_engine_accepts_are_accepted(text in r"[\\\[\]()?*+|^$0-9a#{},-]{0,12}") {
            if !text.contains("-[") && regex_lite::Regex::new(&text).is_ok() {
                prop_assert!(is_plausible(&text), "{}", text);
            }
        }
    }
}
