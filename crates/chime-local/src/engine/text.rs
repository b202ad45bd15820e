//! Splits and cuts text. Every request is split many times, at an ASCII character: that takes a fraction of
//! the time of the methods of `str`.

use memchr::{memchr, memrchr};

/// Splits at the first `byte`, which must be ASCII.
pub(crate) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    split_at(text, memchr(byte, text.as_bytes())?)
}

/// Splits at the last `byte`, which must be ASCII.
pub(crate) fn rsplit_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    split_at(text, memrchr(byte, text.as_bytes())?)
}

fn split_at(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The start of a text that has at most `max` bytes and ends with a whole character.
pub(crate) fn start(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_start_ends_with_a_whole_character(text in "[aé😀]{0,9}", max in 0..40_usize) {
            let found = start(&text, max);
            prop_assert!(text.starts_with(found) && found.len() <= max);
            let next = text[found.len()..].chars().next();
            prop_assert!(next.is_none_or(|next| found.len() + next.len_utf8() > max));
        }

        #[test]
        fn it_splits_as_the_methods_of_str_do(text in "[a.é]{0,9}") {
            prop_assert_eq!(split_once(&text, b'.'), text.split_once('.'));
            prop_assert_eq!(rsplit_once(&text, b'.'), text.rsplit_once('.'));
        }
    }
}
