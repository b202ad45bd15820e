//! The retry mode.

/// The retry mode of AWS clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Exponential backoff with jitter, and a retry budget. A rate limit that was
    /// [learned](crate::Config::rate_limits) ends once no request has had to wait for it for a while.
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
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "standard" => Self::Standard,
            "adaptive" => Self::Adaptive,
            "legacy" => Self::Legacy,
            _ => return None,
        })
    }
}
