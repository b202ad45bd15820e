//! Encodes bytes as lower-case hexadecimal digits, and decodes them.

pub(crate) fn encode(bytes: &[u8]) -> String {
    let digit = |four: u8| if four < 10 { b'0' + four } else { b'a' + four - 10 };
    let mut text = vec![0; bytes.len() * 2];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
    }
    // Digits are ASCII, so this never fails.
    String::from_utf8(text).unwrap_or_default()
}

/// Decodes an even number of lower-case digits; `None` for other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks() else { return None };
    let mut bytes = vec![0; pairs.len()];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_and_invalid_digits_are_rejected() {
        assert_eq!(encode(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(decode("001fff"), Some(vec![0, 0x1f, 0xff]));
        for wrong in ["0", "0g", "1F", "é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
