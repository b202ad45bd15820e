//! `chime serve`: a local Chime that listens on a port.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chime_local::{Config, Credential, Faults, LocalChime, Rules, Seed};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio::net::TcpListener;

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

const ACCESS_KEY_ID: &str = "CHIME_LOCAL_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "CHIME_LOCAL_SECRET_ACCESS_KEY";

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
    let mut config = match given.get_many(SEED) {
        Some(paths) => Config { seed: seed(paths)?, ..Config::default() },
        None if given.get_flag(EMPTY) => Config::default(),
        None => Config::sample(),
    };
    config.credentials = vec![key.credential.clone()];
    let log = Log::new(given);
    config.on_answer = log.on_answer.clone();
    if let Some(path) = given.get_one(RULES) {
        config.rules = read(RULES, path, Rules::parse)?;
    }
    if let Some(path) = given.get_one(FAULTS) {
        config.faults = read(FAULTS, path, Faults::parse)?;
    }
    let chime = match given.get_one::<PathBuf>(STATE) {
        Some(path) => {
            LocalChime::open(config, path).map_err(|error| useless(STATE, path, error))?
        }
        None => LocalChime::new(config).map_err(|error| Failure::flag(SEED, error.to_string()))?,
    };

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

/// All that these files say together.
fn seed<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<Seed, Failure> {
    let mut all = Seed::default();
    for path in paths {
        let seed = read(SEED, path, Seed::parse)?;
        all.credentials.extend(seed.credentials);
        all.organisations.extend(seed.organisations);
        all.aws_accounts.extend(seed.aws_accounts);
    }
    Ok(all)
}

/// What a document says.
fn read<T, E: Error>(
    flag: &str,
    path: &PathBuf,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(|error| useless(flag, path, error))?;
    parse(&text).map_err(|error| useless(flag, path, error))
}

/// A file that the flag cannot use, with all that is known of the reason.
fn useless(flag: &str, path: &Path, error: impl Error) -> Failure {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Failure::flag(flag, format!("{}: {error}{source}", path.display()))
}

/// What whoever listens there should know.
fn warning(address: SocketAddr) -> Option<&'static str> {
    let open = "other machines can reach this address, and nothing is encrypted";
    (!address.ip().is_loopback()).then_some(open)
}

/// The key that the server accepts.
struct Key {
    credential: Credential,
    /// The demo key is public; one from the environment is somebody's secret.
    is_demo: bool,
}

impl Key {
    fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let var = |name| var(name).filter(|value| !value.is_empty());
        let credential = Credential::default();
        match (var(ACCESS_KEY_ID), var(SECRET_ACCESS_KEY)) {
            (None, None) => Ok(Self { credential, is_demo: true }),
            (Some(id), Some(secret)) if id.bytes().all(|c| c.is_ascii_alphanumeric()) => {
                let secret_access_key = secret.into();
                let credential = Credential { access_key_id: id, secret_access_key, ..credential };
                Ok(Self { credential, is_demo: false })
            }
            (Some(_), Some(_)) => {
                Err(Failure::Setting(format!("{ACCESS_KEY_ID} must be letters and digits")))
            }
            _ => Err(Failure::Setting(format!(
                "{ACCESS_KEY_ID} and {SECRET_ACCESS_KEY} must be set together"
            ))),
        }
    }

    /// What a script reads and a person pastes into a shell.
    fn announcement(&self, address: SocketAddr, region: &str) -> String {
        let Credential { access_key_id, secret_access_key, .. } = &self.credential;
        // Not the secret itself: the shell that has the variable fills it in.
        let from_environment = format!("\"${SECRET_ACCESS_KEY}\"");
        let secret = if self.is_demo { secret_access_key.expose() } else { &from_environment };
        format!(
            "Listening on http://{address}\n\
             export AWS_ENDPOINT_URL_CHIME=http://{address}\n\
             export AWS_DEFAULT_REGION={region}\n\
             export AWS_ACCESS_KEY_ID={access_key_id}\n\
             export AWS_SECRET_ACCESS_KEY={secret}\n\
             unset AWS_SESSION_TOKEN\n"
        )
    }
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

    fn key(id: &str, secret: &str) -> Result<Key, Failure> {
        Key::from_vars(|name| match name {
            ACCESS_KEY_ID => Some(id.to_owned()),
            SECRET_ACCESS_KEY => Some(secret.to_owned()),
            other => panic!("{other}"),
        })
    }

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

    #[test]
    fn the_announcement_is_for_scripts_and_shells() {
        let address = "127.0.0.1:4711".parse().unwrap();
        let expected = "Listening on http://127.0.0.1:4711\n\
            export AWS_ENDPOINT_URL_CHIME=http://127.0.0.1:4711\n\
            export AWS_DEFAULT_REGION=eu-west-1\n\
            export AWS_ACCESS_KEY_ID=AKIDLOCALCHIME\n\
            export AWS_SECRET_ACCESS_KEY=local-chime-secret\n\
            unset AWS_SESSION_TOKEN\n";
        assert_eq!(key("", "").unwrap().announcement(address, "eu-west-1"), expected);
    }

    #[test]
    fn a_secret_from_the_environment_is_accepted_and_not_told() {
        let key = key("AKIDOWN", "own-secret").unwrap();
        assert_eq!(key.credential.access_key_id, "AKIDOWN");
        assert_eq!(key.credential.secret_access_key.expose(), "own-secret");
        let text = key.announcement("[::1]:80".parse().unwrap(), "us-east-1");
        assert!(text.starts_with("Listening on http://[::1]:80\n"), "{text}");
        assert!(text.contains("export AWS_ACCESS_KEY_ID=AKIDOWN\n"), "{text}");
        let secret = "export AWS_SECRET_ACCESS_KEY=\"$CHIME_LOCAL_SECRET_ACCESS_KEY\"\n";
        assert!(text.contains(secret) && !text.contains("own-secret"), "{text}");
    }

    #[test]
    fn half_a_key_and_one_that_no_shell_can_paste_are_refused() {
        for (id, secret) in [("AKIDOWN", ""), ("", "own-secret"), ("AKID; ls", "own-secret")] {
            let Err(failure) = key(id, secret) else { panic!("{id}") };
            assert!(!failure.to_string().contains("own-secret"));
        }
    }
}
