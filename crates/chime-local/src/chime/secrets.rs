//! Reproducible personal PINs and security tokens.

use chime_model::SensitiveString;

use crate::engine::ids::Ids;

/// Generates a personal meeting PIN of ten digits.
pub(super) fn pin(ids: &mut Ids) -> SensitiveString {
    ids.digits(10).into()
}

/// Generates the security token of a bot: 40 characters of Base64.
pub(super) fn security_token(ids: &mut Ids) -> SensitiveString {
    ids.base64(40).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_ten_digits() {
        let mut ids = Ids::new(7);
        for _ in 0..200 {
            let pin = pin(&mut ids);
            assert_eq!(pin.expose().len(), 10);
            assert!(pin.expose().chars().all(|c| c.is_ascii_digit()));
        }
    }

    #[test]
    fn tokens_are_base64_and_unique() {
        let mut ids = Ids::new(7);
        let tokens: Vec<SensitiveString> = (0..200).map(|_| security_token(&mut ids)).collect();
        for token in &tokens {
            let token = token.expose();
            assert_eq!(token.len(), 40);
            assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "+/".contains(c)));
        }
        assert!(tokens.iter().any(|token| token.expose().contains('/')));
        assert_eq!(tokens.iter().collect::<std::collections::HashSet<_>>().len(), tokens.len());
    }
}
