//! Tests of the verification: examples that AWS published, and all errors.

use super::*;
use crate::testing::{Bench, refused, request, sign, sign_for};
use crate::{Config, sample};

const EXAMPLE_SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Verifies an example that AWS published. Returns the digest of the canonical request, and whether
/// the signature matches.
fn published(request: &Request<Bytes>, authorization: &str) -> (String, bool) {
    let header = Authorization::parse(authorization).unwrap();
    let digest = hex::encode(&Sha256::digest(request.body()));
    let canonical = canonical::request(request, header.signed_headers, digest.as_bytes()).unwrap();
    let signer = derive(&EXAMPLE_SECRET.into(), &header).unwrap();
    let verified = verify(signer, &header, "20150830T123600Z", &canonical);
    (hex::encode(&Sha256::digest(&canonical)), verified)
}

#[test]
fn the_example_of_the_aws_documentation_is_verified() {
    let request = Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("x-amz-date", "20150830T123600Z")
        .body(Bytes::new())
        .unwrap();
    let authorization = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let (digest, verified) = published(&request, authorization);
    assert_eq!(digest, "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    assert!(verified);
}

#[test]
fn the_vanilla_case_of_the_aws_test_suite_is_verified() {
    let request = Request::get("/")
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .body(Bytes::new())
        .unwrap();
    let authorization = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
        SignedHeaders=host;x-amz-date, \
        Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    assert!(published(&request, authorization).1);
    let changed = authorization.replace("=5fa0", "=5fa1");
    assert!(!published(&request, &changed).1);
    let short = authorization.replace("63fbf31", "");
    assert!(!published(&request, &short).1);
}

/// Signs a request and applies `change` to it. Returns the status and exception of the response.
fn refusal(bench: &Bench, change: impl FnOnce(&mut Request<Bytes>)) -> (u16, String) {
    let mut request = request("POST", "/accounts", r#"{"Name":"One"}"#);
    sign(&mut request, &bench.caller, bench.clock.now());
    change(&mut request);
    let answer = bench.handle(&request);
    let shown = format!("{:?}", answer.0);
    assert!(!shown.contains(sample::SECRET_ACCESS_KEY), "{shown}");
    (answer.status(), answer.exception().to_owned())
}

fn replace(request: &mut Request<Bytes>, name: &'static str, from: &str, to: &str) {
    let value = request.headers()[name].to_str().unwrap();
    assert!(value.contains(from), "{value}");
    let value = value.replace(from, to).parse().unwrap();
    request.headers_mut().insert(name, value);
}

#[test]
fn each_cause_of_a_refusal_has_its_exception_and_changes_nothing() {
    let bench = Bench::new(Config::default());
    let refusal = |change: &dyn Fn(&mut Request<Bytes>)| refusal(&bench, change);
    let mismatch = (403, "SignatureDoesNotMatch".to_owned());
    let incomplete = (400, "IncompleteSignatureException".to_owned());
    let unrecognized = (403, "UnrecognizedClientException".to_owned());

    let unsigned = refusal(&|r| drop(r.headers_mut().remove("authorization")));
    assert_eq!(unsigned, (403, "MissingAuthenticationTokenException".to_owned()));
    assert_eq!(refusal(&|r| replace(r, "authorization", "Signature=", "Sig=")), incomplete);
    assert_eq!(refusal(&|r| drop(r.headers_mut().remove("x-amz-date"))), incomplete);
    assert_eq!(refusal(&|r| replace(r, "x-amz-date", "Z", "")), incomplete);
    assert_eq!(refusal(&|r| replace(r, "authorization", "host;", "")), incomplete);
    assert_eq!(refusal(&|r| replace(r, "authorization", ";x-amz-date", "")), incomplete);
    let unknown = refusal(&|r| replace(r, "authorization", "=AKID", "=AKIE"));
    assert_eq!(unknown, unrecognized);
    let with_token = |r: &mut Request<Bytes>| {
        r.headers_mut().insert("x-amz-security-token", "token".parse().unwrap());
    };
    assert_eq!(refusal(&with_token), unrecognized);
    assert_eq!(refusal(&|r| replace(r, "authorization", "/chime/", "/iam/")), mismatch);
    assert_eq!(refusal(&|r| replace(r, "authorization", "/2025", "/2024")), mismatch);
    assert_eq!(refusal(&|r| replace(r, "x-amz-date", "T120000Z", "T120001Z")), mismatch);
    assert_eq!(refusal(&|r| replace(r, "host", "8080", "8081")), mismatch);
    assert_eq!(refusal(&|r| *r.body_mut() = Bytes::from_static(b"{\"Name\":\"Two\"}")), mismatch);
    let moved = |r: &mut Request<Bytes>| *r.uri_mut() = "/accounts/x".parse().unwrap();
    assert_eq!(refusal(&moved), mismatch);

    assert_eq!(bench.send("GET", "/accounts", "").json()["Accounts"], serde_json::json!([]));
}

#[test]
fn the_scope_must_have_the_day_of_the_request() {
    let mut signed = request("GET", "/", "");
    let header = |day: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential=A/{day}/r/chime/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0"
        )
    };
    let now = Bench::sample().clock.now();
    let time = dates::format_amz(now).unwrap();
    signed.headers_mut().insert(AMZ_DATE, time.parse().unwrap());
    let judge = |day: &str| time_of(&signed, &Authorization::parse(&header(day)).unwrap(), now);
    assert_eq!(judge("20250305"), Ok(time.into()));
    assert_eq!(refused(judge("20250304")), (403, "SignatureDoesNotMatch".to_owned()));
}

