//! A local Chime as the flags want it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use chime_local::{
    Config, Credential, Faults, InvalidDocument, LocalChime, OnAnswer, Rules, Seed, StoreError,
};
use clap::ArgMatches;

use super::{EMPTY, FAULTS, RULES, SEED, STATE};
use crate::failure::Failure;

/// The Chime that the flags ask for.
///
/// # Errors
/// If a file is no good.
pub(super) fn chime(
    given: &ArgMatches,
    caller: Credential,
    on_answer: Option<OnAnswer>,
) -> Result<LocalChime, Failure> {
    let seeds: Vec<&PathBuf> = given.get_many(SEED).into_iter().flatten().collect();
    let mut config = if !seeds.is_empty() {
        Config { seed: seed(&seeds)?, ..Config::default() }
    } else if given.get_flag(EMPTY) {
        Config::default()
    } else {
        Config::sample()
    };
    config.credentials = vec![caller];
    config.on_answer = on_answer;
    if let Some(path) = given.get_one(RULES) {
        config.rules = read(RULES, path, Rules::parse)?;
    }
    if let Some(path) = given.get_one(FAULTS) {
        config.faults = read(FAULTS, path, Faults::parse)?;
    }
    // Everything was checked by itself: what is left is what the seeds say together.
    let wrong = |error: InvalidDocument| {
        let files: Vec<String> = seeds.iter().map(|path| path.display().to_string()).collect();
        Failure::flag(SEED, format!("{}: {error}", files.join(", ")))
    };
    match given.get_one::<PathBuf>(STATE) {
        Some(path) => LocalChime::open(config, path).map_err(|error| match error {
            StoreError::Invalid(error) => wrong(error),
            error => useless(STATE, path, error),
        }),
        None => LocalChime::new(config).map_err(wrong),
    }
}

/// All that these files say together.
fn seed(paths: &[&PathBuf]) -> Result<Seed, Failure> {
    let mut all = Seed::default();
    for path in paths {
        let seed = read(SEED, path, Seed::parse)?;
        all.merge(seed).map_err(|error| useless(SEED, path, error))?;
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
