//! The name of the error in a response, which layers decide by.

use http::Response;

/// The name of the error in a response that has it elsewhere than in its header: an extension of the
/// response. Whoever knows the service puts it there, below the layers that decide by it: retries,
/// pacing, signing.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use bytes::Bytes;
/// use chime_transport::{Attempts, Config, ErrorCode, retry};
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let connection = tower::service_fn(|_: Request<Bytes>| {
///     let response = Response::builder().status(400).body(Bytes::from("SlowDown"));
///     std::future::ready(response)
/// });
/// let service = ServiceBuilder::new()
///     .layer(retry::layer(&Config::default()))
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

/// The name of the error in a response: its [`ErrorCode`], else what AWS services put in the header
/// `x-amzn-ErrorType`, without the namespace and the address that may be around it. `None` for text that
/// is no name: what answers in the service's place may put any there.
#[must_use]
pub fn error_code<R>(response: &Response<R>) -> Option<&str> {
    let told = response.extensions().get().map(|ErrorCode(code)| &**code);
    told.or_else(|| in_header(response)).filter(|code| is_name(code))
}

fn in_header<R>(response: &Response<R>) -> Option<&str> {
    let name = response.headers().get("x-amzn-errortype")?.to_str().ok()?;
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
