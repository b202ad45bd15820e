//! Who calls: the verification of Signature Version 4 in the headers of a request.

mod canonical;
mod header;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use chime_model::{SensitiveString, ServiceError};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use http::header::{AUTHORIZATION, DATE};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use self::header::Authorization;
use crate::refusal::common;
use crate::{Credential, dates, hex};

const SERVICE: &str = "chime";
const MAX_SKEW: Duration = Duration::minutes(15);

const AMZ_DATE: &str = "x-amz-date";
const SECURITY_TOKEN: &str = "x-amz-security-token";
const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// Those who may call, by their access keys.
pub(crate) struct Callers(RwLock<HashMap<String, Arc<Caller>>>);

/// One who may call.
pub(crate) struct Caller {
    pub(crate) credential: Credential,
    /// The last key that was derived from the secret, with its scope: the day's calls share one.
    derived: Mutex<Option<(String, Vec<u8>)>>,
}

impl Callers {
    pub(crate) fn new<'a>(credentials: impl IntoIterator<Item = &'a Credential>) -> Self {
        let callers = Self(RwLock::default());
        callers.admit(credentials);
        callers
    }

    /// Lets more of them call. Of two with the same access key the later one counts.
    pub(crate) fn admit<'a>(&self, credentials: impl IntoIterator<Item = &'a Credential>) {
        let mut callers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for credential in credentials {
            let key = credential.access_key_id.clone();
            let credential = credential.clone();
            callers.insert(key, Arc::new(Caller { credential, derived: Mutex::default() }));
        }
    }

    fn get(&self, access_key_id: &str) -> Option<Arc<Caller>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }

    /// Who signed a request.
    ///
    /// # Errors
    /// If the request is not signed, if it is not signed with a known credential, or not for this
    /// moment and this service.
    pub(crate) fn identify(
        &self,
        request: &Request<Bytes>,
        now: OffsetDateTime,
    ) -> Result<Arc<Caller>, ServiceError> {
        let header = request.headers().get(AUTHORIZATION).ok_or_else(|| {
            common("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
        })?;
        let header = header.to_str().ok().and_then(Authorization::parse).ok_or_else(|| {
            incomplete(
                "Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders in order, and \
                 Signature",
            )
        })?;
        let caller = self.get(header.access_key_id).ok_or_else(unrecognized)?;
        if header.service != SERVICE {
            return Err(mismatch("Credential should be scoped to correct service: 'chime'."));
        }
        let time = time_of(request, &header, now)?;
        check_session_token(request, &caller.credential)?;
        let digest = hex::encode(&Sha256::digest(request.body()));
        check_content_digest(request, &header, &digest)?;

        let canonical = canonical::request(request, &header.signed_headers, &digest)
            .ok_or_else(|| mismatch("A signed header is not in the request."))?;
        if !caller.key(&header).is_some_and(|key| verify(&key, &header, &time, &canonical)) {
            return Err(mismatch(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method.",
            ));
        }
        Ok(caller)
    }
}

impl Caller {
    /// The key for a scope: any key can be made from any text.
    fn key(&self, header: &Authorization<'_>) -> Option<Vec<u8>> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        match &*derived {
            Some((scope, key)) if scope == header.scope => Some(key.clone()),
            _ => {
                let key = derive(&self.credential.secret_access_key, header)?;
                *derived = Some((header.scope.to_owned(), key.clone()));
                Some(key)
            }
        }
    }
}

/// The moment that the request says it was signed at, as the signature spells it.
fn time_of(
    request: &Request<Bytes>,
    header: &Authorization<'_>,
    now: OffsetDateTime,
) -> Result<String, ServiceError> {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().ok());
    let signed = |name| header.signed_headers.contains(&name);
    let time = match (text(AMZ_DATE), text(DATE.as_str())) {
        (Some(_), _) if !signed(AMZ_DATE) => {
            return Err(incomplete(
                "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        (Some(value), _) => value.and_then(dates::parse_amz),
        (None, Some(value)) => {
            value.and_then(|text| dates::parse_http(text).or_else(|| dates::parse_amz(text)))
        }
        (None, None) => None,
    };
    let time = time.ok_or_else(|| {
        incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    if !signed("host") {
        return Err(incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let text = dates::format_amz(time).unwrap_or_default();
    if text.get(..8) != Some(header.date) {
        return Err(mismatch("Date in Credential scope does not match the date of the request."));
    }
    if (now - time).abs() > MAX_SKEW {
        let server = dates::format_amz(now).unwrap_or_default();
        return Err(common(
            "RequestTimeTooSkewed",
            403,
            format!("Signed at {text}, which is more than 15 minutes from now: {server}."),
        ));
    }
    Ok(text)
}

fn check_session_token(
    request: &Request<Bytes>,
    credential: &Credential,
) -> Result<(), ServiceError> {
    // Digests are compared, so that the time it takes says nothing about the token.
    let sent = request.headers().get(SECURITY_TOKEN).map(|value| Sha256::digest(value.as_bytes()));
    let expected = credential.session_token.as_ref().map(|token| Sha256::digest(token.expose()));
    if sent == expected { Ok(()) } else { Err(unrecognized()) }
}

/// A digest that was signed along must be that of the body.
fn check_content_digest(
    request: &Request<Bytes>,
    header: &Authorization<'_>,
    digest: &str,
) -> Result<(), ServiceError> {
    if !header.signed_headers.contains(&CONTENT_SHA256) {
        return Ok(());
    }
    match request.headers().get(CONTENT_SHA256) {
        Some(value) if value.as_bytes() != digest.as_bytes() => {
            Err(mismatch("'X-Amz-Content-Sha256' is not the digest of the body."))
        }
        _ => Ok(()),
    }
}

/// The key that a secret gives for a day, a region and a service.
fn derive(secret: &SensitiveString, header: &Authorization<'_>) -> Option<Vec<u8>> {
    [header.date, header.region, header.service, "aws4_request"]
        .iter()
        .try_fold(format!("AWS4{}", secret.expose()).into_bytes(), |key, part| {
            Some(hmac(&key, part)?.finalize().into_bytes().to_vec())
        })
}

/// Whether the signature is the one that the key gives.
fn verify(key: &[u8], header: &Authorization<'_>, time: &str, canonical: &[u8]) -> bool {
    let digest = hex::encode(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{}\n{digest}", header.scope);
    let signature = hex::decode(header.signature);
    let mac = hmac(key, &text);
    mac.zip(signature).is_some_and(|(mac, signature)| mac.verify_slice(&signature).is_ok())
}

/// `None` never comes: any key will do.
fn hmac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    Some(Hmac::new_from_slice(key).ok()?.chain_update(text))
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
