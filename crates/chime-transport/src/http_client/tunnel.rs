//! The `CONNECT` request for a tunnel through a proxy.

use std::io;

use http::{HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Maximum size of a response head in bytes.
const MAX_HEAD: usize = 8 * 1024;

/// Turns a connection to a proxy into a tunnel to `host:port`.
///
/// # Errors
/// If the response of the proxy has a status other than 2xx, which the error names, or is not valid
/// HTTP.
pub(super) async fn tunnel(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
    port: u16,
    authorization: Option<&HeaderValue>,
) -> io::Result<()> {
    let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(value) = authorization.and_then(|value| value.to_str().ok()) {
        head.extend(["Proxy-Authorization: ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;

    let mut head = Vec::with_capacity(512);
    while !is_complete(&head) {
        if head.len() >= MAX_HEAD {
            return Err(invalid("the proxy's response to CONNECT has a head of more than 8 KiB"));
        }
        if stream.read_buf(&mut head).await? == 0 {
            let message = "the proxy closed the connection before it responded to CONNECT";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
    }
    // Bytes after the head are dropped. They cannot come from the service, because in TLS the
    // client sends first.
    let status = status(&head)
        .ok_or_else(|| invalid("the proxy's response to CONNECT is not valid HTTP"))?;
    if status.is_success() {
        return Ok(());
    }
    // The reason phrase of the proxy is omitted, since it is untrusted text.
    Err(io::Error::other(format!("proxy refused the tunnel: HTTP {status}")))
}

fn is_complete(head: &[u8]) -> bool {
    head.windows(4).any(|end| end == b"\r\n\r\n") || head.windows(2).any(|end| end == b"\n\n")
}

/// Parses the status in `HTTP/1.1 200 OK`.
fn status(head: &[u8]) -> Option<StatusCode> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let mut words = line.split(|byte| *byte == b' ');
    words.next().filter(|version| version.starts_with(b"HTTP/1."))?;
    StatusCode::from_bytes(words.next()?).ok()
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tunnel_needs_a_complete_response_with_a_2xx_status() {
        let closed = "the proxy closed the connection before it responded to CONNECT";
        let invalid = "the proxy's response to CONNECT is not valid HTTP";
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(3 * MAX_HEAD));
        for (response, expected) in [
            ("HTTP/1.1 200 Connected\r\n\r\n", Ok(())),
            ("HTTP/1.0 204\n\nmore", Ok(())),
            (
                "HTTP/1.1 403 \x1b[2J\r\nx: y\r\n\r\nno",
                Err("proxy refused the tunnel: HTTP 403 Forbidden"),
            ),
            ("", Err(closed)),
            ("HTTP/1.1 200 OK\r\n", Err(closed)),
            ("SSH-2.0-x\r\n\r\n", Err(invalid)),
            ("HTTP/1.1\r\n\r\n", Err(invalid)),
            ("HTTP/1.1 2000 OK\r\n\r\n", Err(invalid)),
            (&endless, Err("the proxy's response to CONNECT has a head of more than 8 KiB")),
        ] {
            let (mut ours, mut proxy) = tokio::io::duplex(64 * 1024);
            proxy.write_all(response.as_bytes()).await.unwrap();
            proxy.shutdown().await.unwrap();
            let result = tunnel(&mut ours, "chime.example", 443, None).await;
            assert_eq!(result.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
            drop(ours);
            let mut request = String::new();
            proxy.read_to_string(&mut request).await.unwrap();
            let host = "chime.example:443";
            assert_eq!(request, format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        }
    }
}
