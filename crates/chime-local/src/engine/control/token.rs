//! The token that requests to the control endpoint carry.
//!
//! Every program on the machine can connect to the loopback interface, whichever user runs it, and so
//! can a proxy for anybody else.

use std::io;
use std::sync::OnceLock;

use chime_model::SensitiveString;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use crate::engine::document::InvalidDocument;
use crate::engine::hex;

/// The length of a random token, in bytes before they are written as hex digits.
const RANDOM_LENGTH: usize = 32;

/// The token of one engine. Nobody has access until there is one.
#[derive(Default)]
pub(crate) struct ControlToken(OnceLock<SensitiveString>);

impl ControlToken {
    /// With the token of a configuration, or with none yet.
    pub(crate) fn new(given: Option<SensitiveString>) -> Self {
        Self(given.map_or_else(OnceLock::new, OnceLock::from))
    }

    /// The token, made at random the first time.
    ///
    /// # Errors
    /// If the system has no random bytes to give.
    pub(crate) fn get(&self) -> io::Result<&SensitiveString> {
        if let Some(token) = self.0.get() {
            return Ok(token);
        }
        let mut bytes = [0; RANDOM_LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(self.0.get_or_init(|| hex::encode(&bytes).into()))
    }

    /// Whether the headers carry the token: `Authorization: Bearer TOKEN`.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none());
        let sent = value.and_then(|value| value.to_str().ok()).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
        });
        // Digests are compared, so that the time it takes says nothing about the token.
        sent.zip(self.0.get())
            .is_some_and(|(sent, own)| Sha256::digest(sent) == Sha256::digest(own.expose()))
    }
}

/// Checks that a token can stand in a header and behind the `#` of a URL, and is hard to guess.
///
/// # Errors
/// If it is too short or too long, or has other characters.
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
    fn a_request_carries_the_token_once_and_entirely() {
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
        assert!(!one.is_in(&headers(&["Bearer "])), "there is none yet");
        let token = one.get().unwrap();
        assert_eq!(token.expose().len(), 64);
        check(token).unwrap();
        assert_eq!(one.get().unwrap(), token);
        assert_ne!(other.get().unwrap(), token);
    }

    #[test]
    fn a_token_is_hard_to_guess_and_needs_no_quotes() {
        let of = |token: &str| check(&token.into()).is_ok();
        assert!(of(&"a".repeat(16)) && of("ABC-xyz_0123456789"));
        for wrong in ["", "too-short", "sixteen letters ", "sixteen-lettérs-", &"a".repeat(129)] {
            assert!(!of(wrong), "{wrong}");
        }
    }
}
