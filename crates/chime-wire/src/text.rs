//! Percent-encoding in paths and queries.

use std::borrow::Cow;

use memchr::memchr;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends `text`, percent-encoded.
pub(crate) fn push_encoded(target: &mut Vec<u8>, text: &str) {
    // Most ids stay as they are. The check has no branches, so the compiler vectorizes it.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        return target.extend_from_slice(text.as_bytes());
    }
    for part in utf8_percent_encode(text, RESERVED) {
        target.extend_from_slice(part.as_bytes());
    }
}

/// Decodes a path segment; `None` if it is not UTF-8.
pub(crate) fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if memchr(b'%', segment.as_bytes()).is_none() {
        return Some(Cow::Borrowed(segment));
    }
    percent_decode_str(segment).decode_utf8().ok()
}

/// Decodes a name or a value of a query, where `+` also means a space.
pub(crate) fn decode_query(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('+') {
        return decode_segment(text);
    }
    let spaced = text.replace('+', " ");
    decode_segment(&spaced).map(|text| Cow::Owned(text.into_owned()))
}

/// Decodes the pairs of a query. The value is `None` if it is not UTF-8. Skips pairs whose name is not
/// UTF-8.
pub(crate) fn query_pairs(
    query: &str,
) -> impl Iterator<Item = (Cow<'_, str>, Option<Cow<'_, str>>)> {
    query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode_query(name)?, decode_query(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        let mut encoded = Vec::new();
        push_encoded(&mut encoded, text);
        String::from_utf8(encoded).unwrap()
    }

    #[test]
    fn all_but_unreserved_characters_are_encoded() {
        assert_eq!(encoded("aZ09-._~/ +%@é"), "aZ09-._~%2F%20%2B%25%40%C3%A9");
    }

    #[test]
    fn plus_is_a_space_in_queries_only() {
        assert_eq!(decode_query("a+b%2Bc").unwrap(), "a b+c");
        assert_eq!(decode_segment("a+b%2Bc").unwrap(), "a+b+c");
        assert_eq!(decode_segment("%FF"), None);
    }

    proptest! {
        #[test]
        fn encoded_text_decodes_to_itself(text: String) {
            let encoded = encoded(&text);
            prop_assert_eq!(decode_segment(&encoded).unwrap(), text.as_str());
            prop_assert_eq!(decode_query(&encoded).unwrap(), text.as_str());
        }
    }
}
