//! `chime serve`: a local Chime that listens on a port.

mod key;
mod setup;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio::net::TcpListener;

use self::key::Key;
use crate::failure::Failure;
use crate::log::{self, Log};
use crate::{flags, output};

/// The name of the command.
pub(crate) const NAME: &str = "serve";

const LISTEN: &str = "listen";
const EMPTY: &str = "empty";
const SEED: &str = "seed";
const STATE: &str = "state";
const FAULTS: &str = "faults";
const RULES: &str = "rules";

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Runs an Amazon Chime of your own that listens on a port")
        .long_about(
            "Runs an Amazon Chime of your own that listens on a port.

Prints its URL and what to set for a client to find it, and serves until it is interrupted.
It forgets everything when it ends, unless it has a file for it. It accepts the access key in
CHIME_LOCAL_ACCESS_KEY_ID and CHIME_LOCAL_SECRET_ACCESS_KEY, or a demo key where they are not
set, and the keys that seeds bring along.

A browser on the same machine shows at that URL what there is. Programs on the same machine move
the clock, set faults, keep snapshots and more, below /_chime/.",
        )
        .args_override_self(true)
        .arg(
            Arg::new(LISTEN)
                .long(LISTEN)
                .value_name("ADDRESS:PORT")
                .default_value("127.0.0.1:0")
                .help("Where to listen; port 0 takes any that is free"),
        )
        .arg(
            Arg::new(EMPTY)
                .long(EMPTY)
                .action(ArgAction::SetTrue)
                .help("Start with nothing in place of the sample organisation"),
        )
        .arg(
            file(
                SEED,
                "What to start with in place of the sample, as JSON or YAML; can be repeated",
            )
            .action(ArgAction::Append),
        )
        .arg(file(STATE, "Keep everything in this file, over restarts; it is made if need be"))
        .arg(file(RULES, "Limits and choices, as JSON or YAML"))
        .arg(file(FAULTS, "What goes wrong on purpose, as JSON or YAML"))
        .args(log::flags())
}

fn file(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

/// Serves until the process is asked to end.
///
/// # Errors
/// If it cannot listen there, the keys in the environment are no keys, or a file is no good.
pub(crate) async fn run(given: &ArgMatches) -> Result<(), Failure> {
    let key = Key::from_vars(|name| std::env::var(name).ok())?;
    let log = Log::new(given);
    let chime = setup::chime(given, key.credential.clone(), log.on_answer.clone())?;

    let place = given.get_one::<String>(LISTEN).map(String::as_str).unwrap_or_default();
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidInput => Failure::flag(LISTEN, format!("{error}: {place}")),
        _ => Failure::Io(format!("cannot listen on {place}"), error),
    };
    let listener = TcpListener::bind(place).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // From here on a signal ends the server in good order; a script may send one as soon as it has
    // read the announcement.
    let shutdown = asked_to_end().map_err(failed)?;
    if let Some(warning) = warning(address) {
        let _ = writeln!(io::stderr().lock(), "warning: {warning}");
    }
    let region = given.get_one::<String>(flags::REGION).map_or("us-east-1", String::as_str);
    output::write(&mut io::stdout().lock(), key.announcement(address, region).as_bytes())
        .map_err(failed)?;
    let outcome = chime.serve(listener, shutdown).await.map_err(failed);
    log.wait();
    outcome
}

/// What whoever listens there should know.
fn warning(address: SocketAddr) -> Option<&'static str> {
    let open = "other machines can reach this address, and nothing is encrypted";
    (!address.ip().is_loopback()).then_some(open)
}

/// Ends when the process is asked to: by Ctrl-C or, where there are signals, by SIGTERM.
#[cfg(unix)]
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use std::task::Poll;
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(std::future::poll_fn(move |context| {
        match (interrupt.poll_recv(context), terminate.poll_recv(context)) {
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }))
}

/// Ends when the process is asked to, by Ctrl-C.
#[cfg(not(unix))]
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_can_reach_is_warned_of() {
        for (address, warned) in [
            ("127.0.0.1:80", false),
            ("[::1]:80", false),
            ("0.0.0.0:80", true),
            ("[::]:80", true),
            ("192.0.2.1:80", true),
        ] {
            assert_eq!(warning(address.parse().unwrap()).is_some(), warned, "{address}");
        }
    }
}
