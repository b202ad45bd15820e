//! Authentication: verifies the Signature Version 4 headers of a request.

mod canonical;
mod header;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use chime_model::{SensitiveString, ServiceError};
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, DATE, HOST, HeaderName};
use http::{HeaderValue, Request};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use self::header::Authorization;
use crate::engine::credential::Credential;
use crate::engine::errors::common;
use crate::engine::{dates, hex};

const MAX_SKEW: Duration = Duration::minutes(15);

const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

type Signer = Hmac<Sha256>;

/// The callers that may sign requests, by access key id.
pub(crate) struct Callers(RwLock<FxHashMap<String, Arc<Caller>>>);

/// A caller with its credentials.
pub(crate) struct Caller {
    pub(crate) credential: Credential,
    /// The signing key that was derived last, with its scope. All calls of a day, region and
    /// service share it.
    derived: Mutex<Option<(String, Signer)>>,
}

impl Callers {
    pub(crate) fn new<'a>(credentials: impl IntoIterator<Item = &'a Credential>) -> Self {
        Self(RwLock::new(by_key(credentials)))
    }

    /// Adds callers. A later one replaces an earlier one with the same access key id.
    pub(crate) fn admit<'a>(&self, credentials: impl IntoIterator<Item = &'a Credential>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(by_key(credentials));
    }

    /// Replaces all callers.
    pub(crate) fn replace<'a>(&self, credentials: impl IntoIterator<Item = &'a Credential>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = by_key(credentials);
    }

    fn get(&self, access_key_id: &str) -> Option<Arc<Caller>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }

    /// Verifies the signature of a request. Returns the caller and the region of the scope.
    ///
    /// # Errors
    /// Returns an error if the request is not signed, if its access key is unknown, or if the
    /// signature does not match the request, the service and the current time.
    pub(crate) fn identify<'a>(
        &self,
        request: &'a Request<Bytes>,
        service: &str,
        now: OffsetDateTime,
    ) -> Result<(Arc<Caller>, &'a str), ServiceError> {
        let header = request.headers().get(AUTHORIZATION).ok_or_else(|| {
            common("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
        })?;
        let header = header.to_str().ok().and_then(Authorization::parse).ok_or_else(|| {
            incomplete(
                "Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders (sorted, in \
                 lower case) and Signature",
            )
        })?;
        let caller = self.get(header.access_key_id).ok_or_else(unrecognized)?;
        if header.service != service {
            let message = format!("Credential should be scoped to correct service: '{service}'.");
            return Err(mismatch(&message));
        }
        let time = time_of(request, &header, now)?;
        check_session_token(request, &caller.credential)?;
        let digest = hex::digits(Sha256::digest(request.body()).into());
        check_content_digest(request, &header, digest.as_flattened())?;

        let canonical = canonical::request(request, header.signed_headers, digest.as_flattened())
            .ok_or_else(|| mismatch("A signed header is not in the request."))?;
        let signer = caller.signer(&header);
        if !signer.is_some_and(|signer| verify(signer, &header, &time, &canonical)) {
            return Err(mismatch(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method.",
            ));
        }
        Ok((caller, header.region))
    }
}

fn by_key<'a>(
    credentials: impl IntoIterator<Item = &'a Credential>,
) -> FxHashMap<String, Arc<Caller>> {
    let caller = |credential: &Credential| {
        let caller = Caller { credential: credential.clone(), derived: Mutex::default() };
        (credential.access_key_id.clone(), Arc::new(caller))
    };
    credentials.into_iter().map(caller).collect()
}

impl Caller {
    /// The signing key for a scope.
    fn signer(&self, header: &Authorization<'_>) -> Option<Signer> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        match &*derived {
            Some((scope, signer)) if scope == header.scope => Some(signer.clone()),
            _ => {
                let signer = derive(&self.credential.secret_access_key, header)?;
                *derived = Some((header.scope.to_owned(), signer.clone()));
                Some(signer)
            }
        }
    }
}

