//! Reproducible random ids and texts.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::hex;

/// A generator of ids. The same seed yields the same ids. Serialized as the current seed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(crate) struct Ids(fastrand::Rng);

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Creates a generator whose seed is derived from a text.
    pub(crate) fn of(text: &str) -> Self {
        Self::new(0).derive(text)
    }

    /// Creates a generator whose seed is derived from this one's and a text.
    pub(crate) fn derive(&self, text: &str) -> Self {
        let mut ids = self.clone();
        ids.stir(text.as_bytes());
        ids
    }

    /// Mixes bytes into the seed, which changes all further ids.
    pub(crate) fn stir(&mut self, with: &[u8]) {
        let digest = Sha256::new_with_prefix(self.0.get_seed().to_be_bytes()).chain_update(with);
        let digest = digest.finalize();
        self.0.seed(digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)));
    }

    /// Generates a version 4 GUID in lower case, the format of most ids.
    pub(crate) fn guid(&mut self) -> String {
        let mut bits = self.0.u128(..);
        bits = (bits & !(0xf << 76)) | (0x4 << 76);
        bits = (bits & !(0x3 << 62)) | (0x2 << 62);
        let digits = hex::digits(bits.to_be_bytes());
        let digits = digits.as_flattened();
        let groups =
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        // Digits are ASCII, so this never fails.
        String::from_utf8(groups.join(&b'-')).unwrap_or_default()
    }

    /// Generates decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.0.digit(10)).collect()
    }

    /// Generates characters of Base64, without padding.
    pub(crate) fn base64(&mut self, count: usize) -> String {
        let mut digit = || match self.0.u8(..64) {
            0 => '+',
            1 => '/',
            _ => self.0.alphanumeric(),
        };
        (0..count).map(|_| digit()).collect()
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
    fn guids_have_version_4() {
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
    fn the_same_seed_yields_the_same_ids() {
        assert_eq!(Ids::new(7).guid(), Ids::new(7).guid());
        assert_ne!(Ids::new(7).guid(), Ids::new(8).guid());
    }

    #[test]
    fn stirring_changes_all_further_ids() {
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
}
