//! Where `chime serve` delivers events: to a file and to a URL.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use chime_client::{Config, HttpClient};
use chime_local::{Channel, Delivered, LocalChime};
use clap::ArgMatches;
use http::header::CONTENT_TYPE;
use http::{Request, Response, Uri};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tower::Service;

use super::{EVENTS, EVENTS_URL, warn};
use crate::failure::Failure;
use crate::flags;

/// How long the receiver at the URL has for one event.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Delivers all events from now on, in the background, as the flags say.
///
/// # Errors
/// Returns an error if the file cannot be opened, or if the URL is not one of this machine.
pub(super) fn deliver(chime: &LocalChime, given: &ArgMatches) -> Result<(), Failure> {
    if let Some(path) = given.get_one::<PathBuf>(EVENTS) {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| Failure::file(EVENTS, path, error))?;
        tokio::spawn(append(chime.subscribe(), file));
    }
    if let Some(url) = flags::text(given, EVENTS_URL) {
        let uri = url.parse::<Uri>().ok().filter(is_of_this_machine);
        let uri = uri.ok_or_else(|| {
            Failure::flag(
                EVENTS_URL,
                "must be an http URL of this machine, since events are private",
            )
        })?;
        tokio::spawn(post(chime.subscribe(), uri));
    }
    Ok(())
}

fn is_of_this_machine(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    uri.scheme_str() == Some("http") && (is_loopback || host.eq_ignore_ascii_case("localhost"))
}

/// Writes each event as a line of JSON.
async fn append(mut events: UnboundedReceiver<Delivered>, mut file: File) {
    while let Some(event) = events.recv().await {
        let line = serde_json::to_string(&event).unwrap_or_default() + "\n";
        if let Err(error) = file.write_all(line.as_bytes()) {
            return warn(&format!("events are no longer written: {error}"));
        }
    }
}

/// Sends each event as the body of a POST, one after the other, with its channel in headers.
async fn post(mut events: UnboundedReceiver<Delivered>, uri: Uri) {
    let client = HttpClient::new(&Config::default());
    let mut has_failed = false;
    while let Some(event) = events.recv().await {
        let failure = match timeout(TIMEOUT, client.clone().call(request(&uri, &event))).await {
            Ok(Ok(response)) if response.status().is_success() => None,
            Ok(Ok(response)) => Some(status(&response)),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no response in time".to_owned()),
        };
        // One line is enough while the receiver is away.
        if let Some(why) = failure.as_ref().filter(|_| !has_failed) {
            warn(&format!("an event was lost, {uri}: {why}"));
        }
        has_failed = failure.is_some();
    }
}

fn status(response: &Response<Bytes>) -> String {
    format!("the receiver answered {}", response.status())
}

fn request(uri: &Uri, event: &Delivered) -> Request<Bytes> {
    let (channel, arn) = match &event.channel {
        Channel::Sqs(arn) => ("Sqs", arn.as_str()),
        Channel::Sns(arn) => ("Sns", arn.as_str()),
        Channel::Lambda(arn) => ("Lambda", arn.as_str()),
        _ => ("EventBridge", ""),
    };
    let body = serde_json::to_vec(&event.body).unwrap_or_default();
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri.clone();
    let sequence = event.sequence.to_string();
    let headers = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-chime-channel", channel),
        ("x-chime-target", arn),
        ("x-chime-sequence", &sequence),
    ];
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), value.parse()) {
            request.headers_mut().insert(name, value);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_stay_on_this_machine() {
        let may = |url: &str| url.parse::<Uri>().is_ok_and(|uri| is_of_this_machine(&uri));
        for url in ["http://127.0.0.1:9/a", "http://localhost:9", "http://[::1]:9/"] {
            assert!(may(url), "{url}");
        }
        for url in ["https://127.0.0.1:9", "http://example.com", "http://10.0.0.1/", "/events"] {
            assert!(!may(url), "{url}");
        }
    }
}
