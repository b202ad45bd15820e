//! Single values as text in paths and queries.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A string, a number or a truth value as text; `None` for null and for what has no text.
///
/// By way of JSON, in `scratch`: it writes every such value, and text without escapes comes back
/// borrowed.
pub(crate) fn text_of<'a, T: Serialize + ?Sized>(
    value: &T,
    scratch: &'a mut Vec<u8>,
) -> Option<Cow<'a, str>> {
    scratch.clear();
    serde_json::to_writer(&mut *scratch, value).ok()?;
    match *scratch.as_slice() {
        [b'"', .., b'"'] => match scratch.contains(&b'\\') {
            false => std::str::from_utf8(&scratch[1..scratch.len() - 1]).ok().map(Cow::Borrowed),
            true => serde_json::from_slice::<String>(scratch).ok().map(Cow::Owned),
        },
        [b'n' | b'[' | b'{', ..] => None,
        _ => std::str::from_utf8(scratch).ok().map(Cow::Borrowed),
    }
}

/// Appends `text`, percent-encoded.
pub(crate) fn push_encoded(target: &mut String, text: &str) {
    for part in utf8_percent_encode(text, RESERVED) {
        target.push_str(part);
    }
}

/// A segment of a path, decoded once.
pub(crate) fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// A name or a value of a query, in which `+` is a space as well.
pub(crate) fn decode_query(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('+') {
        return decode_segment(text);
    }
    let spaced = text.replace('+', " ");
    decode_segment(&spaced).map(|text| Cow::Owned(text.into_owned()))
}

/// The pairs of a query, decoded: no value is one that is no UTF-8. A name that is none is nobody's.
pub(crate) fn query_pairs(
    query: &str,
) -> impl Iterator<Item = (Cow<'_, str>, Option<Cow<'_, str>>)> {
    query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode_query(name)?, decode_query(value)))
    })
}

/// Appends `name=value` to a query.
pub(crate) fn push_pair(query: &mut String, name: &str, value: &str) {
    let separator = if query.is_empty() { '?' } else { '&' };
    // Names come from the table: they need no encoding.
    let _ = write!(query, "{separator}{name}=");
    push_encoded(query, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_unreserved_characters_stay() {
        let mut encoded = String::new();
        push_encoded(&mut encoded, "aZ09-._~/ +%@é");
        assert_eq!(encoded, "aZ09-._~%2F%20%2B%25%40%C3%A9");
    }

    #[test]
    fn plus_is_a_space_in_queries_only() {
        assert_eq!(decode_query("a+b%2Bc").unwrap(), "a b+c");
        assert_eq!(decode_segment("a+b%2Bc").unwrap(), "a+b+c");
        assert_eq!(decode_segment("%FF"), None);
    }

    #[test]
    fn text_of_scalars() {
        let scratch = &mut Vec::new();
        assert_eq!(text_of(&99, scratch).unwrap(), "99");
        assert_eq!(text_of(&true, scratch).unwrap(), "true");
        assert_eq!(text_of("a\"b\\c\u{1}", scratch).unwrap(), "a\"b\\c\u{1}");
        assert_eq!(text_of(&None::<String>, scratch), None);
        assert_eq!(text_of(&["a"], scratch), None);
    }

    proptest! {
        #[test]
        fn encoded_text_decodes_to_itself(text: String) {
            let mut encoded = String::new();
            push_encoded(&mut encoded, &text);
            prop_assert_eq!(decode_segment(&encoded).unwrap(), text.as_str());
            prop_assert_eq!(decode_query(&encoded).unwrap(), text.as_str());
            let mut scratch = Vec::new();
            prop_assert_eq!(text_of(&text, &mut scratch).unwrap(), text.as_str());
        }
    }
}