#[test]
fn a_wrong_secret_is_refused() {
    let bench = Bench::new(Config::default());
    let wrong = Credential { secret_access_key: "wrong".into(), ..bench.caller.clone() };
    let answer = bench.send_as(&wrong, "POST", "/accounts", r#"{"Name":"One"}"#);
    assert_eq!((answer.status(), answer.exception()), (403, "SignatureDoesNotMatch"));
    assert_eq!(bench.send("GET", "/accounts", "").json()["Accounts"], serde_json::json!([]));
}

#[test]
fn a_signature_is_valid_for_fifteen_minutes() {
    let bench = Bench::sample();
    let mut signed = request("GET", "/accounts", "");
    sign(&mut signed, &bench.caller, bench.clock.now());
    bench.clock.advance(Duration::minutes(15));
    assert_eq!(bench.handle(&signed).status(), 200);
    bench.clock.advance(Duration::seconds(1));
    let late = bench.handle(&signed);
    assert_eq!((late.status(), late.exception()), (403, "RequestTimeTooSkewed"));
    bench.clock.advance(-Duration::minutes(31));
    assert_eq!(bench.handle(&signed).exception(), "RequestTimeTooSkewed");
}

#[test]
fn any_region_is_accepted_but_only_one_service() {
    let bench = Bench::sample();
    for (region, service, status) in
        [("us-east-1", "chime", 200), ("mars-north-7", "chime", 200), ("us-east-1", "iam", 403)]
    {
        let mut request = request("GET", "/accounts", "");
        sign_for(&mut request, &bench.caller, bench.clock.now(), region, service);
        assert_eq!(bench.handle(&request).status(), status, "{region} {service}");
    }
}

#[test]
fn temporary_credentials_need_their_session_token() {
    let credential = Credential { session_token: Some("token".into()), ..Credential::default() };
    let bench = Bench::new(Config { credentials: vec![credential], ..Config::default() });
    assert_eq!(bench.send("GET", "/accounts", "").status(), 200);
    for session_token in [None, Some("other".into())] {
        let wrong = Credential { session_token, ..bench.caller.clone() };
        let answer = bench.send_as(&wrong, "GET", "/accounts", "");
        assert_eq!(answer.exception(), "UnrecognizedClientException");
    }
}

#[test]
fn a_signed_digest_must_be_that_of_the_body() {
    let bench = Bench::sample();
    let digest = hex::encode(&Sha256::digest(b""));
    for (value, status) in [(digest.as_str(), 200), ("UNSIGNED-PAYLOAD", 403)] {
        let mut request = request("GET", "/accounts", "");
        request.headers_mut().insert(CONTENT_SHA256, value.parse().unwrap());
        sign(&mut request, &bench.caller, bench.clock.now());
        assert_eq!(bench.handle(&request).status(), status, "{value}");
    }
}

#[test]
fn the_date_header_is_accepted_without_x_amz_date() {
    let mut signed = request("GET", "/", "");
    let now = Bench::sample().clock.now();
    let date = dates::format_http(now);
    signed.headers_mut().insert(DATE, date.parse().unwrap());
    let scope = dates::format_amz(now).unwrap();
    let header = format!(
        "AWS4-HMAC-SHA256 Credential=A/{}/r/chime/aws4_request, SignedHeaders=date;host, \
         Signature=0",
        &scope[..8]
    );
    let header = Authorization::parse(&header).unwrap();
    assert_eq!(time_of(&signed, &header, now), Ok(scope.clone().into()));
}
