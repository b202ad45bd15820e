//! `chime serve`: a local Amazon Chime that listens on a port.

mod descriptors;
mod events;
mod key;
mod ports;
mod setup;
mod signals;
pub(crate) mod token_file;

use std::env;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use chime_local::Origin;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio::select;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::key::Key;
use self::ports::Ports;
pub(crate) use self::setup::time;
use self::signals::Signals;
use self::token_file::TokenFile;
use crate::failure::{Failure, INTERRUPTED};
use crate::log::{self, Log};
use crate::terminal::tell;
use crate::{flags, output};

/// The name of the command.
pub(crate) const NAME: &str = "serve";

/// The port spells CHIME on the keys of a telephone.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:24463";

const LISTEN: &str = "listen";
const EMPTY: &str = "empty";
const SEED: &str = "seed";
const STATE: &str = "state";
const FAULTS: &str = "faults";
const RULES: &str = "rules";
const EVENTS: &str = "events";
const EVENTS_URL: &str = "events-url";
const RANDOM_SEED: &str = "random-seed";
const NOW: &str = "now";
const FROZEN: &str = "frozen";
const CORS: &str = "cors";
const ALLOW_REMOTE_DEMO_KEY: &str = "allow-remote-demo-key";

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Runs a local Amazon Chime that listens on a port")
        .long_about(
            "Runs a local Amazon Chime that listens on a port.

Prints its URL and the variables to set for a client, and serves until it gets SIGINT (Ctrl-C) or SIGTERM.
Then requests in flight have five seconds to finish, and events five more to be delivered. A second signal
ends it at once.

State is lost when the server stops, unless --state names a file. If that file exists, its state is
used until a reset: --empty, --random-seed, --now and --frozen have no effect, and only the access
keys in --seed files are read.

The server accepts the access key in CHIME_LOCAL_ACCESS_KEY_ID and CHIME_LOCAL_SECRET_ACCESS_KEY, or
a demo key if these are unset, and the access keys in seed files. The demo key is public: the server
refuses it unless it listens on a loopback address and the request is for localhost, a loopback address
or the host of an AWS endpoint.

Open the URL of the page in a browser on the same machine to see the state. Programs on the same
machine can move the clock, set faults, take snapshots and more under /_chime/, with the control token:
'Authorization: Bearer TOKEN'. The token is that of CHIME_LOCAL_CONTROL_TOKEN (16 to 128 letters, digits,
- or _) or, if that is unset, a new one for each server. It is printed, and written to a file per port that
only its owner can read, chime/local-PORT.token below XDG_RUNTIME_DIR, or below XDG_STATE_HOME
(~/.local/state) if that is unset. The files are removed when the server stops.",
        )
        .args_override_self(true)
        .arg(
            Arg::new(LISTEN)
                .long(LISTEN)
                .value_name("[SERVICE=]ADDRESS:PORT")
                .action(ArgAction::Append)
                .help(format!(
                    "Address to listen on; port 0 picks a free port. With a service, such as \
                     meetings=127.0.0.1:0, one more port, for this service alone [default: \
                     {DEFAULT_ADDRESS}]"
                )),
        )
        .arg(
            Arg::new(EMPTY)
                .long(EMPTY)
                .action(ArgAction::SetTrue)
                .help("Start empty instead of with the sample organisation"),
        )
        .arg(
            file(SEED, "Initial data instead of the sample, as JSON or YAML; can be repeated")
                .action(ArgAction::Append),
        )
        .arg(file(STATE, "Persist state in this file; created if missing"))
        .arg(file(RULES, "Limits and options, as JSON or YAML"))
        .arg(file(FAULTS, "Faults to inject, as JSON or YAML"))
        .arg(file(EVENTS, "Append the events of meetings and pipelines to this file, as lines of JSON"))
        .arg(
            Arg::new(EVENTS_URL)
                .long(EVENTS_URL)
                .value_name("URL")
                .help(
                    "POST each event to this URL of the same machine; up to 10,000 wait for it, \
                     further ones are dropped",
                ),
        )
        .arg(flags::number::<u64>(RANDOM_SEED).help(
            "Seed of ids, PINs and random faults; the same seed gives the same values [default: 0]",
        ))
        .arg(
            Arg::new(NOW)
                .long(NOW)
                .value_name("TIME")
                .help("Start time of the server's clock, such as 2025-03-05T12:00:00Z"),
        )
        .arg(
            Arg::new(FROZEN)
                .long(FROZEN)
                .action(ArgAction::SetTrue)
                .help("Stop the server's clock; it moves only when set"),
        )
        .arg(
            Arg::new(ALLOW_REMOTE_DEMO_KEY)
                .long(ALLOW_REMOTE_DEMO_KEY)
                .action(ArgAction::SetTrue)
                .help(
                    "Accept the demo key, which is public, from other machines, through proxies and for \
                     any host name",
                ),
        )
        .arg(
            Arg::new(CORS)
                .long(CORS)
                .value_name("ORIGIN")
                .value_parser(value_parser!(Origin))
                .action(ArgAction::Append)
                .help(
                    "Let web pages of this origin call the API, such as http://localhost:3000; can be \
                     repeated",
                ),
        )
        .args(log::flags())
}

