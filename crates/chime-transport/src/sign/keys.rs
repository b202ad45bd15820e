//! The cache of signing keys. `aws-sigv4` derives them; each is valid for a day.

use std::sync::{PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sigv4::sign::v4::generate_signing_key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::SigningScope;
use crate::Credentials;

/// The maximum number of keys. A client needs one per set of credentials and region.
const CAPACITY: usize = 16;

#[derive(Default)]
pub(super) struct KeyCache(RwLock<Vec<Entry>>);

struct Entry {
    credentials: Credentials,
    scope: SigningScope,
    day: u64,
    /// An HMAC with the key already set.
    mac: Hmac<Sha256>,
}

impl Entry {
    fn is_for(&self, credentials: &Credentials, scope: &SigningScope, day: u64) -> bool {
        self.day == day && self.scope == *scope && self.credentials.are(credentials)
    }
}

impl KeyCache {
    /// Returns the signature of `string_to_sign`. Never `None`, since HMAC takes keys of any length.
    pub(super) fn signature(
        &self,
        credentials: &Credentials,
        scope: &SigningScope,
        time: SystemTime,
        string_to_sign: &[u8],
    ) -> Option<[u8; 32]> {
        let mut mac = self.keyed(credentials, scope, time)?;
        mac.update(string_to_sign);
        Some(mac.finalize().into_bytes().into())
    }

    fn keyed(
        &self,
        credentials: &Credentials,
        scope: &SigningScope,
        time: SystemTime,
    ) -> Option<Hmac<Sha256>> {
        let day = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400;
        let is_wanted = |entry: &&Entry| entry.is_for(credentials, scope, day);
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.iter().find(is_wanted) {
            return Some(entry.mac.clone());
        }
        drop(entries);
        let secret = credentials.secret_access_key();
        let key = generate_signing_key(secret, time, &scope.region, &scope.service);
        let mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).ok()?;
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Keys of other days are not used again.
        entries.retain(|entry| entry.day == day);
        entries.truncate(CAPACITY - 1);
        let (credentials, scope) = (credentials.clone(), scope.clone());
        entries.insert(0, Entry { credentials, scope, day, mac: mac.clone() });
        Some(mac)
    }
}

// Does not show keys.
debug_by_name!(KeyCache);

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sigv4::sign::v4::calculate_signature;
    use std::time::Duration;

    #[test]
    fn each_key_is_derived_once_and_the_cache_is_bounded() {
        let cache = KeyCache::default();
        let scope = SigningScope::new("us-east-1", "chime");
        let first = Credentials::new("a", "s");
        let signed = |credentials: &Credentials, scope: &SigningScope, days: u64| {
            let time = UNIX_EPOCH + Duration::from_secs(days * 86_400 + 86_399);
            let secret = credentials.secret_access_key();
            let direct = generate_signing_key(secret, time, &scope.region, &scope.service);
            let expected = calculate_signature(direct, b"text");
            for _ in 0..2 {
                let signature = cache.signature(credentials, scope, time, b"text").unwrap();
                let digits = signature.iter().map(|byte| format!("{byte:02x}"));
                assert_eq!(digits.collect::<String>(), expected);
            }
            cache.0.read().unwrap().len()
        };
        assert_eq!(signed(&first, &scope, 1), 1);
        assert_eq!(signed(&first, &SigningScope::new("eu-west-1", "chime"), 1), 2);
        assert_eq!(signed(&first, &SigningScope::new("us-east-1", "other"), 1), 3);
        assert_eq!(signed(&Credentials::new("a", "t"), &scope, 1), 4);
        assert_eq!(signed(&first, &scope, 2), 1, "another day");
        for number in 0..100 {
            let credentials = Credentials::new(number.to_string(), "s");
            assert!(signed(&credentials, &scope, 2) <= CAPACITY);
        }
        assert!(!format!("{cache:?}").contains('s'));
    }
}
