//! Decodes and encodes the service's errors.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use chime_model::{Exception, ServiceError};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::foreign::{self, header};

/// The header that names the exception.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The header that holds the request id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const OLD_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// Decodes the error in a response that is not a success. Never fails.
///
/// The exception comes from the header `x-amzn-ErrorType`, or else from `code`, `Code` or `__type` in
/// the body. Texts that cannot be a name, such as the message of a proxy, are skipped. A response
/// without a name does not come from the service; its exception is the HTTP status as text.
///
/// The message comes from the body. If the body is not a JSON object, the message is the beginning
/// of its text, up to 1024 bytes. A body that is not text, or that has a `Content-Encoding`, is
/// described and not quoted. The message of a redirect contains its target.
#[must_use]
pub fn decode_error(response: &Response<Bytes>) -> ServiceError {
    let headers = response.headers();
    let encoded = foreign::encoded(headers).filter(|_| !response.body().is_empty());
    let body: Option<Body<'_>> = match encoded {
        Some(_) => None,
        None => serde_json::from_slice(response.body()).ok(),
    };
    let is_foreign = body.is_none();
    let body = body.unwrap_or_default();

    let [lower_code, code, kind] = [&body.lower_code, &body.code, &body.kind].map(Option::as_deref);
    let names = [header(headers, &ERROR_TYPE), lower_code, code, kind];
    let exception = match names.into_iter().flatten().find_map(bare_name) {
        Some(name) => Exception::from_code(name).unwrap_or_else(|| Exception::from(name)),
        None => Exception::from(response.status().as_str()),
    };
    let mut error = ServiceError::new(exception, "").with_status(response.status().as_u16());
    error.code = lower_code.or(code).map(str::to_owned);
    let message = body.lower_message.or(body.message).or(body.error_message);
    error.message = foreign::redirect(response)
        .or(encoded)
        .or_else(|| message.map(Cow::into_owned))
        .or_else(|| foreign::message(headers, response.body()).filter(|_| is_foreign));
    error.resource_name = body.resource_name.map(|name| name.into_owned().into());
    error.request_id = request_id(headers).map(str::to_owned);
    error
}

/// The request id that the service assigned, from the headers of a success or an error.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    header(headers, &REQUEST_ID).or_else(|| header(headers, &OLD_REQUEST_ID))
}

/// Extracts `Name` from `namespace#Name:http://…`. `None` if the text cannot be a name. The retry layer
/// reads the header by the same rules, so that it and the caller see the same name.
fn bare_name(text: &str) -> Option<&str> {
    let name = text.split(':').next()?.rsplit('#').next()?.trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    ((1..=64).contains(&name.len()) && name.chars().all(is_part)).then_some(name)
}

/// The members of an error's body, under all names that services use. Values that are not strings are
/// skipped; of a repeated member, the last string is used.
#[derive(Default)]
struct Body<'a> {
    lower_code: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    lower_message: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    error_message: Option<Cow<'a, str>>,
    resource_name: Option<Cow<'a, str>>,
}

/// Not derived: the derived implementation fails on members of another type and on repeated members,
/// and accepts an array.
impl<'de> Deserialize<'de> for Body<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BodyVisitor)
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<'de>, A::Error> {
        let mut body = Body::default();
        while let Some(Text(name)) = map.next_key()? {
            let member = match name.as_deref() {
                Some("code") => &mut body.lower_code,
                Some("Code") => &mut body.code,
                Some("__type") => &mut body.kind,
                Some("message") => &mut body.lower_message,
                Some("Message") => &mut body.message,
                Some("errorMessage") => &mut body.error_message,
                Some("ResourceName") => &mut body.resource_name,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let Text(text) = map.next_value()?;
            *member = text.or_else(|| member.take());
        }
        Ok(body)
    }
}

/// A JSON string, or `None` for any other value.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Text<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

/// The body of an error as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    /// Unset for errors from the layers in front of the service, such as signature verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
}

/// Encodes an error as the service does, with the exception in the header and its short code in the body.
#[must_use]
pub fn encode_error(error: &ServiceError) -> Response<Bytes> {
    encode(error, None)
}

/// Encodes an error as Chime SDK meetings and media pipelines do, with the request id in the body too.
#[must_use]
pub fn encode_error_with_request_id(error: &ServiceError) -> Response<Bytes> {
    encode(error, error.request_id.as_deref())
}

fn encode(error: &ServiceError, request_id: Option<&str>) -> Response<Bytes> {
    let (code, message) = (error.code.as_deref(), error.message.as_deref());
    let resource_name = error.resource_name.as_deref();
    let body = ErrorBody { code, message, request_id, resource_name };
    let mut response = Response::new(serde_json::to_vec(&body).unwrap_or_default().into());
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
mod tests;
