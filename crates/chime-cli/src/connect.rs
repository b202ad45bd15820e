//! The client that a command calls with: over the network, or in process with `--local`.

use std::time::Duration;

use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use clap::ArgMatches;

use crate::failure::Failure;
use crate::flags::{
    ALLOW_PLAIN_HTTP, CONNECT_TIMEOUT, ENDPOINT_URL, LOCAL, PROFILE, READ_TIMEOUT, REGION,
};

/// A client as the flags want it, and the environment where they are silent.
///
/// With `--local` the environment counts for nothing: a command that is meant for the embedded
/// Chime must not reach anything else.
///
/// # Errors
/// Settings that no client can be made of.
pub(crate) async fn client(given: &ArgMatches) -> Result<Client, Failure> {
    if given.get_flag(LOCAL) {
        if given.contains_id(ENDPOINT_URL) {
            return Err(Failure::flag(ENDPOINT_URL, "cannot be used with --local"));
        }
        let mut config = Config::default();
        let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
        config.credentials = Some(credentials.into());
        return Ok(Client::with_connection(config, LocalChime::sample())?);
    }
    let profile = given.get_one::<String>(PROFILE);
    let settings = profile.map_or_else(Config::load, |name| Config::load_profile(name))?;
    let config = with_flags(settings, given);
    #[cfg(feature = "aws-config")]
    let config = crate::chain::with_credentials(config, profile).await;
    Ok(Client::new(config)?)
}

fn with_flags(mut config: Config, given: &ArgMatches) -> Config {
    if let Some(url) = given.get_one::<String>(ENDPOINT_URL) {
        config.endpoint_url = Some(url.clone());
    }
    if let Some(region) = given.get_one::<String>(REGION) {
        config.region = Some(region.clone());
    }
    config.allow_plain_http = given.get_flag(ALLOW_PLAIN_HTTP);
    let limit = |flag| given.get_one::<u32>(flag).map(|seconds| seconds_or_none(*seconds));
    let (connect, read) = (limit(CONNECT_TIMEOUT), limit(READ_TIMEOUT));
    if connect.is_some() || read.is_some() {
        config.connect_timeout = connect.unwrap_or(config.connect_timeout);
        // An attempt includes connecting. Whoever sets these two says all there is to say of
        // time: a limit for the whole call would only cut them short.
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
    use crate::flags;

    /// The settings after `line`, with the flags before and after the operation alike.
    fn config(line: &[&str]) -> Config {
        let [before, after] = [
            ["chime"].iter().chain(line).chain(&["list-accounts"]),
            ["chime"].iter().chain(&["list-accounts"]).chain(line),
        ]
        .map(|line| {
            let matches = flags::command().try_get_matches_from(line).unwrap();
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
    }
}
