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

mod error;
mod service;

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Request, Uri};

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
    /// If the request has no endpoint or no host, or is too long, or the key cannot stand in a header.
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
    if !can_be_signed(request.uri(), request.headers().get(HOST)) {
        return Err("the request has no host or no path, or is too long to have both".into());
    }
    let mut settings = SigningSettings::default();
    // What is signed is chosen below, by name.
    settings.excluded_headers = None;
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(credentials.identity())
        .region(endpoint.signing_region())
        .name(endpoint.signing_name())
        .time(clock.now())
        .settings(settings)
        .build()?
        .into();
    let headers = request
        .headers()
        .iter()
        .filter(|(name, _)| is_signed(name))
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
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

/// Whether there is all that the signer takes for granted.
fn can_be_signed(uri: &Uri, host: Option<&HeaderValue>) -> bool {
    let named = host.is_some_and(|host| host.to_str().is_ok());
    let Some(path) = uri.path_and_query().filter(|path| path.path().starts_with('/')) else {
        return false;
    };
    // It writes the query anew, with all but these escaped.
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~%&".contains(byte);
    let query = path.query().unwrap_or_default();
    let escaped = query.bytes().filter(|byte| !stays(byte)).count();
    let names = query.bytes().filter(|byte| *byte == b'&').count() + 1;
    let address =
        uri.authority().map_or(0, |authority| "https://".len() + authority.as_str().len());
    let length = address + path.as_str().len() + 2 * escaped + names;
    (address > 0 || named) && length < usize::from(u16::MAX)
}

/// Whether a header of the request is part of the signature; the signer adds date and token, and the
/// host of the address where no header names another.
fn is_signed(name: &HeaderName) -> bool {
    const OWN: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-user-agent"];
    *name == CONTENT_TYPE
        || *name == HOST
        || name.as_str().starts_with("x-amz-") && !OWN.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::time::{Duration, UNIX_EPOCH};

    fn signed(
        credentials: Credentials,
        request: http::request::Builder,
        body: &str,
    ) -> Request<Vec<u8>> {
        let endpoint = Endpoint::new("https://chime.us-east-1.amazonaws.com", "us-east-1", "chime");
        let endpoint = endpoint.unwrap();
        let mut request = request.body(body.as_bytes().to_vec()).unwrap();
        *request.uri_mut() = endpoint.locate(request.uri()).unwrap();
        request.extensions_mut().insert(endpoint);
        let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_795_446_465));
        Signer::new(&credentials, clock).sign(&mut request).unwrap();
        request
    }

    fn key() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    fn authorization(request: &Request<Vec<u8>>) -> &str {
        request.headers()["authorization"].to_str().unwrap()
    }

    #[test]
    fn signatures_that_botocore_makes_too() {
        let post = Request::post("/accounts/a%2Fb/users?operation=add")
            .header("content-type", "application/json");
        let request = signed(key(), post, r#"{"UserEmailList": ["a@example.com"]}"#);
        assert_eq!(authorization(&request), BOTOCORE_POST);
        let get = Request::get("/phone-numbers/%2B12065550100");
        let request = signed(key().with_session_token("tok/en="), get, "");
        assert_eq!(authorization(&request), BOTOCORE_GET);
        assert!(request.headers()["x-amz-security-token"].is_sensitive());
    }

    #[test]
    fn what_proxies_touch_is_not_signed() {
        let plain = signed(key(), Request::get("/accounts"), "");
        let noisy = Request::get("/accounts")
            .header("user-agent", "x")
            .header("connection", "close")
            .header("traceparent", "00-1-2-00")
            .header("x-amzn-trace-id", "Root=1")
            .header("amz-sdk-request", "attempt=1; max=3")
            .header("authorization", "stale")
            .header("x-amz-date", "stale")
            .header("x-amz-security-token", "stale");
        let noisy = signed(key(), noisy, "");
        assert_eq!(authorization(&noisy), authorization(&plain));
        assert!(!noisy.headers().contains_key("x-amz-security-token"));
    }

    #[test]
    fn the_host_that_is_signed_is_the_one_that_is_sent() {
        let plain = signed(key(), Request::get("/accounts"), "");
        let same = Request::get("/accounts").header("host", "chime.us-east-1.amazonaws.com");
        assert_eq!(authorization(&signed(key(), same, "")), authorization(&plain));
        let other = Request::get("/accounts").header("host", "proxy.example");
        assert_ne!(authorization(&signed(key(), other, "")), authorization(&plain));
    }

    #[test]
    fn what_has_no_host_is_an_error() {
        let mut request = Request::get("/accounts").body(Vec::new()).unwrap();
        let signer = Signer::new(&key(), Clock::default());
        assert!(signer.sign(&mut request).is_err(), "no endpoint either");
        request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
        let error = signer.sign(&mut request).unwrap_err();
        assert!(error.to_string().starts_with("the request has no host"), "{error}");
    }

    /// Addresses of any form, long ones among them.
    fn uris() -> impl Strategy<Value = Uri> {
        let origins = select(&["", "http://a", "https://a.example:8443", "a:443"][..]);
        let paths = "(/[!-~]{0,20}){0,3}";
        let queries = "(\\?[!-~]{0,20})?";
        let tails = (select(&["", "x", "%20", "!", "+", "&", "=", "/"][..]), 0usize..66_000);
        let any = (origins, paths, queries, tails).prop_filter_map(
            "no URI",
            |(origin, path, query, (tail, count))| {
                let count = count / tail.len().max(1);
                let text = format!("{origin}{path}{query}{}", tail.repeat(count));
                text.parse().ok()
            },
        );
        prop_oneof![9 => any, 1 => select(&["*", "a:443", "/"][..]).prop_map(Uri::from_static)]
    }

    proptest! {
        #[test]
        fn nothing_that_is_to_be_signed_panics(
            uri in uris(),
            host in proptest::option::of(vec(any::<u8>(), 0..5)),
        ) {
            let mut request = Request::get(uri).body(Vec::new()).unwrap();
            let host = host.and_then(|host| HeaderValue::from_bytes(&host).ok());
            request.headers_mut().extend(host.map(|host| (HOST, host)));
            request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
            let signed = Signer::new(&key(), Clock::default()).sign(&mut request).is_ok();
            prop_assert_eq!(signed, request.headers().contains_key("authorization"));
        }
    }

    #[test]
    fn a_query_that_has_room_is_signed() {
        for (query, fits) in
            [("x".repeat(65_000), true), ("%20".repeat(21_000), true), ("!".repeat(30_000), false)]
        {
            let mut request = Request::get(format!("https://a/?{query}")).body(Vec::new()).unwrap();
            request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
            let signed = Signer::new(&key(), Clock::default()).sign(&mut request).is_ok();
            assert_eq!(signed, fits, "{}", &query[..3]);
        }
    }

    #[test]
    fn a_token_that_is_no_header_is_an_error() {
        let mut request = Request::get("/").body(Vec::new()).unwrap();
        request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
        *request.uri_mut() = "http://a/".parse().unwrap();
        let broken = Signer::new(&key().with_session_token("a\nb"), Clock::default());
        assert!(broken.sign(&mut request).is_err());
    }

    const BOTOCORE_POST: &str = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=9ba3e98d5b212bf58e8d57ce3d2efd2a7da2cb4ba688579b9fbeb3ea140e3fb8";
    const BOTOCORE_GET: &str = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request, \
        SignedHeaders=host;x-amz-date;x-amz-security-token, \
        Signature=85901966475254f09870e70962c266e6411f05bdae8e3be1d1191c1ffe2ab131";
}
