//! CORS: web pages of configured origins may call the API from a browser. Default: none.

use std::str::FromStr;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use crate::engine::document::InvalidDocument;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
/// The response headers that clients read.
const EXPOSED: HeaderValue = HeaderValue::from_static("x-amzn-requestid, x-amzn-errortype, date");
/// How many seconds a browser may cache the response to a preflight request.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The origin of a web page: scheme, host and port, as browsers send it.
///
/// ```
/// use chime_local::Origin;
///
/// let origin: Origin = "http://localhost:3000".parse()?;
/// assert!("http://localhost:3000/app".parse::<Origin>().is_err());
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = InvalidDocument;

    /// Parses an origin such as `http://localhost:3000`.
    ///
    /// # Errors
    /// Returns an error if the text has a path, upper-case letters or a wildcard, or is not an
    /// origin.
    fn from_str(text: &str) -> Result<Self, InvalidDocument> {
        let is_plain =
            |text: &str| !text.contains(|c: char| c.is_ascii_uppercase() || "*@".contains(c));
        let origin = text.split_once("://").filter(|(scheme, authority)| {
            !scheme.is_empty() && is_plain(text) && authority.parse::<Authority>().is_ok()
        });
        origin.and_then(|_| text.parse().ok()).map(Self).ok_or_else(|| {
            InvalidDocument::one("must be an origin such as http://localhost:3000, without a path")
        })
    }
}

/// The entry of `origins` that matches the `Origin` header, if any.
pub(super) fn allowed<'a>(origins: &'a [Origin], headers: &HeaderMap) -> Option<&'a Origin> {
    if origins.is_empty() {
        return None;
    }
    let mut sent = headers.get_all(ORIGIN).iter();
    let origin = sent.next().filter(|_| sent.next().is_none())?;
    origins.iter().find(|allowed| allowed.0 == origin)
}

/// The response to a preflight request; `None` for other requests.
///
/// It allows all requested headers, because the headers of a call depend on the operation.
pub(super) fn preflight<B>(request: &Request<B>) -> Option<Response<Bytes>> {
    let asks = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || !asks {
        return None;
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if let Some(wanted) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    Some(response)
}

/// Adds the headers that let a page of an origin read a response.
pub(super) fn expose(response: &mut Response<Bytes>, origin: &Origin) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.0.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_parsed_as_browsers_send_it() {
        for text in
            ["http://localhost:3000", "https://app.example", "http://[::1]:80", "tauri://localhost"]
        {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "null",
            "localhost:3000",
            "http://",
            "http://*.example",
            "http://localhost:3000/",
            "http://localhost/app",
            "http://user@localhost",
            "http://Localhost",
            "http://a b",
            "://localhost",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_allowed_if_it_is_configured_and_sent_once() {
        let origins = ["http://localhost:3000", "https://app.example"].map(|o| o.parse().unwrap());
        let of = |sent: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for origin in sent {
                headers.append(ORIGIN, HeaderValue::from_static(origin));
            }
            allowed(&origins, &headers).cloned()
        };
        assert_eq!(of(&["https://app.example"]), Some(origins[1].clone()));
        for sent in [
            &[][..],
            &["https://app.example", "https://app.example"],
            &["https://app.example.evil"],
            &["http://app.example"],
            &["null"],
        ] {
            assert_eq!(of(sent), None, "{sent:?}");
        }
    }
}