fn file(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

/// Serves until the process gets a signal to stop. A second signal ends it at once.
///
/// # Errors
/// Returns an error if it cannot listen on the address, if the access key or the control token in the
/// environment is invalid, if a file is invalid, or after a second signal.
pub(crate) async fn run(given: &ArgMatches) -> Result<(), Failure> {
    let key = Key::from_vars(|name| env::var(name).ok())?;
    descriptors::raise_limit();
    let log = Log::new(given);
    let chime = setup::chime(given, key.credential.clone(), log.on_response.clone())?;
    let is_refused = key.is_demo && !given.get_flag(ALLOW_REMOTE_DEMO_KEY);

    let ports = Ports::bind(given).await?;
    let failed = |error| Failure::Io("cannot serve".to_owned(), error);
    let address = ports.all.local_addr().map_err(failed)?;
    // A script may send a signal as soon as it has read the announcement, so the handlers are
    // installed before it.
    let mut signals = Signals::new().map_err(failed)?;
    let own = ports.own.iter().filter_map(|(_, listener)| listener.local_addr().ok());
    let addresses: Vec<_> = own.chain([address]).collect();
    if let Some(warning) = addresses.iter().find_map(|address| warning(*address, is_refused)) {
        warn(&warning);
    }
    let token = chime.control_token().map_err(failed)?.to_owned();
    let file = |address: &SocketAddr| {
        let port = address.port();
        TokenFile::write(token_file::path(port, |name| env::var_os(name)), &token)
            .inspect_err(|error| {
                warn(&format!(
                    "the control token of port {port} was not written to a file: {error}"
                ));
            })
            .ok()
    };
    // They are removed when the server stops.
    let _files: Vec<_> = addresses.iter().filter_map(file).collect();
    let mut deliveries = events::deliver(&chime, given)?;
    let region = flags::text(given, flags::REGION).unwrap_or("us-east-1");
    output::announce(
        &mut io::stdout().lock(),
        &key.announcement(address, |service| ports.of(service), region, &token),
    )
    .map_err(failed)?;
    // All ports stop together.
    let (stop, stopping) = watch::channel(());
    let stopped = || {
        let mut stopping = stopping.clone();
        async move { drop(stopping.changed().await) }
    };
    let mut others = JoinSet::new();
    for (service, listener) in ports.own {
        others.spawn(chime.clone().serve_only(service, listener, stopped()));
    }
    let main = chime.serve(ports.all, stopped());
    let serving = async {
        let outcome = main.await.map_err(failed);
        stop.send_replace(());
        while others.join_next().await.is_some() {}
        while deliveries.join_next().await.is_some() {}
        log.wait();
        outcome
    };
    let interrupted = async {
        signals.next().await;
        stop.send_replace(());
        signals.next().await;
    };
    select! {
        outcome = serving => outcome,
        () = interrupted => {
            let message = "stopped by a second signal".to_owned();
            Err(Failure::Other { code: INTERRUPTED, message })
        }
    }
}

fn warn(text: &str) {
    tell(format_args!("warning: {text}"));
}

/// A warning about the address, if other machines can reach it, and the key is therefore refused.
fn warning(address: SocketAddr, is_refused: bool) -> Option<String> {
    if address.ip().is_loopback() {
        return None;
    }
    let mut text =
        "other machines can reach this address, and connections are not encrypted".to_owned();
    if is_refused {
        text += "; the demo key is public and refused here: set CHIME_LOCAL_ACCESS_KEY_ID and \
                 CHIME_LOCAL_SECRET_ACCESS_KEY, or pass --allow-remote-demo-key";
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_other_machines_can_reach_gets_a_warning() {
        for (address, warned) in [
            ("127.0.0.1:80", false),
            ("[::1]:80", false),
            ("0.0.0.0:80", true),
            ("[::]:80", true),
            ("192.0.2.1:80", true),
        ] {
            let told = warning(address.parse().unwrap(), false);
            assert_eq!(told.is_some(), warned, "{address}");
            let refused = warning(address.parse().unwrap(), true).unwrap_or_default();
            assert_eq!(refused.contains("--allow-remote-demo-key"), warned, "{address}");
        }
    }
}
