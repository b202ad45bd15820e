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
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{SignError, SigningScope};
use crate::endpoint::host_and_port;
use crate::sources::write_hex;

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// All characters except the unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Enough for most requests, so that the buffer does not grow.
const USUAL_LENGTH: usize = 768;

/// A canonical request, followed by its string to sign.
pub(super) struct Canonical {
    buffer: Vec<u8>,
    signed_headers: Range<usize>,
    scope: Range<usize>,
    string_to_sign: usize,
}

impl Canonical {
    pub(super) fn new<B: AsRef<[u8]>>(
        request: &Request<B>,
        timestamp: &Timestamp,
        scope: &SigningScope,
    ) -> Result<Self, SignError> {
        let mut buffer = Vec::with_capacity(USUAL_LENGTH);
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
        for part in [ALGORITHM, "\n", timestamp.date_time(), "\n"] {
            buffer.extend_from_slice(part.as_bytes());
        }
        let scope_start = buffer.len();
        for part in [timestamp.date(), "/", &scope.region, "/", &scope.service, "/aws4_request"] {
            buffer.extend_from_slice(part.as_bytes());
        }
        let scope = scope_start..buffer.len();
        buffer.push(b'\n');
        buffer.extend_from_slice(&hash);
        Ok(Self { buffer, signed_headers, scope, string_to_sign })
    }

    pub(super) fn string_to_sign(&self) -> &[u8] {
        self.buffer.get(self.string_to_sign..).unwrap_or_default()
    }

    /// Returns the value of the header `authorization`.
    pub(super) fn authorization(&self, access_key_id: &str, signature: &[u8; 32]) -> Vec<u8> {
        let part = |range: &Range<usize>| self.buffer.get(range.clone()).unwrap_or_default();
        let parts: [&[u8]; 9] = [
            ALGORITHM.as_bytes(),
            b" Credential=",
            access_key_id.as_bytes(),
            b"/",
            part(&self.scope),
            b", SignedHeaders=",
            part(&self.signed_headers),
            b", Signature=",
            &hex(signature),
        ];
        parts.concat()
    }
}

/// Returns the host that the request will be sent to, without the default port.
fn host<B>(request: &Request<B>) -> Result<Cow<'_, [u8]>, SignError> {
    if let Some(host) = request.headers().get(HOST) {
        return Ok(host.as_bytes().into());
    }
    let uri = request.uri();
    let host =
        uri.authority().zip(uri.scheme()).and_then(|(host, scheme)| host_and_port(host, scheme));
    Ok(match host.ok_or(SignError::NoHost)? {
        Cow::Borrowed(host) => Cow::Borrowed(host.as_bytes()),
        Cow::Owned(host) => Cow::Owned(host.into_bytes()),
    })
}

/// Writes a path without empty and dot segments, and with its percent signs encoded again.
fn push_path(buffer: &mut Vec<u8>, path: &str) -> Result<(), SignError> {
    if !path.starts_with('/') {
        return Err(SignError::NoPath);
    }
    // Most paths stay as they are. The check has no branches, so the compiler vectorizes it.
    let is_plain =
        path.bytes().fold(true, |plain, byte| plain & (is_unreserved(byte) | (byte == b'/')));
    if is_plain && !path.contains("//") && !path.contains("/.") {
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
        let decoded = percent_decode(spaced.as_bytes()).decode_utf8_lossy();
        let mut encoded = Vec::with_capacity(decoded.len());
        push_encoded(&mut encoded, decoded.as_bytes());
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
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
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

/// A time in the format of signatures: `20261123T150745Z`.
pub(crate) struct Timestamp([u8; 16]);

impl Timestamp {
    /// Returns `None` outside the years 1970 to 9999.
    pub(crate) fn new(time: SystemTime) -> Option<Self> {
        let since = time.duration_since(UNIX_EPOCH).ok()?;
        let time =
            OffsetDateTime::from_unix_timestamp(i64::try_from(since.as_secs()).ok()?).ok()?;
        let (year, month, day) = (u32::try_from(time.year()).ok()?, time.month(), time.day());
        let mut text = *b"00000000T000000Z";
        write_decimal(&mut text[..4], year);
        for (at, value) in [
            (4, u8::from(month)),
            (6, day),
            (9, time.hour()),
            (11, time.minute()),
            (13, time.second()),
        ] {
            write_decimal(&mut text[at..at + 2], value.into());
        }
        Some(Self(text))
    }

    pub(crate) fn date_time(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn date(&self) -> &str {
        self.date_time().get(..8).unwrap_or_default()
    }

    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

fn write_decimal(digits: &mut [u8], mut value: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> String {
        let mut buffer = Vec::new();
        push_path(&mut buffer, path).unwrap();
        String::from_utf8(buffer).unwrap()
    }

    fn query(query: &str) -> String {
        let mut buffer = Vec::new();
        push_query(&mut buffer, query);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn paths_are_normalized_and_encoded_once_more() {
        for (given, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a%2Fb/.c", "/a%252Fb/.c"),
            ("//a//b/", "/a/b/"),
            ("/a/./b/../c/..", "/a/"),
            ("/../..", "/"),
            ("/a:b~", "/a%3Ab~"),
        ] {
            assert_eq!(path(given), expected, "{given}");
        }
        assert_eq!(push_path(&mut Vec::new(), "*"), Err(SignError::NoPath));
    }

    #[test]
    fn queries_are_encoded_anew_and_sorted() {
        for (given, expected) in [
            ("", ""),
            ("operation=add", "operation=add"),
            ("b=2&a&&a=1", "a=&a=1&b=2"),
            ("a=x+y%20z%2B", "a=x%20y%20z%2B"),
            ("%C3%A9=%FF", "%C3%A9=%EF%BF%BD"),
            ("a=b=c", "a=b%3Dc"),
        ] {
            assert_eq!(query(given), expected, "{given}");
        }
    }

    #[test]
    fn times_have_a_year_of_four_digits() {
        let at = |seconds| UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        assert_eq!(Timestamp::new(at(1_795_446_465)).unwrap().date_time(), "20261123T150745Z");
        assert_eq!(Timestamp::new(at(0)).unwrap().date(), "19700101");
        assert_eq!(Timestamp::new(at(253_402_300_799)).unwrap().date(), "99991231");
        assert!(Timestamp::new(at(253_402_300_800)).is_none());
        assert!(Timestamp::new(UNIX_EPOCH - std::time::Duration::from_secs(1)).is_none());
    }
}
