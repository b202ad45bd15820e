//! The handshake with a new endpoint for events.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use chime_model::SensitiveString;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::timeout;

use crate::engine::errors::{Result, bad_request};

/// The deadline for the response of an endpoint, the same as for an event.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum size of a response body in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// Sends a challenge to an endpoint, and fails unless it responds with the same challenge.
pub(super) async fn send(endpoint: SensitiveString) -> Result<()> {
    let challenge = format!("{:010}", fastrand::u64(..10_000_000_000));
    let echoed = timeout(TIMEOUT, echo(endpoint.expose(), &challenge)).await;
    match echoed {
        Ok(Some(echo)) if echo == challenge => Ok(()),
        _ => Err(bad_request(
            "OutboundEventsHTTPSEndpoint: must respond with status 200 and the Challenge it was sent",
        )),
    }
}

/// The challenge in the response of an endpoint, if the response is valid.
async fn echo(endpoint: &str, challenge: &str) -> Option<String> {
    let uri: Uri = endpoint.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;

    let challenge = json!({"Challenge": challenge, "EventType": "HTTPSEndpointVerification"});
    let request = Request::post(uri.path_and_query()?.as_str())
        .header(HOST, uri.authority()?.as_str())
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(challenge.to_string())))
        .ok()?;
    let response = async {
        let response = sender.send_request(request).await.ok()?;
        let is_fine = response.status() == StatusCode::OK;
        let body = Limited::new(response.into_body(), MAX_RESPONSE).collect().await.ok()?;
        let body: Value = serde_json::from_slice(&body.to_bytes()).ok()?;
        Some(body["Challenge"].as_str()?.to_owned()).filter(|_| is_fine)
    };
    let mut response = pin!(response);
    select! {
        response = &mut response => response,
        // After the connection is closed, the response can still be in the buffer.
        _ = connection => response.await,
    }
}

#[cfg(test)]
mod tests;
