//! Asks an endpoint whether it is one: the handshake before events go there.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use chime_model::{SensitiveString, ServiceError};
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::timeout;

use crate::engine::refusal::bad_request;

/// As long as the service waits for an endpoint that is sent an event.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than any answer to a challenge has.
const MAX_ANSWER: usize = 64 * 1024;

/// Refuses an endpoint that does not answer with the challenge it was sent.
pub(super) async fn put_to(endpoint: SensitiveString) -> Result<(), ServiceError> {
    let challenge = format!("{:010}", fastrand::u64(..10_000_000_000));
    let echoed = timeout(PATIENCE, echo(endpoint.expose(), &challenge)).await;
    match echoed {
        Ok(Some(echo)) if echo == challenge => Ok(()),
        _ => Err(bad_request(
            "OutboundEventsHTTPSEndpoint: did not answer 200 with the Challenge that it was sent",
        )),
    }
}

/// What an endpoint answers to a challenge, if that is what it should look like.
async fn echo(endpoint: &str, challenge: &str) -> Option<String> {
    let uri: Uri = endpoint.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;

    let body = json!({"Challenge": challenge, "EventType": "HTTPSEndpointVerification"});
    let request = Request::post(uri.path_and_query()?.as_str())
        .header(HOST, uri.authority()?.as_str())
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .ok()?;
    let answer = async {
        let response = sender.send_request(request).await.ok()?;
        let is_fine = response.status() == StatusCode::OK;
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.ok()?;
        let answer: Value = serde_json::from_slice(&body.to_bytes()).ok()?;
        Some(answer["Challenge"].as_str()?.to_owned()).filter(|_| is_fine)
    };
    let mut answer = pin!(answer);
    select! {
        answer = &mut answer => answer,
        // It has closed: what came before is still to be read.
        _ = connection => answer.await,
    }
}

#[cfg(test)]
mod tests;
