//! The retry mode.

/// The retry mode of AWS clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// Exponential backoff with jitter, and a retry budget. A
    /// [learned rate limit](crate::Config::rate_limits) is dropped when no request has waited for it for
    /// two seconds.
    #[default]
    Standard,
    /// As [`Standard`](Self::Standard), but learned rate limits are kept. After an idle time, fewer
    /// requests are throttled, but a burst that the service would accept takes longer. The user agent
    /// names this mode.
    Adaptive,
    /// The same as [`Standard`](Self::Standard). The original mode of botocore, accepted so that existing
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
