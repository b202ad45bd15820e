//! The error code of a response.

use http::{Extensions, HeaderMap, Response};

/// The error code of a response that does not have it in a header: an extension of the response.
///
/// A layer that knows the service adds it. That layer must be inside the retry and signing layers,
/// which read it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use bytes::Bytes;
/// use chime_transport::retry::{Attempts, RetryLayer};
/// use chime_transport::{Config, ErrorCode};
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let connection = tower::service_fn(|_: Request<Bytes>| {
///     let response = Response::builder().status(400).body(Bytes::from("RequestTimeout"));
///     std::future::ready(response)
/// });
/// let service = ServiceBuilder::new()
///     .layer(RetryLayer::from_config(&Config::default()))
///     .map_response(|mut response: Response<Bytes>| {
///         if let Ok(code) = String::from_utf8(response.body().to_vec()) {
///             response.extensions_mut().insert(ErrorCode(code));
///         }
///         response
///     })
///     .service(connection);
/// let response = service.oneshot(Request::new(Bytes::new())).await.unwrap();
/// assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 3);
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode(pub String);

/// Returns the error code of a response: its [`ErrorCode`], or else that of the header
/// `x-amzn-ErrorType`, without the namespace before it and the URL behind it. `None` if the text cannot
/// be a code, such as the message of a proxy.
#[must_use]
pub fn error_code<R>(response: &Response<R>) -> Option<&str> {
    find(response.headers(), response.extensions())
}

pub(crate) fn find<'a>(headers: &'a HeaderMap, extensions: &'a Extensions) -> Option<&'a str> {
    let code = extensions.get().map(|ErrorCode(code)| &**code);
    code.or_else(|| in_header(headers)).filter(|code| is_name(code))
}

fn in_header(headers: &HeaderMap) -> Option<&str> {
    let name = headers.get("x-amzn-errortype")?.to_str().ok()?;
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next()
}

fn is_name(code: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    (1..=64).contains(&code.len()) && code.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_stands_in_the_header_or_is_told() {
        let mut response = Response::new(());
        assert_eq!(error_code(&response), None);
        let name = "aws.example#ThrottledException:http://internal.example/";
        response.headers_mut().insert("x-amzn-errortype", name.parse().unwrap());
        assert_eq!(error_code(&response), Some("ThrottledException"));
        response.extensions_mut().insert(ErrorCode("Told".to_owned()));
        assert_eq!(error_code(&response), Some("Told"));
        for no_name in ["", "ana@example.com", "no such user", &"x".repeat(65)] {
            response.extensions_mut().insert(ErrorCode(no_name.to_owned()));
            assert_eq!(error_code(&response), None, "{no_name}");
        }
    }
}
