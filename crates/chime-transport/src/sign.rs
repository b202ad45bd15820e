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
//! signed. For services that require the header `x-amz-content-sha256`, set it: its value is then signed. Signed headers are `host`, `content-type` and every `x-amz-*` header. A proxy or a tracing
//! layer may add, drop or change any other header without breaking the signature.
//!
//! The canonical request is written here, in one pass. The signing key is derived by `aws-sigv4` and
//! cached. A property test compares the signatures with those of the complete signer of `aws-sigv4`.

mod canonical;
mod keys;
mod layer;
mod observe;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::Request;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use self::canonical::Canonical;
use self::keys::KeyCache;
use crate::{Clock, Credentials};

pub(crate) use self::canonical::Timestamp;
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

/// Signs requests. Clones share a cache of signing keys.
///
/// ```
/// use chime_transport::sign::{Signer, SigningScope};
/// use chime_transport::{Clock, Credentials};
///
/// let signer = Signer::new(Clock::default());
/// let credentials = Credentials::new("AKIDEXAMPLE", "a-secret");
/// let scope = SigningScope::new("us-east-1", "chime");
/// let mut request = http::Request::get("https://chime.us-east-1.amazonaws.com/accounts").body("").unwrap();
/// signer.sign(&mut request, &credentials, &scope).unwrap();
/// assert!(request.headers().contains_key("authorization"));
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    clock: Clock,
    keys: Arc<KeyCache>,
}

impl Signer {
    /// Creates a signer that dates signatures by `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, keys: Arc::default() }
    }

    /// Signs `request`. Replaces an existing signature.
    ///
    /// # Errors
    /// If the request has no host or path, the credentials contain characters that are invalid in a
    /// header, or the clock is not between the years 1970 and 9999.
    pub fn sign<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        credentials: &Credentials,
        scope: &SigningScope,
    ) -> Result<(), SignError> {
        self.sign_at(request, credentials, scope, self.clock.now())
    }

    fn sign_at<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        credentials: &Credentials,
        scope: &SigningScope,
        time: SystemTime,
    ) -> Result<(), SignError> {
        let timestamp = Timestamp::new(time).ok_or(SignError::Time)?;
        let token = credentials.session_token().map(HeaderValue::from_str).transpose();
        let token = token.map_err(|_| SignError::Credentials)?;
        let headers = request.headers_mut();
        headers.try_insert(AMZ_DATE, timestamp.header()).map_err(|_| SignError::TooManyHeaders)?;
        match token {
            Some(mut token) => {
                token.set_sensitive(true);
                let inserted = headers.try_insert(SECURITY_TOKEN, token);
                inserted.map_err(|_| SignError::TooManyHeaders)?;
            }
            // An earlier signature may have had a session token.
            None => drop(headers.remove(SECURITY_TOKEN)),
        }
        let canonical = Canonical::new(request, &timestamp, scope)?;
        let signature = self.keys.signature(credentials, scope, time, canonical.string_to_sign());
        let signature = signature.ok_or(SignError::Credentials)?;
        let authorization = canonical.authorization(credentials.access_key_id(), &signature);
        let mut value = HeaderValue::try_from(authorization).map_err(|_| SignError::Credentials)?;
        value.set_sensitive(true);
        let inserted = request.headers_mut().try_insert(AUTHORIZATION, value);
        inserted.map(drop).map_err(|_| SignError::TooManyHeaders)
    }
}

/// The reason why a request cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// Neither the URI nor the `host` header of the request has a valid host.
    NoHost,
    /// The URI has no absolute path.
    NoPath,
    /// The request has more headers than a header map can hold.
    TooManyHeaders,
    /// The access key id or the session token contains characters that are invalid in a header.
    Credentials,
    /// The clock is not between the years 1970 and 9999.
    Time,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHost => "the request has no valid host in its URI or `host` header",
            Self::NoPath => "the URI of the request has no absolute path",
            Self::TooManyHeaders => "the request has too many headers",
            Self::Credentials => "the credentials contain characters that are invalid in a header",
            Self::Time => "the clock is not between the years 1970 and 9999: set the clock",
        })
    }
}

impl std::error::Error for SignError {}

#[cfg(test)]
mod tests;
