//! Makes the client of a command: over the network, or in process with `--local`.

use std::path::PathBuf;
use std::time::Duration;

use chime_client::model::Service;
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use clap::ArgMatches;

use crate::failure::Failure;
use crate::flags::{
    self, ALLOW_PLAIN_HTTP, CA_BUNDLE, CONNECT_TIMEOUT, ENDPOINT_URL, LOCAL, PROFILE, READ_TIMEOUT,
    REGION, STATE,
};
use crate::output::Output;
use crate::profile::Profile;

/// The control region of `--local` if `--region` sets none.
const LOCAL_REGION: &str = "us-east-1";

/// Creates a client from the flags, and from the environment and a profile for what they leave unset.
/// The profile may also say how to print.
///
/// `--local` ignores the environment, so that a command for the embedded server cannot reach a real service.
///
/// # Errors
/// Returns an error if the flags contradict each other or the settings are invalid.
pub(crate) async fn client(
    service: &Service,
    given: &ArgMatches,
    output: &mut Output,
) -> Result<Client, Failure> {
    if given.get_flag(LOCAL) {
        if LocalChime::endpoints().all(|(served, _)| served.id != service.id) {
            let served: Vec<_> = LocalChime::endpoints().map(|(served, _)| served.id).collect();
            let reason = format!("serves {}, not {}", served.join(", "), service.id);
            return Err(Failure::flag(LOCAL, reason));
        }
        let is_set = |flag: &&str| flags::text(given, flag).is_some();
        if let Some(flag) = [ENDPOINT_URL, PROFILE].into_iter().find(is_set) {
            return Err(Failure::flag(flag, "cannot be used with --local"));
        }
        let mut config = Config::default();
        let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
        config.credentials = Some(credentials.into());
        config.region = Some(flags::text(given, REGION).unwrap_or(LOCAL_REGION).to_owned());
        return Ok(Client::with_http_service(config, local(given)?)?);
    }
    if given.contains_id(STATE) {
        return Err(Failure::flag(STATE, "requires --local"));
    }
    let profile = Profile::chosen(given)?;
    let config = with_flags(profile.config()?, given);
    output.prefer(|name| config.tool_property(name))?;
    #[cfg(feature = "aws-config")]
    let config = crate::chain::with_credentials(config, &profile).await;
    Ok(Client::new(config)?)
}

/// Opens the embedded Chime: with the sample organisation, or with the state in the file of `--state`.
fn local(given: &ArgMatches) -> Result<LocalChime, Failure> {
    let Some(path) = given.get_one::<PathBuf>(STATE) else { return Ok(LocalChime::sample()) };
    LocalChime::open(chime_local::Config::sample(), path)
        .map_err(|error| Failure::file(STATE, path, error))
}

fn with_flags(mut config: Config, given: &ArgMatches) -> Config {
    if let Some(url) = flags::text(given, ENDPOINT_URL) {
        config.endpoint_url = Some(url.to_owned());
    }
    if let Some(region) = flags::text(given, REGION) {
        config.region = Some(region.to_owned());
    }
    if let Some(path) = given.get_one::<PathBuf>(CA_BUNDLE) {
        config.roots.ca_bundle = Some(path.clone());
    }
    config.allow_plain_http = given.get_flag(ALLOW_PLAIN_HTTP);
    let limit = |flag| given.get_one::<u32>(flag).map(|seconds| seconds_or_none(*seconds));
    let (connect, read) = (limit(CONNECT_TIMEOUT), limit(READ_TIMEOUT));
    if connect.is_some() || read.is_some() {
        config.connect_timeout = connect.unwrap_or(config.connect_timeout);
        config.read_timeout = read.flatten();
        // An attempt includes connecting. The deadline of the whole call would cut these two short,
        // so it does not apply.
        let read = read.unwrap_or(config.attempt_timeout);
        config.attempt_timeout = config.connect_timeout.zip(read).map(|(a, b)| a + b);
        config.operation_timeout = None;
    }
    config
}

fn seconds_or_none(seconds: u32) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::command;

    /// The settings after `line`, with the flags before and after the operation alike.
    fn config(line: &[&str]) -> Config {
        let [before, after] = [
            ["chime"].iter().chain(line).chain(&["list-accounts"]),
            ["chime"].iter().chain(&["list-accounts"]).chain(line),
        ]
        .map(|line| {
            let matches = command().try_get_matches_from(line).unwrap();
            with_flags(Config::default(), matches.subcommand().unwrap().1)
        });
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
        after
    }

    #[test]
    fn endpoint_and_region_are_the_flags() {
        let config = config(&["--endpoint-url", "http://e", "--region", "eu-west-1"]);
        assert_eq!(config.endpoint_url.as_deref(), Some("http://e"));
        assert_eq!(config.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn the_ca_bundle_is_that_of_the_flag() {
        let config = config(&["--ca-bundle", "roots.pem"]);
        assert_eq!(config.roots.ca_bundle.as_deref(), Some("roots.pem".as_ref()));
    }

    #[test]
    fn an_empty_flag_counts_as_unset() {
        let config = config(&["--endpoint-url", "", "--region", ""]);
        assert_eq!((config.endpoint_url, config.region), (None, None));
    }

    #[test]
    fn timeouts_are_whole_seconds_and_zero_is_none() {
        let limits = |line: &[&str]| {
            let config = config(line);
            [config.connect_timeout, config.attempt_timeout, config.operation_timeout]
                .map(|limit| limit.map(|limit| limit.as_secs_f64()))
        };
        let defaults = limits(&[]);
        assert!(defaults.iter().all(Option::is_some));
        assert_eq!(
            limits(&["--cli-connect-timeout", "60", "--cli-read-timeout", "100"]),
            [Some(60.0), Some(160.0), None]
        );
        let [connect, attempt, operation] = limits(&["--cli-read-timeout", "0"]);
        assert_eq!((connect, attempt, operation), (defaults[0], None, None));
        assert_eq!(limits(&["--cli-connect-timeout", "0"])[0], None);
        // It counts from the connection.
        let read = config(&["--cli-read-timeout", "2"]).read_timeout;
        assert_eq!(read, Some(Duration::from_secs(2)));
        assert_eq!(config(&["--cli-read-timeout", "0"]).read_timeout, None);
    }
}
