//! Settings that stand for several others.

use std::time::Duration;

use crate::Config;

/// How AWS clients repeat requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Pauses of random length, and a budget. What [pacing](Config::pacing) has learned is forgotten
    /// when nothing has to wait for it any more.
    #[default]
    Standard,
    /// On top of it, pacing keeps what it has learned: after a pause, too, requests go no faster
    /// than the service last took them. A rush meets few refusals then, and takes longer where the
    /// service would have let a burst through. The user agent names the mode.
    Adaptive,
    /// What botocore did before there were modes. Here the same as [`Standard`](Self::Standard), so
    /// that settings made for it are accepted.
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

/// Times by the way to the service: the defaults mode of AWS clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DefaultsMode {
    connect: Duration,
    attempt: Option<Duration>,
}

impl DefaultsMode {
    pub(super) const NAMES: &str = "standard, in-region, cross-region, mobile, auto or legacy";

    pub(super) fn named(name: &str) -> Option<Self> {
        let millis = match name.to_ascii_lowercase().as_str() {
            // Whether a service is in our region cannot be told from settings: some have one region
            // for the whole partition. `auto` stays with what holds for all.
            "standard" | "cross-region" | "auto" => 3100,
            // Names no times. Every mode repeats by the standard.
            "legacy" => 3100,
            "in-region" => 1100,
            "mobile" => 30_000,
            _ => return None,
        };
        let connect = Duration::from_millis(millis);
        // As long as elsewhere, once it is connected.
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
    fn times_by_the_way_to_the_service() {
        let times = |mode| {
            let mut config = Config::default();
            DefaultsMode::named(mode)?.apply(&mut config);
            Some((config.connect_timeout?.as_millis(), config.attempt_timeout?.as_secs()))
        };
        for mode in ["legacy", "standard", "cross-region", "auto"] {
            assert_eq!(times(mode), Some((3100, 30)), "{mode}, as without one");
        }
        assert_eq!(times("In-Region"), Some((1100, 30)));
        assert_eq!(times("mobile"), Some((30_000, 60)));
        assert_eq!(times("fast"), None);
    }
}
