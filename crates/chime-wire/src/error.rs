//! The service's errors, in all the spellings that they come in.

use std::borrow::Cow;

use bytes::Bytes;
use chime_model::{Exception, ServiceError};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

/// The header that names the exception.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The header that names the exchange.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const OLD_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// How much of a body that is no JSON is kept as the message.
const MAX_FOREIGN_MESSAGE: usize = 1024;

/// The members of an error's body, by all of their names.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow, rename = "code")]
    lower_code: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Code")]
    code: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "__type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "message")]
    lower_message: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Message")]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "errorMessage")]
    error_message: Option<Cow<'a, str>>,
}

/// Reads the error in a response that is no success. It always finds one.
///
/// The exception is named by the header `x-amzn-ErrorType`, else by `code`, `Code` or `__type` in
/// the body, else it is the HTTP status as text: what answers without a name is not the service.
#[must_use]
pub fn decode_error(response: &Response<Bytes>) -> ServiceError {
    let headers = response.headers();
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    let foreign = body.is_none();
    let body = body.unwrap_or_default();

    let code = body.lower_code.as_deref().or(body.code.as_deref());
    let named = header(headers, &ERROR_TYPE).or(code).or(body.kind.as_deref());
    let exception = match named.map(bare_name).filter(|name| !name.is_empty()) {
        Some(name) => Exception::from_code(name).unwrap_or_else(|| Exception::from(name)),
        None => Exception::from(response.status().as_str()),
    };
    let message = body.lower_message.or(body.message).or(body.error_message);
    let mut error = ServiceError::new(exception, "").with_status(response.status().as_u16());
    error.code = code.map(str::to_owned);
    error.message = match message {
        Some(message) => Some(message.into_owned()),
        None if foreign => foreign_message(response.body()),
        None => None,
    };
    error.request_id = request_id(headers).map(str::to_owned);
    error
}

/// The service's name for the exchange that a response belongs to.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    header(headers, &REQUEST_ID).or_else(|| header(headers, &OLD_REQUEST_ID))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `namespace#Name:http://…` without what surrounds the name.
fn bare_name(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().trim()
}

/// The beginning of a body that is no JSON: a gateway's XML or HTML.
fn foreign_message(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_FOREIGN_MESSAGE)]);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What the service says in the body of an error.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Said<'a> {
    /// Absent from what stands before the service, such as the check of signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// An error as the service writes it: its exception in the header, its short code in the body.
#[must_use]
pub fn encode_error(error: &ServiceError) -> Response<Bytes> {
    let said = Said { code: error.code.as_deref(), message: error.message.as_deref() };
    let mut response = Response::new(serde_json::to_vec(&said).unwrap_or_default().into());
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let named =
        [(ERROR_TYPE, Some(error.exception.as_str())), (REQUEST_ID, error.request_id.as_deref())];
    for (name, text) in named {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Bytes::from(body.to_owned())).unwrap()
    }

    #[test]
    fn one_exception_in_all_its_spellings() {
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
    fn short_codes_that_differ_from_their_exception() {
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
    fn the_header_wins_and_the_short_code_is_kept() {
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
    fn what_is_no_json_becomes_the_message() {
        let error = decode_error(&response(502, &[], "<html>Bad Gateway</html>"));
        assert_eq!(error.exception, Exception::from("502"));
        assert_eq!(error.message.as_deref(), Some("<html>Bad Gateway</html>"));
        assert_eq!(decode_error(&response(503, &[], "")).message, None);
    }

    proptest! {
        #[test]
        fn any_bytes_make_an_error(status in 300u16..600, body: Vec<u8>, name: String) {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Ok(value) = HeaderValue::from_str(&name) {
                response.headers_mut().insert(ERROR_TYPE, value);
            }
            prop_assert_eq!(decode_error(&response).status, status);
        }

        #[test]
        fn an_encoded_error_decodes_to_itself(name in "[A-Z][A-Za-z]{0,20}Exception", message: String) {
            let mut error = ServiceError::new(Exception::from(name), message);
            error.request_id = Some("0b6f3c1e".to_owned());
            prop_assert_eq!(decode_error(&encode_error(&error)), error);
        }
    }
}
