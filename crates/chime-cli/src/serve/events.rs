//! Where `chime serve` delivers events: to a file and to a URL.

mod post;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use chime_local::{Delivered, LocalChime};
use clap::ArgMatches;
use http::Uri;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use self::post::post;
use super::{EVENTS, EVENTS_URL, warn};
use crate::failure::Failure;
use crate::flags;

/// Delivers all events from now on, as the flags say. The returned tasks end after the last clone of
/// `chime` is dropped.
///
/// # Errors
/// Returns an error if the file cannot be opened, or if the URL is not one of this machine.
pub(super) fn deliver(chime: &LocalChime, given: &ArgMatches) -> Result<JoinSet<()>, Failure> {
    let mut tasks = JoinSet::new();
    if let Some(path) = given.get_one::<PathBuf>(EVENTS) {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| Failure::file(EVENTS, path, error))?;
        tasks.spawn(append(chime.subscribe(), file));
    }
    if let Some(url) = flags::text(given, EVENTS_URL) {
        let uri = url.parse::<Uri>().ok().filter(is_of_this_machine);
        let uri = uri.ok_or_else(|| {
            Failure::flag(
                EVENTS_URL,
                "must be an http URL of this machine, since events are private",
            )
        })?;
        tasks.spawn(post(chime.subscribe(), uri));
    }
    Ok(tasks)
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