/// The time of the signature from `X-Amz-Date` or `Date`, in the format of `X-Amz-Date`.
fn time_of<'a>(
    request: &'a Request<Bytes>,
    header: &Authorization<'_>,
    now: OffsetDateTime,
) -> Result<Cow<'a, str>, ServiceError> {
    let text = |name| request.headers().get(name).map(|value: &HeaderValue| value.to_str().ok());
    let spelled = |text: &'a str| Some((dates::parse_amz(text)?, Cow::Borrowed(text)));
    let otherwise = |text: &str| {
        let time = dates::parse_http(text)?;
        Some((time, Cow::Owned(dates::format_amz(time)?)))
    };
    let time = match text(AMZ_DATE) {
        Some(_) if !header.signs(&AMZ_DATE) => {
            return Err(incomplete(
                "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        Some(value) => value.and_then(spelled),
        None => text(DATE).flatten().and_then(|text| otherwise(text).or_else(|| spelled(text))),
    };
    let (time, text) = time.ok_or_else(|| {
        incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    if !header.signs(&HOST) {
        return Err(incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    if text.get(..8) != Some(header.date) {
        return Err(mismatch("Date in Credential scope does not match the date of the request."));
    }
    if (now - time).abs() > MAX_SKEW {
        let server = dates::format_amz(now).unwrap_or_default();
        return Err(common(
            "RequestTimeTooSkewed",
            403,
            format!("Signed at {text}, more than 15 minutes from the server's time, {server}."),
        ));
    }
    Ok(text)
}

fn check_session_token(
    request: &Request<Bytes>,
    credential: &Credential,
) -> Result<(), ServiceError> {
    // Comparing digests prevents a timing attack on the token.
    let sent = request.headers().get(SECURITY_TOKEN).map(|value| Sha256::digest(value.as_bytes()));
    let expected = credential.session_token.as_ref().map(|token| Sha256::digest(token.expose()));
    if sent == expected { Ok(()) } else { Err(unrecognized()) }
}

/// Checks that a signed `X-Amz-Content-Sha256` is the digest of the body.
fn check_content_digest(
    request: &Request<Bytes>,
    header: &Authorization<'_>,
    digest: &[u8],
) -> Result<(), ServiceError> {
    match request.headers().get(CONTENT_SHA256) {
        Some(value) if value.as_bytes() != digest && header.signs(&CONTENT_SHA256) => {
            Err(mismatch("'X-Amz-Content-Sha256' is not the digest of the body."))
        }
        _ => Ok(()),
    }
}

/// Derives the signing key of a secret for a day, a region and a service.
///
/// Never returns `None`, because HMAC accepts keys of any length.
fn derive(secret: &SensitiveString, header: &Authorization<'_>) -> Option<Signer> {
    let first = Signer::new_from_slice(format!("AWS4{}", secret.expose()).as_bytes()).ok();
    [header.date, header.region, header.service, "aws4_request"]
        .iter()
        .try_fold(first?, |key, part| {
            Signer::new_from_slice(&key.chain_update(part).finalize().into_bytes()).ok()
        })
}

/// Whether the signature matches the canonical request.
fn verify(mut signer: Signer, header: &Authorization<'_>, time: &str, canonical: &[u8]) -> bool {
    let digest = hex::digits(Sha256::digest(canonical).into());
    for line in ["AWS4-HMAC-SHA256", time, header.scope] {
        signer.update(line.as_bytes());
        signer.update(b"\n");
    }
    signer.update(digest.as_flattened());
    let signature = hex::decode::<32>(header.signature);
    signature.is_some_and(|signature| signer.verify_slice(&signature).is_ok())
}

fn incomplete(message: &str) -> ServiceError {
    common("IncompleteSignatureException", 400, message)
}

fn mismatch(message: &str) -> ServiceError {
    common("SignatureDoesNotMatch", 403, message)
}

fn unrecognized() -> ServiceError {
    common(
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
    )
}

#[cfg(test)]
mod tests;
