//! The meaning of responses and errors, and the pauses that the service asks for.

use super::*;
use Failure::{Throttling, Transient};
use std::time::UNIX_EPOCH;

fn response(status: u16, code: &str) -> Result<Response<()>, BoxError> {
    let response = Response::builder().status(status).header("x-amzn-errortype", code);
    Ok(response.body(()).unwrap())
}

/// Returns the class of a response, and whether the service may have acted.
fn meaning(status: u16, code: &str) -> (Option<Failure>, bool) {
    let result = response(status, code);
    let failure = Classifier::default().classify(&result);
    (failure, !is_refusal(&result, failure))
}

#[test]
fn throttling_in_all_its_forms() {
    for (status, code) in [
        (429, ""),
        (429, "ThrottledClientException"),
        (400, "ThrottlingException"),
        (400, "aws#Throttled:http://x"),
        (429, "LimitExceededException"),
    ] {
        assert_eq!(meaning(status, code), (Some(Throttling), false), "{code}");
    }
    assert_eq!(meaning(400, "LimitExceededException"), (None, false));
    for code in THROTTLING_CODES {
        assert_eq!(meaning(403, code), (Some(Throttling), false), "{code}");
    }
}

#[test]
fn transient_failures_leave_it_open_whether_the_service_acted() {
    for status in [500, 502, 504] {
        assert_eq!(meaning(status, ""), (Some(Transient), true), "{status}");
    }
    assert_eq!(meaning(503, "ServiceUnavailableException"), (Some(Transient), false));
    for code in ["RequestTimeout", "RequestTimeoutException"] {
        assert_eq!(meaning(400, code), (Some(Transient), true), "{code}");
    }
}

#[test]
fn other_responses_are_final() {
    for (status, acted) in [
        (101, true),
        (200, true),
        (204, true),
        (301, true),
        (400, false),
        (404, false),
        (408, true),
        (409, false),
        (501, true),
        (524, true),
    ] {
        assert_eq!(meaning(status, "NotFoundException"), (None, acted), "{status}");
    }
}

#[test]
fn errors_are_transient_unless_the_request_cannot_be_sent_at_all() {
    for (kind, failure) in [
        (ErrorKind::Request, None),
        (ErrorKind::RateLimited, None),
        (ErrorKind::TooLarge, None),
        (ErrorKind::Connect, Some(Transient)),
        (ErrorKind::Exchange, Some(Transient)),
        (ErrorKind::AttemptTimeout, Some(Transient)),
    ] {
        let result: Result<Response<()>, BoxError> = Err(Error::new(kind, "x").into());
        assert_eq!(Classifier::default().classify(&result), failure, "{kind:?}");
        assert_eq!(is_refusal(&result, failure), !kind.may_have_acted(), "{kind:?}");
    }
}

#[test]
fn only_connecting_has_permanent_errors() {
    use rustls::{CertificateError, InvalidMessage};
    let tls = |error: rustls::Error| io::Error::other(io::Error::other(error));
    for (error, at_connect) in [
        (tls(CertificateError::UnknownIssuer.into()), None),
        (tls(InvalidMessage::InvalidContentType.into()), None),
        (tls(rustls::Error::DecryptError), Some(Transient)),
        (io::ErrorKind::InvalidInput.into(), None),
        (io::ErrorKind::PermissionDenied.into(), None),
        (io::ErrorKind::ConnectionRefused.into(), Some(Transient)),
    ] {
        let text = format!("{error:?}");
        let error = BoxError::from(Error::new(ErrorKind::Connect, error));
        assert_eq!(Classifier::standard(Outcome::Error(&error)), at_connect, "{text}");
        let error = BoxError::from(Error::new(ErrorKind::Exchange, error));
        assert_eq!(Classifier::standard(Outcome::Error(&error)), Some(Transient), "{text}");
    }
}

fn hint(headers: &[(&'static str, &'static str)]) -> Option<u128> {
    let now = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
    retry_after(&headers.collect(), &now).map(|hint| hint.as_millis())
}

#[test]
fn the_service_asks_to_wait_in_three_ways() {
    assert_eq!(hint(&[("x-amz-retry-after", "1500"), ("retry-after", "9")]), Some(1500));
    assert_eq!(hint(&[("retry-after", " 2 ")]), Some(2000));
    let date = ("retry-after", "Sun, 09 Sep 2001 01:46:44 GMT");
    assert_eq!(hint(&[date]), Some(4000), "by our clock");
    assert_eq!(hint(&[date, ("date", "Sun, 09 Sep 2001 01:46:43 GMT")]), Some(1000));
    assert_eq!(hint(&[date, ("date", "Sun, 09 Sep 2001 01:46:50 GMT")]), Some(0));
    for nonsense in ["-1", "soon", "1.5", ""] {
        assert_eq!(hint(&[("x-amz-retry-after", nonsense)]), None, "{nonsense}");
        assert_eq!(hint(&[("retry-after", nonsense)]), None, "{nonsense}");
    }
}
