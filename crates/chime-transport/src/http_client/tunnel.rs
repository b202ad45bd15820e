//! The `CONNECT` request for a tunnel through a proxy.

use std::io;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Request};
use hyper::client::conn::http1;
use hyper::upgrade::{self, Upgraded};

use super::stream::Stream;
use crate::{Body, BoxError};

/// Maximum size of a response head in bytes.
const MAX_HEAD: usize = 8 * 1024;

/// Turns a connection to a proxy into a tunnel to `host:port`.
///
/// # Errors
/// If the response of the proxy has a status other than 2xx, which the error names, or is not valid
/// HTTP.
pub(super) async fn tunnel(
    stream: Stream,
    host: &str,
    port: u16,
    authorization: Option<&HeaderValue>,
) -> Result<Upgraded, BoxError> {
    let authority = format!("{host}:{port}");
    let mut request = Request::connect(&authority).header(HOST, &authority).body(Body::default())?;
    if let Some(value) = authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, value.clone());
    }
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).title_case_headers(true);
    let (mut sender, connection) = builder.handshake(stream).await?;
    tokio::spawn(connection.with_upgrades());
    let response = sender.send_request(request).await?;
    let status = response.status();
    if status.is_success() {
        return Ok(upgrade::on(response).await?);
    }
    let kind = match status.as_u16() {
        408 | 429 | 500.. => io::ErrorKind::Other,
        // A retry would be denied too.
        _ => io::ErrorKind::PermissionDenied,
    };
    // The reason phrase of the proxy is omitted, since it is untrusted text.
    Err(io::Error::new(kind, format!("proxy refused the tunnel: HTTP {status}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_tunnel_needs_a_complete_response_with_a_2xx_status() {
        let closed = "connection closed before message completed";
        let invalid = "invalid HTTP version parsed";
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(3 * MAX_HEAD));
        for (response, expected) in [
            ("HTTP/1.1 200 Connected\r\n\r\n", Ok(())),
            ("HTTP/1.0 200\n\nmore", Ok(())),
            (
                "HTTP/1.1 403 secret\r\nx: y\r\n\r\nno",
                Err("proxy refused the tunnel: HTTP 403 Forbidden"),
            ),
            ("", Err(closed)),
            ("HTTP/1.1 200 OK\r\n", Err(closed)),
            ("SSH-2.0-x\r\n\r\n", Err(invalid)),
            (&endless, Err("message head is too large")),
        ] {
            let (ours, mut proxy) = tokio::io::duplex(64 * 1024);
            let proxy = async {
                let mut request = vec![0; 1024];
                let length = proxy.read(&mut request).await.unwrap();
                proxy.write_all(response.as_bytes()).await.unwrap();
                proxy.shutdown().await.unwrap();
                String::from_utf8_lossy(&request[..length]).into_owned()
            };
            let tunnel = tunnel(Box::new(TokioIo::new(ours)), "chime.example", 443, None);
            let (tunnel, request) = tokio::join!(tunnel, proxy);
            let result = tunnel.map(drop).map_err(|error| error.to_string());
            assert_eq!(result, expected.map_err(str::to_owned));
            let host = "chime.example:443";
            assert_eq!(request, format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        }
    }
}
