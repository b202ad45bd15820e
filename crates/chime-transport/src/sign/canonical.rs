//! The canonical request and the string to sign, written in one pass into one buffer.
//!
//! ```text
//! POST                                           method
//! /accounts/a%252Fb                              path, normalized and encoded once more
//! operation=add                                  query, encoded anew and sorted
//! content-type:application/json                  signed headers, sorted
//! host:chime.us-east-1.amazonaws.com
//! x-amz-date:20261123T150745Z
//!
//! content-type;host;x-amz-date                   their names
//! 44136fa355b3678a1146ad16f7e8649e94fb4fc21f…    SHA-256 of the body
//! AWS4-HMAC-SHA256                               from here on: the string to sign
//! 20261123T150745Z
//! 20261123/us-east-1/chime/aws4_request
//! 5c1d5fd4b6a8a6f0a4c4a1b5ee1f6b2e7b0d6a1f2c…    SHA-256 of the above
//! ```

use std::borrow::Cow;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Request;
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{INVALID_CREDENTIALS, KeyCache, NO_HOST, NO_PATH, SigningScope};
use crate::Credentials;
use crate::endpoint::host_and_port;
use crate::sources::write_hex;

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// All characters except the unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Enough for most requests, so that the buffer does not grow.
const USUAL_LENGTH: usize = 768;

/// Signs a request. Returns the value of the header `authorization`.
pub(super) fn authorization<B: AsRef<[u8]>>(
    request: &Request<B>,
    time: SystemTime,
    date_time: &str,
    credentials: &Credentials,
    scope: &SigningScope,
    keys: &KeyCache,
) -> Result<Vec<u8>, &'static str> {
    let mut buffer = Vec::with_capacity(USUAL_LENGTH);
    let date = date_time.get(..8).unwrap_or_default();
    let uri = request.uri();
    let host = host(request)?;
    buffer.extend_from_slice(request.method().as_str().as_bytes());
    buffer.push(b'\n');
    push_path(&mut buffer, uri.path())?;
    buffer.push(b'\n');
    push_query(&mut buffer, uri.query().unwrap_or_default());
    buffer.push(b'\n');
    let signed_headers = push_headers(&mut buffer, request, &host);
    buffer.push(b'\n');
    match request.headers().get(CONTENT_SHA256) {
        // A service that has this header compares the body with it, unless it says `UNSIGNED-PAYLOAD`.
        Some(hash) => buffer.extend_from_slice(hash.as_bytes()),
        None => buffer.extend_from_slice(&sha256(request.body().as_ref())),
    }
    let hash = sha256(&buffer);
    let string_to_sign = buffer.len();
    for part in [ALGORITHM, "\n", date_time, "\n"] {
        buffer.extend_from_slice(part.as_bytes());
    }
    let credential_scope = buffer.len();
    for part in [date, "/", &scope.region, "/", &scope.service, "/aws4_request"] {
        buffer.extend_from_slice(part.as_bytes());
    }
    let credential_scope = credential_scope..buffer.len();
    buffer.push(b'\n');
    buffer.extend_from_slice(&hash);
    let part = |range| buffer.get(range).unwrap_or_default();
    let signed = part(string_to_sign..buffer.len());
    let signature = keys.signature(credentials, scope, time, signed);
    let parts: [&[u8]; 9] = [
        ALGORITHM.as_bytes(),
        b" Credential=",
        credentials.access_key_id().as_bytes(),
        b"/",
        part(credential_scope),
        b", SignedHeaders=",
        part(signed_headers),
        b", Signature=",
        &hex(&signature.ok_or(INVALID_CREDENTIALS)?),
    ];
    Ok(parts.concat())
}

/// Returns the host that the request will be sent to, without the default port.
fn host<B>(request: &Request<B>) -> Result<Cow<'_, [u8]>, &'static str> {
    if let Some(host) = request.headers().get(HOST) {
        return Ok(host.as_bytes().into());
    }
    let uri = request.uri();
    let host = uri.authority().zip(uri.scheme());
    let host = host.and_then(|(authority, scheme)| host_and_port(authority, scheme));
    Ok(host.ok_or(NO_HOST)?.into_bytes().into())
}

