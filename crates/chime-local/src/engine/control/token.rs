//! The bearer token of the control endpoint.
//!
//! It is needed because programs of every user of the machine can connect to the loopback
//! interface, and because a proxy can do so for remote clients.

use std::io;
use std::sync::OnceLock;

use chime_model::SensitiveString;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use crate::engine::document::InvalidDocument;
use crate::engine::hex;

/// The number of random bytes in a token, which is written as hex digits.
const RANDOM_LENGTH: usize = 32;

/// The token of one engine. All requests are refused until it is set.
#[derive(Default)]
pub(crate) struct ControlToken(OnceLock<SensitiveString>);

impl ControlToken {
    /// Uses the token of a configuration. `None` leaves it unset until [`get`](Self::get).
    pub(crate) fn new(given: Option<SensitiveString>) -> Self {
        Self(given.map_or_else(OnceLock::new, OnceLock::from))
    }

    /// The token. If it is unset, a random one is generated.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub(crate) fn get(&self) -> io::Result<&SensitiveString> {
        if let Some(token) = self.0.get() {
            return Ok(token);
        }
        let mut bytes = [0; RANDOM_LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(self.0.get_or_init(|| hex::encode(&bytes).into()))
    }

    /// Whether the headers have the token: `Authorization: Bearer TOKEN`.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none());
        let sent = value.and_then(|value| value.to_str().ok()).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
        });
        // Comparing digests takes a time that does not depend on how much of the token is right.
        sent.zip(self.0.get())
            .is_some_and(|(sent, own)| Sha256::digest(sent) == Sha256::digest(own.expose()))
    }
}

/// Checks that a token is hard to guess, and needs no encoding in a header or a URL fragment.
///
/// # Errors
/// If it does not have 16 to 128 ASCII letters, digits, `-` or `_`.
pub(crate) fn check(token: &SensitiveString) -> Result<(), InvalidDocument> {
    let token = token.expose();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (16..=128).contains(&token.len()) && token.bytes().all(is_plain) {
        return Ok(());
    }
    Err(InvalidDocument::one("ControlToken: must have 16 to 128 letters, digits, - or _"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let values = values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value)));
        values.collect()
    }

    #[test]
    fn a_request_must_have_the_whole_token_exactly_once() {
        let token = ControlToken::new(Some("a-token".into()));
        for good in ["Bearer a-token", "bearer a-token", "BEARER  a-token"] {
            assert!(token.is_in(&headers(&[good])), "{good}");
        }
        for wrong in [
            "",
            "a-token",
            "Bearer",
            "Bearer ",
            "Bearer a-toke",
            "Bearer a-token2",
            "Basic a-token",
        ] {
            assert!(!token.is_in(&headers(&[wrong])), "{wrong}");
        }
        assert!(!token.is_in(&headers(&[])));
        assert!(!token.is_in(&headers(&["Bearer a-token", "Bearer a-token"])));
    }

    #[test]
    fn a_random_token_is_long_and_valid_and_stays() {
        let (one, other) = (ControlToken::default(), ControlToken::default());
        assert!(!one.is_in(&headers(&["Bearer "])), "an unset token matches nothing");
        let token = one.get().unwrap();
        assert_eq!(token.expose().len(), 64);
        check(token).unwrap();
        assert_eq!(one.get().unwrap(), token);
        assert_ne!(other.get().unwrap(), token);
    }

    #[test]
    fn a_token_has_a_minimum_length_and_plain_characters() {
        let of = |token: &str| check(&token.into()).is_ok();
        assert!(of(&"a".repeat(16)) && of("ABC-xyz_0123456789"));
        for wrong in ["", "too-short", "sixteen letters ", "sixteen-lettérs-", &"a".repeat(129)] {
            assert!(!of(wrong), "{wrong}");
        }
    }
}
