//! Ids, PINs and tokens, made up in a reproducible way.

use chime_model::SensitiveString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::hex;

/// A source of ids. Two with the same seed give the same. It is written as the seed of those to come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(crate) struct Ids(fastrand::Rng);

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A source of the ids that follow from a text, whatever was made before.
    pub(crate) fn of(text: &str) -> Self {
        let mut ids = Self::new(0);
        ids.stir(text.as_bytes());
        ids
    }

    /// Makes other ids from now on than a source that was not stirred, or with something else.
    pub(crate) fn stir(&mut self, with: &[u8]) {
        let digest = Sha256::new_with_prefix(self.0.get_seed().to_be_bytes()).chain_update(with);
        let digest = digest.finalize();
        self.0.seed(digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)));
    }

    /// A version 4 GUID in lower case, as all ids of Chime look like.
    pub(crate) fn guid(&mut self) -> String {
        let mut bits = self.0.u128(..);
        bits = (bits & !(0xf << 76)) | (0x4 << 76);
        bits = (bits & !(0x3 << 62)) | (0x2 << 62);
        let hex = hex::encode(&bits.to_be_bytes());
        let mut guid = String::with_capacity(36);
        for group in [&hex[..8], "-", &hex[8..12], "-", &hex[12..16], "-", &hex[16..20], "-"] {
            guid.push_str(group);
        }
        guid + &hex[20..]
    }

    /// The ten digits that open a user's meetings.
    pub(crate) fn pin(&mut self) -> SensitiveString {
        format!("{:010}", self.0.u64(..10_000_000_000)).into()
    }

    /// The secret of a bot, which looks like 30 bytes in Base64.
    pub(crate) fn token(&mut self) -> SensitiveString {
        let mut digit = || match self.0.u8(..64) {
            0 => '+',
            1 => '/',
            _ => self.0.alphanumeric(),
        };
        (0..40).map(|_| digit()).collect::<String>().into()
    }
}

impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.0.get_seed() == other.0.get_seed()
    }
}

impl From<u64> for Ids {
    fn from(seed: u64) -> Self {
        Self::new(seed)
    }
}

impl From<Ids> for u64 {
    fn from(ids: Ids) -> Self {
        ids.0.get_seed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_look_like_the_services_own() {
        let mut ids = Ids::new(7);
        for _ in 0..200 {
            let guid = ids.guid();
            let groups: Vec<&str> = guid.split('-').collect();
            assert_eq!(
                groups.iter().map(|group| group.len()).collect::<Vec<_>>(),
                [8, 4, 4, 4, 12]
            );
            assert!(groups[2].starts_with('4') && groups[3].starts_with(['8', '9', 'a', 'b']));
            assert!(guid.chars().all(|c| c == '-' || c.is_ascii_digit() || c.is_ascii_lowercase()));
        }
    }

    #[test]
    fn a_seed_decides_all_ids() {
        assert_eq!(Ids::new(7).guid(), Ids::new(7).guid());
        assert_ne!(Ids::new(7).guid(), Ids::new(8).guid());
    }

    #[test]
    fn stirring_changes_all_that_come() {
        let guid = |with: &[u8]| {
            let mut ids = Ids::new(7);
            ids.stir(with);
            ids.guid()
        };
        assert_eq!(guid(b"one"), guid(b"one"));
        assert_ne!(guid(b"one"), guid(b"two"));
        let mut twice = Ids::new(7);
        twice.stir(b"one");
        twice.stir(b"one");
        assert_ne!(guid(b"one"), Ids::new(7).guid());
        assert_ne!(twice.guid(), Ids::new(7).guid());
    }

    #[test]
    fn a_pin_has_ten_digits() {
        let mut ids = Ids::new(7);
        for _ in 0..200 {
            let pin = ids.pin();
            assert_eq!(pin.expose().len(), 10);
            assert!(pin.expose().chars().all(|c| c.is_ascii_digit()));
        }
    }

    #[test]
    fn a_token_looks_like_base64_and_is_another_each_time() {
        let mut ids = Ids::new(7);
        let tokens: Vec<SensitiveString> = (0..200).map(|_| ids.token()).collect();
        for token in &tokens {
            let token = token.expose();
            assert_eq!(token.len(), 40);
            assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "+/".contains(c)));
        }
        assert!(tokens.iter().any(|token| token.expose().contains('/')));
        assert_eq!(tokens.iter().collect::<std::collections::HashSet<_>>().len(), tokens.len());
    }
}
