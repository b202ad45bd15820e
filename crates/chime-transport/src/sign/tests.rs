//! Compares signatures with those of botocore and of the complete signer of aws-sigv4.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Uri};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const NOW: u64 = 1_795_446_465;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn scope() -> SigningScope {
    SigningScope::new("us-east-1", "chime")
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn signed(
    credentials: &Credentials,
    request: http::request::Builder,
    body: &str,
) -> Request<Vec<u8>> {
    let mut request = request.body(body.as_bytes().to_vec()).unwrap();
    let path = request.uri().clone();
    *request.uri_mut() = format!("https://chime.us-east-1.amazonaws.com{path}").parse().unwrap();
    sign(&mut request, credentials, &scope(), at(NOW), &KeyCache::default()).unwrap();
    request
}

fn authorization<B>(request: &Request<B>) -> &str {
    request.headers()["authorization"].to_str().unwrap()
}

#[test]
fn botocore_makes_the_same_signatures() {
    let post = Request::post("/accounts/a%2Fb/users?operation=add")
        .header("content-type", "application/json");
    let request = signed(&credentials(), post, r#"{"UserEmailList": ["a@example.com"]}"#);
    assert_eq!(authorization(&request), BOTOCORE_POST);
    let get = Request::get("/phone-numbers/%2B12065550100");
    let request = signed(&credentials().with_session_token("tok/en="), get, "");
    assert_eq!(authorization(&request), BOTOCORE_GET);
    let unsigned = Request::post("/accounts").header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(authorization(&signed(&credentials(), unsigned, "body")), BOTOCORE_UNSIGNED);
    assert!(request.headers()["x-amz-security-token"].is_sensitive());
    assert!(request.headers()["authorization"].is_sensitive());
}

#[test]
fn headers_that_proxies_touch_are_not_signed() {
    let plain = signed(&credentials(), Request::get("/accounts"), "");
    let noisy = Request::get("/accounts")
        .header("user-agent", "x")
        .header("accept-encoding", "identity")
        .header("connection", "close")
        .header("traceparent", "00-1-2-00")
        .header("x-amzn-trace-id", "Root=1")
        .header("amz-sdk-request", "attempt=1; max=3")
        .header("authorization", "stale")
        .header("x-amz-date", "stale")
        .header("x-amz-security-token", "stale");
    let noisy = signed(&credentials(), noisy, "");
    assert_eq!(authorization(&noisy), authorization(&plain));
    assert!(!noisy.headers().contains_key("x-amz-security-token"));
}

#[test]
fn every_amz_header_is_signed() {
    let request =
        Request::get("/channels").header("x-amz-chime-bearer", "arn").header("x-amz-a", "b");
    let request = signed(&credentials(), request, "");
    let expected = "SignedHeaders=host;x-amz-a;x-amz-chime-bearer;x-amz-date, ";
    assert!(authorization(&request).contains(expected), "{}", authorization(&request));
}

#[test]
fn white_space_in_signed_headers_is_collapsed() {
    let request = |value| signed(&credentials(), Request::get("/").header("x-amz-a", value), "");
    for value in [" a b", "a  b ", "\ta b\t", "a \t b"] {
        assert_eq!(authorization(&request(value)), authorization(&request("a b")), "{value:?}");
    }
}

/// Signs a request with this URI and host.
fn sign_at(uri: &str, host: Option<&str>) -> Result<String, &'static str> {
    let mut request = Request::get(uri).body(Vec::new()).unwrap();
    request.headers_mut().extend(host.map(|host| (HOST, host.parse().unwrap())));
    sign(&mut request, &credentials(), &scope(), at(NOW), &KeyCache::default())?;
    Ok(authorization(&request).to_owned())
}

#[test]
fn the_signed_host_is_the_one_that_is_sent() {
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
        assert_eq!(sign_at(nowhere, None), Err(NO_HOST), "{nowhere}");
    }
    for pathless in ["*", "a:443"] {
        assert_eq!(sign_at(pathless, Some("a")), Err(NO_PATH), "{pathless}");
    }
}

#[test]
fn more_headers_than_a_map_can_hold_are_an_error() {
    let mut request = Request::get("https://a/x").body(Vec::new()).unwrap();
    let value = HeaderValue::from_static("b");
    for number in 0.. {
        let name = HeaderName::try_from(format!("x-amz-{number}")).unwrap();
        if request.headers_mut().try_insert(name, value.clone()).is_err() {
            break;
        }
    }
    let result = sign(&mut request, &credentials(), &scope(), at(NOW), &KeyCache::default());
    assert_eq!(result, Err(TOO_MANY_HEADERS));
}

