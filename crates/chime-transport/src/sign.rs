//! Signs requests with AWS Signature Version 4, in their headers.
//!
//! Position in the stack: inside all that changes the request, so that what was signed is what is
//! sent, and every attempt gets a date and a signature of its own.
//!
//! It waits for credentials where they have to be fetched. Temporary ones may expire on the way:
//! if the service says so, they are fetched anew, and the request is signed and sent once more if
//! others came. The service did not act on it, so that is no attempt of its own.
//!
//! As the AWS SDKs sign Chime: the path is normalised and encoded twice, the hash of the body is
//! signed without a header of its own, a session token is signed. Of the headers, only the content
//! type, the host and those of AWS are signed: whatever a proxy or a tracing layer adds, drops or
//! changes leaves the signature valid.
//!
//! The signatures are made by `aws-sigv4`, which says more through `tracing` than this project does:
//! at level `TRACE` it writes the request's address and signed headers, twice. Path and query of
//! Chime name people; a subscriber that takes this level should leave that target out, as
//! [`trace`](crate::trace) shows. Key, token and body are not written.

mod checks;
mod error;
mod service;

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use http::Request;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use self::checks::check;
use self::error::CannotSign;
use crate::endpoint::Endpoint;
use crate::{BoxError, Clock, Credentials};

pub use self::service::{ResponseFuture, Sign, SignLayer, layer};

/// Signs by a key and a clock, for the scope of the [`Endpoint`] in a request's extensions.
#[derive(Clone, Debug)]
pub struct Signer {
    credentials: Credentials,
    clock: Clock,
}

impl Signer {
    /// A signer with this key.
    #[must_use]
    pub fn new(credentials: &Credentials, clock: Clock) -> Self {
        Self { credentials: credentials.clone(), clock }
    }

    /// Signs `request`, in place of any signature that it has.
    ///
    /// # Errors
    /// If the request has no endpoint, no host or no path, or is too long; if the key cannot stand in a
    /// header, or the time in a date.
    pub fn sign<B: AsRef<[u8]>>(&self, request: &mut Request<B>) -> Result<(), BoxError> {
        sign_with(&self.credentials, &self.clock, request)
    }
}

fn sign_with<B: AsRef<[u8]>>(
    credentials: &Credentials,
    clock: &Clock,
    request: &mut Request<B>,
) -> Result<(), BoxError> {
    let endpoint = request.extensions().get::<Endpoint>().ok_or("the request has no endpoint")?;
    let now = clock.now();
    let host = check(request, now)?;
    let mut settings = SigningSettings::default();
    // What is signed is chosen below, by name.
    settings.excluded_headers = None;
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(credentials.identity())
        .region(endpoint.signing_region())
        .name(endpoint.signing_name())
        .time(now)
        .settings(settings)
        .build()?
        .into();
    let headers = request
        .headers()
        .iter()
        .filter(|(name, _)| is_signed(name))
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .chain([("host", &*host)]);
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers,
        SignableBody::Bytes(request.body().as_ref()),
    )
    .map_err(CannotSign)?;
    let (instructions, _) = sign(signable, &params).map_err(CannotSign)?.into_parts();
    let (headers, _) = instructions.into_parts();
    // A long-term key has none to put in its place.
    request.headers_mut().remove("x-amz-security-token");
    for header in headers {
        let mut value = HeaderValue::from_str(header.value())?;
        value.set_sensitive(header.sensitive());
        request.headers_mut().insert(HeaderName::from_static(header.name()), value);
    }
    Ok(())
}

/// Whether a header of the request is part of the signature; date and token are added to it, and the
/// host.
fn is_signed(name: &HeaderName) -> bool {
    const OWN: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-user-agent"];
    *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-") && !OWN.contains(&name.as_str())
}

#[cfg(test)]
mod tests;
