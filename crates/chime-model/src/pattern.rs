//! Patterns of the API description, in Java's syntax of regular expressions.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A regular expression that a whole text must match. It is compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    is_forbidden: Forbids,
}

/// Whether a look-ahead excludes a text.
type Forbids = fn(&str) -> bool;

/// The look-aheads in API descriptions, each with a function that tells which texts it excludes. The regex
/// engine does not support look-aheads.
const LOOK_AHEADS: [(&str, Forbids); 2] = [
    // The names that Amazon S3 reserves.
    ("(?!(^xn--|.+-s3alias$))", |text| {
        text.starts_with("xn--") || text.len() > 8 && text.ends_with("-s3alias")
    }),
    // Any character four times in a row.
    (r"(?!.*?(.)\1{3})", |text| {
        let all: Vec<char> = text.chars().collect();
        all.windows(4).any(|four| four.iter().all(|c| *c == four[0]))
    }),
];

impl Pattern {
    /// Creates a pattern from the text in the API description.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The text of the pattern in the API description.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `value` matches. An invalid pattern matches everything; the API descriptions have
    /// no invalid patterns.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        if self.demands_non_blank() {
            // Every id has this pattern, so it needs to be fast.
            return !is_blank(value) && !value.contains('\n');
        }
        let compiled = self.compiled.get_or_init(|| Compiled::new(self.text));
        let matches = |it: &Compiled| it.regex.is_match(value) && !(it.is_forbidden)(value);
        compiled.as_ref().is_none_or(matches)
    }

    /// Whether the pattern only requires a character that is not white space.
    pub(crate) fn demands_non_blank(&self) -> bool {
        self.text == r".*\S.*"
    }
}

impl Compiled {
    fn new(text: &str) -> Option<Self> {
        // `\u` takes four digits, but these escapes mean code points with five.
        let mut text = text.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}");
        let mut is_forbidden: Forbids = |_| false;
        for (look_ahead, forbids) in LOOK_AHEADS {
            if text.contains(look_ahead) {
                text = text.replace(look_ahead, "");
                is_forbidden = forbids;
            }
        }
        Some(Self { regex: Regex::new(&format!("^(?:{text})$")).ok()?, is_forbidden })
    }
}

/// Whether a text is empty or only white space, which in patterns is ASCII.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t'..=b'\r' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{APIS, Shape, Structure};

    fn patterns(structure: &Structure, found: &mut Vec<&'static str>) {
        for member in structure.members {
            let mut shape = member.shape;
            loop {
                shape = match shape {
                    Shape::List(list) => list.item,
                    Shape::Map(map) => map.value,
                    Shape::Structure(inner) => break patterns(inner, found),
                    Shape::Text(text) => break found.extend(text.pattern.map(Pattern::as_str)),
                    _ => break,
                }
            }
        }
    }

    #[test]
    fn every_pattern_compiles() {
        let mut found = Vec::new();
        for info in APIS.iter().flat_map(|api| api.operations) {
            patterns(info.input, &mut found);
            info.output.into_iter().for_each(|output| patterns(output, &mut found));
        }
        assert_eq!(found.is_empty(), APIS.is_empty());
        for text in found {
            assert!(Compiled::new(text).is_some(), "{text}");
        }
    }

    #[test]
    fn the_check_for_blank_text_agrees_with_the_pattern() {
        static PATTERN: Pattern = Pattern::new(r".*\S.*");
        let regex = Compiled::new(PATTERN.as_str()).unwrap().regex;
        for c in '\0'..='\u{3000}' {
            for text in [c.to_string(), format!(" {c}\t")] {
                assert_eq!(PATTERN.matches(&text), regex.is_match(&text), "{text:?}");
            }
        }
        assert!(!PATTERN.matches(""));
    }

    #[test]
    fn look_aheads_and_code_points_with_five_digits_are_supported() {
        let tenant = Pattern::new(r"^(?!.*?(.)\1{3})[-_!@#$a-zA-Z0-9]*$");
        let bucket = Pattern::new("(?!(^xn--|.+-s3alias$))^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$");
        let name = Pattern::new(r"[\u0020-\u007E\uE000-\uFFFD\u10000-\u10FFFF]*");
        for (pattern, matching, others) in [
            (&tenant, ["aaab", "a1!"], ["aaaa", "a b"]),
            (&bucket, ["logs", "x-s3alia"], ["xn--logs", "logs-s3alias"]),
            (&name, ["Party \u{1f389}", "plain"], ["\n", "\u{d7ff}"]),
        ] {
            for text in matching {
                assert!(pattern.matches(text), "{text}");
            }
            for text in others {
                assert!(!pattern.matches(text), "{text}");
            }
        }
    }
}
