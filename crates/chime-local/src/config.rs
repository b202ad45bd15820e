//! How a local Chime is set up.

use std::fmt;

use chime_model::SensitiveString;

use crate::engine::clock::Clock;
use crate::engine::core::Setup;
use crate::engine::credential::Credential;
use crate::engine::faults::Faults;
use crate::engine::requests::OnAnswer;
use crate::engine::server::access::Access;
use crate::family::Family;
use crate::sample;
use crate::{Origin, Rules, Seed};

/// The configuration of a [`LocalChime`](crate::LocalChime).
///
/// ```
/// use chime_local::{ChimeRules, Config, LocalChime};
///
/// let rules = ChimeRules { rooms_per_account: 3, ..ChimeRules::default() };
/// let chime = LocalChime::new(Config { rules: rules.into(), ..Config::sample() })?;
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// Who may call; by default one demo credential, see [`Credential::default`]. Of two with the same
    /// access key the later one counts. AWS accounts see nothing of each other.
    pub credentials: Vec<Credential>,
    /// The clock; by default the system's. Keep a clone to move the time of the Chime.
    pub clock: Clock,
    /// Seed of ids, PINs and random faults. The same number and the same calls give the same ids.
    pub random_seed: u64,
    /// Limits and options.
    pub rules: Rules,
    /// Fault rules; none by default.
    pub faults: Faults,
    /// Callback for every response, for log lines.
    pub on_answer: Option<OnAnswer>,
    /// The token that requests to the control endpoint carry: 16 to 128 letters, digits, `-` or `_`.
    /// By default it is made at random when the Chime begins to listen.
    pub control_token: Option<SensitiveString>,
    /// Accept the demo credential, which is public, from other machines and for any host. By default
    /// a server accepts it only on a loopback address, and for `localhost`, names below it, loopback
    /// addresses and the hosts of AWS endpoints. Calls in process may be for any host.
    pub allow_remote_demo_credential: bool,
    /// Origins of web pages that may call the API of a server from a browser; none by default. The
    /// control endpoint is for no page but its own.
    pub cors_origins: Vec<Origin>,
    /// The initial state, and that after a [reset](crate::LocalChime::reset); empty by default.
    pub seed: Seed,
}

impl Config {
    /// The defaults, with the organisation of [`sample`] in place.
    #[must_use]
    pub fn sample() -> Self {
        Self { seed: sample::seed(), ..Self::default() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            credentials: vec![Credential::default()],
            clock: Clock::default(),
            random_seed: 0,
            rules: Rules::default(),
            faults: Faults::default(),
            on_answer: None,
            control_token: None,
            allow_remote_demo_credential: false,
            cors_origins: Vec::new(),
            seed: Seed::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("credentials", &self.credentials)
            .field("random_seed", &self.random_seed)
            .field("rules", &self.rules)
            .field("faults", &self.faults)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl From<Config> for Setup<Family> {
    fn from(config: Config) -> Self {
        let Config {
            credentials,
            clock,
            random_seed,
            rules,
            faults,
            on_answer,
            control_token,
            allow_remote_demo_credential,
            cors_origins,
            seed,
        } = config;
        let access = Access { control_token, allow_remote_demo_credential, cors_origins };
        Self { credentials, clock, random_seed, rules, faults, on_answer, access, seed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_shows() {
        let credential =
            Credential { session_token: Some("a-session-token".into()), ..Credential::default() };
        let config = Config { credentials: vec![credential], ..Config::sample() };
        let shown = format!("{config:?}");
        assert!(shown.contains(sample::ACCESS_KEY_ID), "{shown}");
        assert!(!shown.contains(sample::SECRET_ACCESS_KEY), "{shown}");
        assert!(!shown.contains("a-session-token"), "{shown}");
        assert!(!shown.contains("@example.com"), "{shown}");
        assert!(!shown.contains(sample::JOIN_TOKEN), "{shown}");
    }
}
