//! Signatures, beside botocore's, and what has none.

use super::*;
use http::Uri;
use http::header::HOST;
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

/// Signs a request of this address and host as it stands.
fn sign_at(uri: &str, host: Option<&str>) -> Result<String, String> {
    let mut request = Request::get(uri).body(Vec::new()).unwrap();
    request.headers_mut().extend(host.map(|host| (HOST, host.parse().unwrap())));
    request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
    let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_795_446_465));
    Signer::new(&key(), clock).sign(&mut request).map_err(|error| error.to_string())?;
    Ok(authorization(&request).to_owned())
}

#[test]
fn the_host_that_is_signed_is_the_one_that_is_sent() {
    let plain = sign_at("https://a/x", None).unwrap();
    for (uri, host) in [
        ("https://a/x", Some("a")),
        ("/x", Some("a")),
        ("https://b/x", Some("a")),
        ("https://a:443/x", None),
        ("https://a:/x", None),
        ("http://a:80/x", None),
    ] {
        assert_eq!(sign_at(uri, host).as_ref(), Ok(&plain), "{uri} {host:?}");
    }
    for (uri, host) in [("https://a/x", Some("b")), ("https://a:80/x", None)] {
        assert_ne!(sign_at(uri, host).as_ref(), Ok(&plain), "{uri} {host:?}");
    }
    assert_eq!(sign_at("https://a:0444/x", None), sign_at("https://a:444/x", None));
    for nowhere in ["/x", "https://u:p@a/x", "https://a@a/x", "https://a:99999/x"] {
        assert_eq!(sign_at(nowhere, None), Err("the request has no host".to_owned()), "{nowhere}");
    }
    for pathless in ["*", "a:443"] {
        let error = sign_at(pathless, Some("a")).unwrap_err();
        assert_eq!(error, "the request has no path", "{pathless}");
    }
}

#[test]
fn more_headers_than_a_map_has_room_for_are_an_error() {
    let mut request = Request::get("https://a/x").body(Vec::new()).unwrap();
    request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
    for _ in 0..30_000 {
        request.headers_mut().append("x-amz-a", "b".parse().unwrap());
    }
    let error = Signer::new(&key(), Clock::default()).sign(&mut request).unwrap_err();
    assert_eq!(error.to_string(), "the request has too many headers");
}

#[test]
fn a_query_that_has_no_room_when_it_is_escaped_is_too_long() {
    for (piece, most) in [
        ("x", 65_000),
        ("%20", 21_700),
        ("!", 21_700),
        ("+", 21_700),
        ("%", 21_700),
        ("%zz", 10_000),
        ("%FF", 7_200),
        ("%e2%82", 7_200),
        ("&", 16_000),
    ] {
        let signed = |count| sign_at(&format!("https://a/?{}", piece.repeat(count)), None);
        assert!(signed(most).is_ok(), "{piece}");
        let longest = 65_500 / piece.len();
        let result = signed(longest);
        assert!(matches!(piece, "x" | "%20") || result.is_err(), "{piece}");
    }
}

#[test]
fn a_time_that_is_no_date_is_an_error() {
    let sign = |clock| {
        let mut request = Request::get("https://a/x").body(Vec::new()).unwrap();
        request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
        Signer::new(&key(), clock).sign(&mut request).is_ok()
    };
    for (seconds, expected) in [(0, true), (253_402_300_799, true), (253_402_300_800, false)] {
        let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(sign(clock), expected, "{seconds}");
    }
    assert!(!sign(Clock::new(|| UNIX_EPOCH - Duration::from_secs(1))));
}

/// Addresses of any form, long ones among them.
fn uris() -> impl Strategy<Value = Uri> {
    let origins = select(&["", "http://a", "https://a.example:8443", "https://u:p@a:1"][..]);
    let words = || vec(select(&["x", "/", "%20", "%", "%F", "%FF", "!", "+", "&", "="][..]), 0..6);
    let tails = (words(), 0usize..66_000);
    let any = (origins, words(), any::<bool>(), tails).prop_filter_map(
        "no URI",
        |(origin, path, query, (tail, length))| {
            let (path, tail) = (path.concat(), tail.concat());
            let count = length / tail.len().max(1);
            let mark = if query { "?" } else { "" };
            format!("{origin}/{path}{mark}{}", tail.repeat(count)).parse().ok()
        },
    );
    prop_oneof![9 => any, 1 => select(&["*", "a:443", "/"][..]).prop_map(Uri::from_static)]
}

proptest! {
    #[test]
    fn nothing_that_is_to_be_signed_panics(
        uri in uris(),
        host in proptest::option::of(vec(any::<u8>(), 0..5)),
        seconds in 0u64..300_000_000_000,
    ) {
        let mut request = Request::get(uri).body(Vec::new()).unwrap();
        let host = host.and_then(|host| HeaderValue::from_bytes(&host).ok());
        request.headers_mut().extend(host.map(|host| (HOST, host)));
        request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
        let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(seconds));
        let signed = Signer::new(&key(), clock).sign(&mut request).is_ok();
        prop_assert_eq!(signed, request.headers().contains_key("authorization"));
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
