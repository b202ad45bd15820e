//! Signs requests with AWS Signature Version 4, in their headers.
//!
//! Position in the stack: inside every layer that changes the request, and inside the
//! [retry layer](crate::retry), so that each attempt has its own date and signature.
//!
//! [`SignLayer`] waits while credentials are loaded. It dates signatures by the service's clock, which
//! it learns from the `Date` header of each response. When the service refuses a signature because of
//! its date or expired credentials, the layer corrects the clock or marks the credentials as stale, and
//! the retry layer sends the request once more.
//!
//! Requests are signed as the AWS SDKs sign them for Amazon Chime: the path is normalized and encoded
//! twice, the hash of the body is part of the signature but not a header, and a session token is
//! signed. Signed headers are `host`, `content-type` and every `x-amz-*` header. A proxy or a tracing
//! layer may add, drop or change any other header without breaking the signature.
//!
//! Some other services require the header `x-amz-content-sha256`. If a request has it, its value takes
//! the place of the hash of the body in the signature.
//!
//! The canonical request is written here, in one pass. The signing key is derived by `aws-sigv4` and
//! cached. A property test compares the signatures with those of the complete signer of `aws-sigv4`.

mod canonical;
mod keys;
mod layer;
mod observe;

use std::sync::Arc;
use std::time::SystemTime;

use http::Request;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use self::canonical::authorization;
use self::keys::KeyCache;
use crate::Credentials;

pub(crate) use self::canonical::timestamp;
pub use self::layer::{ResponseFuture, Sign, SignLayer};

pub(crate) const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(crate) const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The region and service that a signature is valid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningScope {
    /// The region, such as `us-east-1`.
    pub region: Arc<str>,
    /// The signing name of the service: `chime` for the whole Amazon Chime family.
    pub service: Arc<str>,
}

impl SigningScope {
    /// Creates the scope of a region and a service.
    pub fn new(region: impl Into<Arc<str>>, service: impl Into<Arc<str>>) -> Self {
        Self { region: region.into(), service: service.into() }
    }
}

/// Signs a request. Replaces an existing signature.
///
/// # Errors
/// If the request has no host or path, the credentials contain characters that are invalid in a header, or
/// the time is not between the years 1970 and 9999.
fn sign<B: AsRef<[u8]>>(
    request: &mut Request<B>,
    credentials: &Credentials,
    scope: &SigningScope,
    time: SystemTime,
    keys: &KeyCache,
) -> Result<(), &'static str> {
    let date_time = timestamp(time).ok_or(INVALID_TIME)?;
    let date = HeaderValue::from_bytes(&date_time).map_err(|_| INVALID_TIME)?;
    let date_time = str::from_utf8(&date_time).unwrap_or_default();
    let token = credentials.session_token().map(HeaderValue::from_str).transpose();
    let headers = request.headers_mut();
    headers.try_insert(AMZ_DATE, date).map_err(|_| TOO_MANY_HEADERS)?;
    // An earlier signature may have had a session token.
    headers.remove(SECURITY_TOKEN);
    if let Some(mut token) = token.map_err(|_| INVALID_CREDENTIALS)? {
        token.set_sensitive(true);
        headers.try_insert(SECURITY_TOKEN, token).map_err(|_| TOO_MANY_HEADERS)?;
    }
    let authorization = authorization(request, time, date_time, credentials, scope, keys)?;
    let mut value = HeaderValue::try_from(authorization).map_err(|_| INVALID_CREDENTIALS)?;
    value.set_sensitive(true);
    let inserted = request.headers_mut().try_insert(AUTHORIZATION, value);
    inserted.map(drop).map_err(|_| TOO_MANY_HEADERS)
}

const NO_HOST: &str = "the request has no valid host in its URI or `host` header";
const NO_PATH: &str = "the URI of the request has no absolute path";
const TOO_MANY_HEADERS: &str = "the request has too many headers";
const INVALID_CREDENTIALS: &str = "the credentials contain characters that are invalid in a header";
const INVALID_TIME: &str = "the clock is not between the years 1970 and 9999: set the clock";

#[cfg(test)]
mod tests;