/// Writes a path without empty and dot segments, and with its percent signs encoded again.
fn push_path(buffer: &mut Vec<u8>, path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err(NO_PATH);
    }
    // Most paths stay as they are. The checks have no branches, so the compiler vectorizes them.
    let is_plain =
        path.bytes().fold(true, |plain, byte| plain & (is_unreserved(byte) | (byte == b'/')));
    let pairs = path.bytes().zip(path.bytes().skip(1));
    let is_odd = |(a, b)| (a == b'/') & ((b == b'/') | (b == b'.'));
    if is_plain && !pairs.fold(false, |odd, pair| odd | is_odd(pair)) {
        buffer.extend_from_slice(path.as_bytes());
        return Ok(());
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    for segment in &segments {
        buffer.push(b'/');
        push_encoded(buffer, segment.as_bytes());
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if is_folder || segments.is_empty() {
        buffer.push(b'/');
    }
    Ok(())
}

/// Writes the parameters of a query, encoded canonically and sorted.
fn push_query(buffer: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let encoded = |text: &str| {
        let spaced = text.replace('+', " ");
        // Bytes, which need not be UTF-8.
        let decoded = Cow::from(percent_decode(spaced.as_bytes()));
        let mut encoded = Vec::with_capacity(decoded.len());
        push_encoded(&mut encoded, &decoded);
        encoded
    };
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut parameters: Vec<_> = parameters
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (encoded(name), encoded(value))
        })
        .collect();
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            buffer.push(b'&');
        }
        buffer.extend_from_slice(name);
        buffer.push(b'=');
        buffer.extend_from_slice(value);
    }
}

/// Writes the signed headers and a line of their names. Returns the range of the names.
fn push_headers<B>(buffer: &mut Vec<u8>, request: &Request<B>, host: &[u8]) -> Range<usize> {
    let mut headers = Vec::with_capacity(8);
    headers.push((HOST.as_str(), host));
    let own = request.headers().iter().filter(|(name, _)| is_signed(name));
    headers.extend(own.map(|(name, value)| (name.as_str(), value.as_bytes())));
    // A stable sort, since the values of one name must stay in their order.
    headers.sort_by_key(|(name, _)| *name);
    let names = || headers.chunk_by(|(a, _), (b, _)| a == b);
    for values in names() {
        for (index, (name, value)) in values.iter().enumerate() {
            match index {
                0 => {
                    buffer.extend_from_slice(name.as_bytes());
                    buffer.push(b':');
                }
                _ => buffer.push(b','),
            }
            push_trimmed(buffer, value);
        }
        buffer.push(b'\n');
    }
    buffer.push(b'\n');
    let start = buffer.len();
    for (index, (name, _)) in names().flat_map(<[_]>::first).enumerate() {
        if index > 0 {
            buffer.push(b';');
        }
        buffer.extend_from_slice(name.as_bytes());
    }
    start..buffer.len()
}

/// Returns whether a header other than `host` is signed.
fn is_signed(name: &HeaderName) -> bool {
    *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-")
}

/// Writes a header value without surrounding white space, and with single spaces inside, as botocore does.
/// Servers drop surrounding tabs too.
fn push_trimmed(buffer: &mut Vec<u8>, value: &[u8]) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    if !value.iter().any(is_space) {
        buffer.extend_from_slice(value);
        return;
    }
    let words = value.split(is_space).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            buffer.push(b' ');
        }
        buffer.extend_from_slice(word);
    }
}

fn push_encoded(buffer: &mut Vec<u8>, bytes: &[u8]) {
    for part in percent_encode(bytes, RESERVED) {
        buffer.extend_from_slice(part.as_bytes());
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_') | (byte == b'.') | (byte == b'~')
}

/// Returns the SHA-256 of some bytes in hexadecimal digits.
fn sha256(bytes: &[u8]) -> [u8; 64] {
    hex(&Sha256::digest(bytes).into())
}

fn hex(hash: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    write_hex(&mut text, hash);
    text
}

/// Formats a time as signatures need it: `20261123T150745Z`. Returns `None` outside the years 1970 to 9999.
pub(crate) fn timestamp(time: SystemTime) -> Option<[u8; 16]> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let time = OffsetDateTime::from_unix_timestamp(seconds.try_into().ok()?).ok()?;
    let (hour, minute, second) = time.to_hms();
    let parts = [time.month().into(), time.day(), hour, minute, second];
    let year = u64::try_from(time.year()).ok()?;
    let mut digits = parts.iter().fold(year, |digits, part| digits * 100 + u64::from(*part));
    let mut text = *b"00000000T000000Z";
    // `format!` would take several times as long.
    for digit in text.iter_mut().rev().filter(|byte| byte.is_ascii_digit()) {
        *digit += (digits % 10) as u8;
        digits /= 10;
    }
    Some(text)
}

#[cfg(test)]
mod tests;
