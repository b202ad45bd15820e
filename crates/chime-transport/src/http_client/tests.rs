//! What the client sends.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tower::{ServiceExt as _, service_fn};

/// Sends a request over HTTP/1.1. Returns what the server receives.
async fn received(method: Method, version: Version, body: &'static str) -> String {
    let (ours, mut theirs) = duplex(4096);
    let ours = std::sync::Mutex::new(Some(ours));
    let ours = Arc::new(ours);
    let connector = service_fn(move |_| {
        std::future::ready(ours.lock().unwrap().take().ok_or("connected twice"))
    });
    let client = HttpClient::with_connector(&Config::default(), connector);
    let request = Request::builder().method(method).version(version).uri("http://localhost/a");
    let server = async {
        let mut request = vec![0; 4096];
        let length = theirs.read(&mut request).await.unwrap();
        let _ = theirs.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        String::from_utf8_lossy(&request[..length]).into_owned()
    };
    let response = client.oneshot(request.body(Bytes::from(body)).unwrap());
    let (response, request) = tokio::join!(response, server);
    assert_eq!(response.unwrap().status(), 204, "{version:?}");
    request
}

#[tokio::test]
async fn the_version_of_a_forwarded_request_is_not_that_of_the_connection() {
    for version in [Version::HTTP_09, Version::HTTP_10, Version::HTTP_2, Version::HTTP_3] {
        let request = received(Method::GET, version, "").await;
        assert!(request.starts_with("GET /a HTTP/1.1\r\n"), "{version:?}: {request}");
    }
}

#[tokio::test]
async fn the_length_of_an_empty_body_is_sent_if_the_method_has_a_body() {
    for (method, body, length) in [
        (Method::POST, "", Some("content-length: 0\r\n")),
        (Method::PUT, "", Some("content-length: 0\r\n")),
        (Method::PATCH, "", Some("content-length: 0\r\n")),
        (Method::POST, "{}", Some("content-length: 2\r\n")),
        (Method::GET, "", None),
        (Method::DELETE, "", None),
    ] {
        let request = received(method, Version::HTTP_11, body).await;
        let lengths: Vec<_> =
            request.split_inclusive("\r\n").filter(|l| l.starts_with("content-length")).collect();
        assert_eq!(lengths, Vec::from_iter(length), "{request}");
    }
}
