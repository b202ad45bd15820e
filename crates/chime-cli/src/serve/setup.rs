//! Creates a local Chime from the flags.

use std::error::Error;
use std::path::{Path, PathBuf};

use chime_client::model::timestamp;
use chime_local::{
    Config, Credential, Faults, InvalidDocument, LocalChime, OnResponse, Rules, StoreError,
};
use clap::ArgMatches;
use clap::parser::ValueSource;
use time::OffsetDateTime;

use super::{
    ALLOW_REMOTE_DEMO_KEY, CORS, EMPTY, FAULTS, FROZEN, NOW, RANDOM_SEED, RULES, SEED, STATE,
    token_file, warn,
};
use crate::documents;
use crate::failure::Failure;

/// Creates the local Chime.
///
/// # Errors
/// Returns an error if a file cannot be read or is invalid, or if the control token in the environment is
/// invalid.
pub(super) fn chime(
    given: &ArgMatches,
    caller: Credential,
    on_response: Option<OnResponse>,
) -> Result<LocalChime, Failure> {
    let seeds: Vec<&PathBuf> = given.get_many(SEED).into_iter().flatten().collect();
    let mut config = if !seeds.is_empty() {
        let wrong = |path: &Path, error: &dyn Error| Failure::file(SEED, path, error);
        let seed = documents::seed(seeds.iter().copied(), &wrong)?;
        Config { seed, ..Config::default() }
    } else if given.get_flag(EMPTY) {
        Config::default()
    } else {
        Config::sample()
    };
    config.credentials = vec![caller];
    config.on_response = on_response;
    config.control_token = token_file::of_environment().map(Into::into);
    config.cors_origins = given.get_many(CORS).into_iter().flatten().cloned().collect();
    config.allow_remote_demo_credential = given.get_flag(ALLOW_REMOTE_DEMO_KEY);
    if let Some(path) = given.get_one::<PathBuf>(RULES) {
        config.rules = read(RULES, path, Rules::parse)?;
    }
    if let Some(path) = given.get_one::<PathBuf>(FAULTS) {
        config.faults = read(FAULTS, path, Faults::parse)?;
    }
    config.random_seed = given.get_one(RANDOM_SEED).copied().unwrap_or(config.random_seed);
    // Frozen first, so that no time passes after it is set.
    if given.get_flag(FROZEN) {
        config.clock.freeze();
    }
    if let Some(text) = given.get_one::<String>(NOW) {
        config.clock.set(time(text).map_err(|reason| Failure::flag(NOW, reason))?);
    }
    // Each file is valid by itself. Any other error here comes from the seeds combined.
    let wrong = |error: InvalidDocument| {
        if let [problem] = error.problems()
            && let Some(rule) = problem.strip_prefix("ControlToken: ")
        {
            return Failure::Setting(format!("{} {rule}", token_file::VARIABLE));
        }
        let files: Vec<String> = seeds.iter().map(|path| path.display().to_string()).collect();
        Failure::flag(SEED, format!("{}: {error}", files.join(", ")))
    };
    match given.get_one::<PathBuf>(STATE) {
        Some(path) => {
            let opened = LocalChime::open(config, path).map_err(|error| match error {
                StoreError::Invalid(error) => wrong(error),
                error => Failure::file(STATE, path, error),
            })?;
            if opened.is_reopened() {
                warn_of_idle(given, path);
            }
            Ok(opened)
        }
        None => LocalChime::new(config).map_err(wrong),
    }
}

/// Parses the time of a clock.
///
/// # Errors
/// Returns an error if the text is not a time.
pub(crate) fn time(text: &str) -> Result<OffsetDateTime, &'static str> {
    timestamp::parse(text).map_err(|_| "must be a time such as 2025-03-05T12:00:00Z")
}

/// Warns of flags that have no effect because the state is from a file.
fn warn_of_idle(given: &ArgMatches, path: &Path) {
    let of_start = [SEED, EMPTY, RANDOM_SEED, NOW, FROZEN];
    let idle: Vec<String> = of_start
        .into_iter()
        .filter(|flag| given.value_source(flag) == Some(ValueSource::CommandLine))
        .map(|flag| format!("--{flag}"))
        .collect();
    if !idle.is_empty() {
        let (flags, path) = (idle.join(", "), path.display());
        warn(&format!(
            "{flags}: no effect, since {path} exists; only access keys of seeds are used"
        ));
    }
}

/// Reads and parses the file of a flag.
fn read<T, E: Error>(
    flag: &str,
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Failure> {
    documents::read(path, parse, &|path, error| Failure::file(flag, path, error))
}
