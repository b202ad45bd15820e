//! What aws-sigv4 takes for granted, and panics without.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{HOST, HeaderMap};
use http::{Request, Uri};
use percent_encoding::percent_decode_str;

use crate::BoxError;
use crate::endpoint::host_and_port;

/// From 1970 up to the year 10000, which has no room in a date.
const DATES: Duration = Duration::from_secs(253_402_300_800);

/// How many headers a request may have: a third of what the map of them has room for.
const HEADERS: usize = 8_000;

/// The host that a request is signed for: the one that is sent.
pub(super) fn check<B>(request: &Request<B>, now: SystemTime) -> Result<Cow<'_, str>, BoxError> {
    if now.duration_since(UNIX_EPOCH).map_or(true, |since| since >= DATES) {
        return Err("the clock shows no date of this age".into());
    }
    if request.headers().len() > HEADERS {
        return Err("the request has too many headers".into());
    }
    if !request.uri().path().starts_with('/') {
        return Err("the request has no path".into());
    }
    if is_too_long(request.uri()) {
        return Err("the request is too long".into());
    }
    host(request.headers(), request.uri()).ok_or_else(|| "the request has no host".into())
}

fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    match headers.get(HOST) {
        Some(host) => host.to_str().ok().map(Cow::Borrowed),
        None => host_and_port(uri.authority()?, uri.scheme()?),
    }
}

/// Whether an address has no room for its query as the signer writes it anew: all names with a value,
/// and all but these escaped, text that is none included.
fn is_too_long(uri: &Uri) -> bool {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let raw = uri.query().unwrap_or_default();
    let query = percent_decode_str(raw).decode_utf8_lossy();
    let written: usize = query.bytes().map(|byte| if stays(byte) { 1 } else { 3 }).sum();
    let names = raw.bytes().filter(|byte| *byte == b'&').count() + 1;
    let origin = uri.authority().map_or(0, |authority| "https://".len() + authority.as_str().len());
    origin + uri.path().len() + "?".len() + written + names >= usize::from(u16::MAX)
}
