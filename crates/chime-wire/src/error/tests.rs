//! Tests of errors in all forms that responses use.

use super::*;
use http::header::{CONTENT_ENCODING, LOCATION};
use proptest::prelude::*;
use serde_json::Value;

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::from(body.to_owned())).unwrap()
}

/// Any JSON value, as text.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f32>().prop_map(|value| serde_json::to_string(&value).unwrap()),
        "[a-z ]{0,8}".prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let items = proptest::collection::vec(inner.clone(), 0..4);
        let members = proptest::collection::vec((name(), inner), 0..4);
        prop_oneof![
            items.prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn name() -> impl Strategy<Value = &'static str> {
    let names = ["code", "Code", "__type", "message", "Message", "errorMessage", "", "Other"];
    proptest::sample::select(names.to_vec())
}

fn member() -> impl Strategy<Value = String> {
    (name(), json()).prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

#[test]
fn an_exception_is_read_in_all_its_forms() {
    let header = |value| response(404, &[("X-Amzn-ErrorType", value)], "{}");
    let body = |body| response(404, &[], body);
    for spelled in [
        header("NotFoundException"),
        header("NotFoundException:http://internal.amazon.com/coral/"),
        header("com.amazonaws.chime#NotFoundException"),
        header("aws#NotFoundException:http://x#y"),
        body(r#"{"Code":"NotFound"}"#),
        body(r#"{"code":"NotFoundException"}"#),
        body(r#"{"__type":"com.amazonaws.chime#NotFoundException"}"#),
    ] {
        assert_eq!(decode_error(&spelled).exception, Exception::NotFound, "{spelled:?}");
    }
}

#[test]
fn short_codes_that_differ_from_their_exception_are_known() {
    for (code, exception) in [
        ("Throttled", Exception::ThrottledClient),
        ("Throttling", Exception::ThrottledClient),
        ("Unauthorized", Exception::UnauthorizedClient),
        ("Unprocessable", Exception::UnprocessableEntity),
    ] {
        let error = decode_error(&response(400, &[], &format!(r#"{{"Code":"{code}"}}"#)));
        assert_eq!(error.exception, exception);
        assert_eq!(error.code.as_deref(), Some(code));
    }
}

#[test]
fn the_header_takes_precedence_and_the_short_code_is_kept() {
    let error = decode_error(&response(
        403,
        &[("x-amzn-errortype", "ForbiddenException"), ("x-amzn-requestid", "r-1")],
        r#"{"Code":"AccessDenied","Message":"no"}"#,
    ));
    assert_eq!(error.exception, Exception::Forbidden);
    assert_eq!(error.code.as_deref(), Some("AccessDenied"));
    assert_eq!(error.message.as_deref(), Some("no"));
    assert_eq!(error.request_id.as_deref(), Some("r-1"));
    assert_eq!(error.to_string(), "ForbiddenException: no");
}

#[test]
fn a_body_that_is_not_an_object_becomes_the_message() {
    for body in [
        "<html>Bad Gateway</html>",
        r#"["ThrottlingException"]"#,
        r#"["ThrottlingException","Throttled","ThrottlingException","a","b","c"]"#,
        r#""ThrottlingException""#,
        r#"{"Code":"Throttled","Message":"cut off"#,
        r#"{"Code":"Throttled"} and more"#,
    ] {
        let error = decode_error(&response(502, &[], body));
        assert_eq!(error.exception, Exception::from("502"), "{body}");
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (None, Some(body)));
    }
    assert_eq!(decode_error(&response(503, &[], "")).message, None);
}

#[test]
fn members_of_another_type_are_skipped() {
    let error = decode_error(&response(403, &[], r#"{"code":403,"message":"denied by gateway"}"#));
    assert_eq!(error.exception, Exception::from("403"));
    assert_eq!(
        (error.code.as_deref(), error.message.as_deref()),
        (None, Some("denied by gateway"))
    );

    for odd in ["null", "true", "-1", "18446744073709551615", "1.5", "[]", r#"["x",[{}]]"#, "{}"] {
        let body = format!(
            r#"{{"code":{odd},"Code":"Throttled","__type":{odd},"message":{odd},
            "Message":{odd},"errorMessage":"slow \u0064own","other":{odd}}}"#
        );
        let error = decode_error(&response(429, &[], &body));
        assert_eq!(error.exception, Exception::ThrottledClient, "{body}");
        assert_eq!(error.message.as_deref(), Some("slow down"), "{body}");
    }
}

#[test]
fn texts_that_cannot_be_names_are_skipped() {
    let long = "x".repeat(65);
    let texts =
        ["", ":", "upstream connect error: reset", "ana@example.com", "a, a", "\u{fc}", &long];
    for text in texts {
        let mut named = response(404, &[], r#"{"__type":"aws#NotFoundException"}"#);
        named.headers_mut().insert(ERROR_TYPE, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        assert_eq!(decode_error(&named).exception, Exception::NotFound, "{text}");

        let code = Value::from(text);
        for other in [r#""Code":"NotFound""#, r#""__type":"aws#NotFoundException""#] {
            let error = decode_error(&response(404, &[], &format!(r#"{{"code":{code},{other}}}"#)));
            assert_eq!(error.exception, Exception::NotFound, "{text}");
            assert_eq!(error.code.as_deref(), Some(text));
        }
    }
}

#[test]
fn the_last_string_of_a_repeated_member_is_used() {
    let body = r#"{"Message":"a","Message":"b","Message":null,"Code":["NotFound"],"Code":"Gone"}"#;
    let error = decode_error(&response(410, &[], body));
    assert_eq!((error.code.as_deref(), error.message.as_deref()), (Some("Gone"), Some("b")));
}

#[test]
fn members_may_be_nested_to_any_depth() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let body = format!(r#"{{"code":{deep},"other":{deep},"message":"read"}}"#);
    assert_eq!(decode_error(&response(400, &[], &body)).message.as_deref(), Some("read"));
}

#[test]
fn an_encoded_body_is_described_and_not_read() {
    let named = [("content-encoding", "gzip"), ("x-amzn-errortype", "NotFoundException")];
    for body in ["\u{1f}binary", r#"{"Code":"Conflict","Message":"read"}"#] {
        let error = decode_error(&response(404, &named, body));
        assert_eq!(error.exception, Exception::NotFound);
        assert_eq!(error.code, None);
        let message = "the response is encoded with gzip, which this client does not accept";
        assert_eq!(error.message.as_deref(), Some(message));
    }
    assert_eq!(decode_error(&response(404, &named, "")).message, None);
    let identity = response(404, &[("content-encoding", "identity")], r#"{"Message":"read"}"#);
    assert_eq!(decode_error(&identity).message.as_deref(), Some("read"));
}

#[test]
fn the_error_of_a_redirect_names_the_target() {
    let headers = [("location", "https://u:p@login.example/a?b"), ("content-type", "text/html")];
    for body in ["", "<a>Found</a>", r#"{"message":"Found"}"#] {
        let error = decode_error(&response(302, &headers, body));
        let message = "the response redirects to https://login.example/a; \
            this client does not follow redirects";
        assert_eq!(error.message.as_deref(), Some(message));
    }
}

proptest! {
    #[test]
    fn any_response_decodes_to_an_error(
        status in 300u16..600,
        body: Vec<u8>,
        headers: [Vec<u8>; 4],
    ) {
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let names = [ERROR_TYPE, CONTENT_TYPE, CONTENT_ENCODING, LOCATION];
        for (name, value) in names.into_iter().zip(headers) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        let error = decode_error(&response);
        prop_assert_eq!(error.status, status);
        let is_quotable = |c: char| !c.is_control() || "\n\r\t".contains(c);
        // A JSON string may contain escaped control characters.
        if serde_json::from_slice::<Value>(response.body()).is_err() {
            prop_assert!(error.message.unwrap_or_default().chars().all(is_quotable));
        }
    }

    #[test]
    fn an_object_is_read_whatever_its_other_members_contain(
        before in member(),
        after in member(),
        duplicate in json(),
    ) {
        let body = format!(r#"{{{before},"message":"read",{after},"Code":"NotFound","code":{duplicate}}}"#);
        let error = decode_error(&response(400, &[], &body));
        let message = error.message.as_deref();
        // The generated members may also be named `message`, and the last string is used.
        prop_assert!(message.is_some_and(|message| !message.starts_with('{')), "{body}");
        prop_assert!(error.code.is_some(), "{body}");
    }

    #[test]
    fn an_encoded_error_decodes_to_itself(name in "[A-Z][A-Za-z]{0,20}Exception", message: String) {
        let mut error = ServiceError::new(Exception::from(name), message);
        error.request_id = Some("0b6f3c1e".to_owned());
        prop_assert_eq!(&decode_error(&encode_error(&error)), &error);
        prop_assert_eq!(decode_error(&encode_error_with_request_id(&error)), error);
    }
}

#[test]
fn the_resource_name_of_an_error_is_encoded_and_decoded() {
    let mut error = ServiceError::new(Exception::TooManyTags, "50 at most");
    error.resource_name = Some("arn:aws:chime:us-east-1:111122223333:meeting/m".into());
    let response = encode_error(&error);
    let body = std::str::from_utf8(response.body()).unwrap();
    assert!(body.contains(r#""ResourceName":"arn:aws:chime:us-east-1:111122223333:meeting/m""#));
    assert_eq!(decode_error(&response), error);
}
