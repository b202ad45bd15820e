//! Encodes bytes as lower-case hexadecimal digits, and decodes them.

/// The two digits of a byte.
fn pair(byte: u8) -> [u8; 2] {
    let digit = |four: u8| if four < 10 { b'0' + four } else { b'a' + four - 10 };
    [digit(byte >> 4), digit(byte & 0xf)]
}

/// The digits of an array, without an allocation. `as_flattened` makes them one slice of ASCII.
pub(crate) fn digits<const N: usize>(bytes: [u8; N]) -> [[u8; 2]; N] {
    bytes.map(pair)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| pair(*byte)).collect::<Vec<_>>().into_flattened();
    // Digits are ASCII, so this never fails.
    String::from_utf8(digits).unwrap_or_default()
}

/// Decodes the lower-case digits of exactly `N` bytes; `None` for other text.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks() else { return None };
    let pairs: &[[u8; 2]; N] = pairs.try_into().ok()?;
    let mut bytes = [0; N];
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
        assert_eq!(digits([0, 0x1f, 0xff]).as_flattened(), b"001fff");
        assert_eq!(decode("001fff"), Some([0, 0x1f, 0xff]));
        for wrong in ["", "0", "00", "0000", "0g", "1F", "é"] {
            assert_eq!(decode::<3>(wrong), None, "{wrong}");
        }
        for wrong in ["0g", "1F", "é"] {
            assert_eq!(decode::<1>(wrong), None, "{wrong}");
        }
    }
}
