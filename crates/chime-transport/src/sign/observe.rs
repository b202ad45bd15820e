//! Learns from a response about the date and credentials of a signature.

use std::time::{Duration, SystemTime};

use http::Response;
use http::header::{AGE, DATE, HeaderMap};

use crate::headers::date;
use crate::{Clock, error_code};

/// The longest exchange that measures the clock. It is not known when during the exchange the service
/// dated the response, so the measured skew can be wrong by half of this.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(60);
/// The largest skew. A clock that was reset may start in 1970; a date further off is invalid.
const MAX_SKEW: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
/// Services accept signatures that are 5 to 15 minutes old.
const TOLERATED_SKEW_MILLIS: u64 = 4 * 60 * 1000;

/// Error codes for a refused date. Some have other causes too.
const CLOCK_CODES: [&str; 7] = [
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];
/// Error codes for expired temporary credentials. A service may no longer recognize them.
const EXPIRY_CODES: [&str; 4] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

/// A request in flight, with the clock that dated it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    at: SystemTime,
    skew_millis: i64,
}

impl Sent {
    pub(super) fn now(clock: &Clock) -> Self {
        Self { at: clock.uncorrected(), skew_millis: clock.skew_millis() }
    }

    /// Returns the time of the signature.
    pub(super) fn time(self) -> SystemTime {
        Clock::corrected(self.at, self.skew_millis)
    }

    /// Corrects the clock by the date of a response. Returns whether the service refused the signature
    /// because of its date.
    pub(super) fn correct<R>(self, clock: &Clock, response: &Response<R>) -> bool {
        let Some(date) = dated(response.headers()) else { return false };
        if let Some(millis) = skew_millis(date, self.at, clock.uncorrected()) {
            clock.correct(millis);
        }
        // A signature can also be outdated because the process was paused before the request was sent.
        let is_off = |millis: i64| millis.unsigned_abs() > TOLERATED_SKEW_MILLIS;
        response.status().is_client_error()
            && error_code(response).is_some_and(|code| CLOCK_CODES.contains(&code))
            && millis_between(self.time(), date).is_some_and(is_off)
    }
}

/// Returns whether the service considers the credentials of the request expired.
pub(super) fn is_expiry<R>(response: &Response<R>) -> bool {
    response.status().is_client_error()
        && error_code(response).is_some_and(|code| EXPIRY_CODES.contains(&code))
}

/// Returns when the service dated a response. `None` if it came from a cache.
fn dated(headers: &HeaderMap) -> Option<SystemTime> {
    if headers.contains_key(AGE) {
        return None;
    }
    date(headers, &DATE)
}

/// Returns by how many milliseconds the service's clock is ahead of ours, if the response tells.
fn skew_millis(date: SystemTime, sent: SystemTime, received: SystemTime) -> Option<i64> {
    let round_trip = received.duration_since(sent).ok().filter(|time| *time <= MAX_ROUND_TRIP)?;
    millis_between(sent + round_trip / 2, date)
}

/// Returns `None` if the times are further apart than [`MAX_SKEW`].
fn millis_between(from: SystemTime, to: SystemTime) -> Option<i64> {
    let (apart, sign) = match to.duration_since(from) {
        Ok(ahead) => (ahead, 1),
        Err(behind) => (behind.duration(), -1),
    };
    let millis = i64::try_from(apart.as_millis()).ok()?;
    (apart <= MAX_SKEW).then_some(sign * millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::UNIX_EPOCH;

    const DATE: (&str, &str) = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");
    const DATED: u64 = 1_000_000_000;

    fn skew(headers: &[(&'static str, &'static str)], sent: u64, received: u64) -> Option<i64> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        skew_millis(dated(&headers)?, at(sent), at(received))
    }

    #[test]
    fn skew_is_measured_from_the_middle_of_the_round_trip() {
        assert_eq!(skew(&[DATE], DATED - 1, DATED + 1), Some(0));
        assert_eq!(skew(&[DATE], DATED, DATED + 4), Some(-2000));
        assert_eq!(skew(&[DATE], DATED - 1200, DATED - 1200), Some(1_200_000));
    }

    #[test]
    fn responses_that_say_nothing_about_the_clock() {
        assert_eq!(skew(&[], DATED, DATED), None);
        assert_eq!(skew(&[("date", "yesterday")], DATED, DATED), None);
        assert_eq!(skew(&[DATE, ("age", "1")], DATED, DATED), None);
        assert_eq!(skew(&[DATE], DATED, DATED + 61), None);
        assert_eq!(skew(&[DATE], DATED, DATED - 1), None, "the clock was set in between");
        let far = ("date", "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(skew(&[far], DATED, DATED), None);
    }

    /// Returns whether a clock that is `behind` explains a refusal with this code, if the signature was
    /// dated with a skew of `known`.
    fn is_clock(status: u16, code: &str, behind: u64, known: i64) -> bool {
        let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(DATED - behind));
        clock.correct(known);
        let response = Response::builder().status(status).header(DATE.0, DATE.1);
        let response = response.header("x-amzn-errortype", code).body(()).unwrap();
        Sent::now(&clock).correct(&clock, &response)
    }

    #[test]
    fn a_signature_that_was_outdated_when_it_arrived_says_nothing_about_the_clock() {
        // The process was frozen before the request was sent, or a wrong clock was set right meanwhile.
        for (signed, received) in [(DATED - 600, DATED), (DATED + 600, DATED)] {
            let now = Arc::new(AtomicU64::new(signed));
            let shown = now.clone();
            let clock =
                Clock::new(move || UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::Relaxed)));
            let sent = Sent::now(&clock);
            now.store(received, Ordering::Relaxed);
            let response = Response::builder().status(403).header(DATE.0, DATE.1);
            let response = response.header("x-amzn-errortype", "InvalidSignatureException");
            assert!(sent.correct(&clock, &response.body(()).unwrap()), "{signed}");
            assert_eq!(clock.skew_millis(), 0, "{signed}");
        }
    }

    #[test]
    fn a_refusal_is_explained_by_a_clock_that_was_off_by_more_than_four_minutes() {
        for code in CLOCK_CODES {
            assert!(is_clock(403, code, 241, 0), "{code}");
            assert!(!is_clock(403, code, 240, 0), "{code}");
            assert!(!is_clock(403, code, 3600, 3_600_000), "{code}: the date was right");
        }
        assert!(!is_clock(403, "ForbiddenException", 3600, 0));
        assert!(!is_clock(200, "AuthFailure", 3600, 0));
    }
}
