//! Patterns of the API description, in the notation of Java.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A regular expression that the whole of a text has to match; compiled at its first use.
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

/// Whether a look-ahead forbids a text.
type Forbids = fn(&str) -> bool;

/// The look-aheads of the descriptions, which this implementation of regular expressions lacks, and
/// what each of them forbids.
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
    /// A pattern in the notation of the API description.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The pattern as the API description writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `value` matches. An invalid pattern, of which the descriptions have none,
    /// matches everything.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        if self.demands_non_blank() {
            // By far the most frequent one: every id has it.
            return !is_blank(value) && !value.contains('\n');
        }
        let compiled = self.compiled.get_or_init(|| Compiled::new(self.text));
        let matches = |it: &Compiled| it.regex.is_match(value) && !(it.is_forbidden)(value);
        compiled.as_ref().is_none_or(matches)
    }

    /// Whether it says no more than that some character is not white space.
    pub(crate) fn demands_non_blank(&self) -> bool {
        self.text == r".*\S.*"
    }
}

impl Compiled {
    fn new(text: &str) -> Option<Self> {
        // The descriptions mean these code points, and `\u` takes four digits.
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

/// Whether there is nothing but white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
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
    fn look_aheads_and_code_points_beyond_four_digits() {
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