#[test]
fn clocks_and_credentials_that_cannot_be_written_are_errors() {
    let sign = |time, credentials: &Credentials| {
        let mut request = Request::get("https://a/x").body(Vec::new()).unwrap();
        sign(&mut request, credentials, &scope(), time, &KeyCache::default())
    };
    for (seconds, expected) in
        [(0, Ok(())), (253_402_300_799, Ok(())), (253_402_300_800, Err(INVALID_TIME))]
    {
        assert_eq!(sign(at(seconds), &credentials()), expected, "{seconds}");
    }
    let early = UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(sign(early, &credentials()), Err(INVALID_TIME));
    for broken in [credentials().with_session_token("a\nb"), Credentials::new("a\nb", "secret")] {
        assert_eq!(sign(at(NOW), &broken), Err(INVALID_CREDENTIALS));
    }
}

/// Returns the headers that the complete signer of aws-sigv4 adds to a request.
fn oracle(
    request: &Request<Vec<u8>>,
    time: SystemTime,
    credentials: &Credentials,
    scope: &SigningScope,
) -> Vec<(String, String)> {
    let identity = aws_credential_types::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "test",
    )
    .into();
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.service)
        .time(time)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let names = ["host", "content-type"];
    let headers = request
        .headers()
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()) || name.as_str().starts_with("x-amz-"));
    let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let body = SignableBody::Bytes(request.body());
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body).unwrap();
    let (instructions, _) = http_request::sign(signable, &params).unwrap().into_parts();
    let headers = instructions.headers();
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Generates parts of paths and queries that are encoded, normalized or sorted.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "x", "y", "A", "0", "-", "_", ".", "..", "~", "/", "//", "%20", "%2F", "%2f", "%C3%A9",
        "%FF", "%", "%4", "!", "*", "'", "(", ")", "+", "&", "=", ":", "@", ",", ";", "$",
    ];
    vec(select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

fn requests() -> impl Strategy<Value = Request<Vec<u8>>> {
    let methods = select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]);
    let origins = select(vec!["https://a.example", "http://127.0.0.1:8080", "https://[::1]:443"]);
    let content_type = option::of(select(vec!["application/json", " text/plain;  charset=utf-8 "]));
    let amz = vec((select(vec!["x-amz-a", "x-amz-chime-bearer", "x-amz-z"]), "[ -~]{0,20}"), 0..4);
    let body = vec(any::<u8>(), 0..200);
    (methods, origins, pieces(), option::of(pieces()), content_type, amz, body).prop_filter_map(
        "no URI",
        |(method, origin, path, query, content_type, amz, body)| {
            // aws-sigv4 signs the replacement character for other bytes than UTF-8.
            let is_utf8 = |query: &String| percent_decode_str(query).decode_utf8().is_ok();
            let query = query.filter(is_utf8).map(|query| format!("?{query}")).unwrap_or_default();
            let uri: Uri = format!("{origin}/{path}{query}").parse().ok()?;
            let mut request = Request::builder().method(method).uri(uri);
            if let Some(content_type) = content_type {
                request = request.header(CONTENT_TYPE, content_type);
            }
            for (name, value) in amz {
                request = request.header(name, value);
            }
            request.body(body).ok()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn aws_sigv4_makes_the_same_signatures(
        mut request in requests(),
        token in option::of("[!-~]{1,40}"),
        seconds in 0u64..4_000_000_000,
        (region, service) in ("[a-z0-9-]{1,12}", "[a-z]{1,12}"),
        (id, secret) in ("[A-Z0-9]{1,20}", "[ -~]{1,60}"),
    ) {
        let mut credentials = Credentials::new(id, secret);
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let scope = SigningScope::new(region, service);
        let expected = oracle(&request, at(seconds), &credentials, &scope);
        sign(&mut request, &credentials, &scope, at(seconds), &KeyCache::default()).unwrap();
        for (name, value) in expected {
            let ours = request.headers().get(&name).map(|value| value.to_str().unwrap());
            prop_assert_eq!(ours, Some(&*value), "{} of {}", name, request.uri());
        }
    }

    #[test]
    fn no_request_panics(
        uri in "[ -~]{0,40}",
        host in option::of(vec(any::<u8>(), 0..5)),
        seconds in 0u64..300_000_000_000,
    ) {
        let Ok(uri) = uri.parse::<Uri>() else { return Ok(()) };
        let mut request = Request::get(uri).body(Vec::new()).unwrap();
        let host = host.and_then(|host| HeaderValue::from_bytes(&host).ok());
        request.headers_mut().extend(host.map(|host| (HOST, host)));
        let keys = KeyCache::default();
        let is_signed = sign(&mut request, &credentials(), &scope(), at(seconds), &keys).is_ok();
        prop_assert_eq!(is_signed, request.headers().contains_key("authorization"));
    }
}

const BOTOCORE_POST: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, \
    Signature=9ba3e98d5b212bf58e8d57ce3d2efd2a7da2cb4ba688579b9fbeb3ea140e3fb8";
const BOTOCORE_UNSIGNED: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request, \
    SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
    Signature=fc08a5658062ed7cebec57bde7ea3958e40612a430faea83741f9cbec8f3e90f";
const BOTOCORE_GET: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-security-token, \
    Signature=85901966475254f09870e70962c266e6411f05bdae8e3be1d1191c1ffe2ab131";
