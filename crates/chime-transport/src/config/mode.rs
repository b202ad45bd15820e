//! Modes: settings that stand for several others.

use std::time::Duration;

use crate::Config;

/// The retry mode of AWS clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Exponential backoff with jitter, and a retry budget. A rate limit that was
    /// [learned](Config::rate_limits) ends once no request has had to wait for it for a while.
    #[default]
    Standard,
    /// As [`Standard`](Self::Standard), and learned rate limits are kept. After an idle time, requests
    /// start at that rate: fewer are throttled, and a burst that the service would have accepted takes
    /// longer. The user agent names this mode.
    Adaptive,
    /// The same as [`Standard`](Self::Standard). botocore's original mode, accepted so that existing
    /// settings work.
    Legacy,
}

impl RetryMode {
    pub(super) const NAMES: &str = "standard, adaptive or legacy";

    pub(super) fn named(name: &str) -> Option<Self> {
        let modes =
            [("standard", Self::Standard), ("adaptive", Self::Adaptive), ("legacy", Self::Legacy)];
        modes.into_iter().find(|(mode, _)| mode.eq_ignore_ascii_case(name)).map(|(_, mode)| mode)
    }
}

/// The defaults mode of AWS clients: timeouts that suit the network path to the service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DefaultsMode {
    connect: Duration,
    attempt: Option<Duration>,
}

impl DefaultsMode {
    pub(super) const NAMES: &str = "standard, in-region, cross-region, mobile, auto or legacy";

    pub(super) fn named(name: &str) -> Option<Self> {
        let millis = match name.to_ascii_lowercase().as_str() {
            // `legacy` sets no timeouts. `auto` would have to know whether the service is in the
            // caller's region, which settings do not tell.
            "standard" | "cross-region" | "auto" | "legacy" => 3100,
            "in-region" => 1100,
            "mobile" => 30_000,
            _ => return None,
        };
        let connect = Duration::from_millis(millis);
        // Connecting may use up the usual attempt timeout, so it is added.
        let attempt =
            (connect > Duration::from_secs(10)).then(|| connect + Duration::from_secs(30));
        Some(Self { connect, attempt })
    }

    pub(super) fn apply(self, config: &mut Config) {
        config.connect_timeout = Some(self.connect);
        config.attempt_timeout = self.attempt.or(config.attempt_timeout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_of_each_mode() {
        let timeouts = |mode| {
            let mut config = Config::default();
            DefaultsMode::named(mode)?.apply(&mut config);
            Some((config.connect_timeout?.as_millis(), config.attempt_timeout?.as_secs()))
        };
        for mode in ["legacy", "standard", "cross-region", "auto"] {
            assert_eq!(timeouts(mode), Some((3100, 30)), "{mode}");
        }
        assert_eq!(timeouts("In-Region"), Some((1100, 30)));
        assert_eq!(timeouts("mobile"), Some((30_000, 60)));
        assert_eq!(timeouts("fast"), None);
    }
}
