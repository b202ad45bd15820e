//! The configuration of a local Chime.

use std::fmt;

use chime_model::SensitiveString;

use crate::engine::clock::Clock;
use crate::engine::core::Setup;
use crate::engine::credential::Credential;
use crate::engine::faults::Faults;
use crate::engine::requests::OnResponse;
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
    /// The credentials to accept. Default: the demo credential of [`Credential::default`]. If two
    /// have the same access key id, the later one is used. AWS accounts do not see each other's
    /// resources.
    pub credentials: Vec<Credential>,
    /// The clock. Default: the system's. Keep a clone to move the time of the emulator.
    pub clock: Clock,
    /// The random seed of ids, PINs and faults. The same seed and the same calls create the same
    /// ids, but the ids of requests and events are new each time a state file is reopened. Default: 0.
    pub random_seed: u64,
    /// Limits, and behaviour that the services do not document.
    pub rules: Rules,
    /// Fault rules. Default: none.
    pub faults: Faults,
    /// A callback for every response, such as for log lines. Default: none.
    pub on_response: Option<OnResponse>,
    /// The bearer token of the control endpoint: 16 to 128 ASCII letters, digits, `-` or `_`.
    /// Default: a random token, generated when the emulator starts to listen.
    pub control_token: Option<SensitiveString>,
    /// Whether to accept the demo credential, which is public, from other machines, through proxies
    /// and for any `Host`. Default: no. Then a server accepts it only on a loopback address, and only
    /// if the host is `localhost`, a name below it, a loopback address or that of an AWS endpoint, and
    /// no proxy forwarded the request. Calls in process can have any host.
    pub allow_remote_demo_credential: bool,
    /// The origins of web pages that can call the API of a server from a browser (CORS). Default:
    /// none. The control endpoint accepts only its own page.
    pub cors_origins: Vec<Origin>,
    /// The initial state, also after a [reset](crate::LocalChime::reset). Default: empty.
    pub seed: Seed,
}

impl Config {
    /// The defaults, with [`sample`] as the initial state.
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
            on_response: None,
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
            on_response,
            control_token,
            allow_remote_demo_credential,
            cors_origins,
            seed,
        } = config;
        let access = Access { control_token, allow_remote_demo_credential, cors_origins };
        Self { credentials, clock, random_seed, rules, faults, on_response, access, seed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_no_secret() {
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
