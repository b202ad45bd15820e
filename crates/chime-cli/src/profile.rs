//! The profile of a command, in the shared config and credentials files.

use std::env::{self, VarError};
use std::fs;

use chime_client::Config;
use clap::ArgMatches;

use crate::failure::Failure;
use crate::flags::{self, PROFILE};

/// The AWS CLI reads this variable before `AWS_PROFILE`. The library does not know it.
const DEFAULT_PROFILE: &str = "AWS_DEFAULT_PROFILE";

/// The profile whose settings and credentials a command uses.
pub(crate) enum Profile {
    /// The profile of `--profile`. Its credentials rank above those in the environment.
    Flag(String),
    /// The profile of `AWS_DEFAULT_PROFILE`. Credentials in the environment rank above its own.
    DefaultVariable(String),
    /// The profile of `AWS_PROFILE`, or `default`.
    Unset,
}

impl Profile {
    /// Finds the profile. An empty name counts as unset.
    pub(crate) fn chosen(given: &ArgMatches) -> Result<Self, Failure> {
        if let Some(name) = flags::text(given, PROFILE) {
            return Ok(Self::Flag(name.to_owned()));
        }
        match env::var(DEFAULT_PROFILE) {
            Ok(name) if !name.is_empty() => Ok(Self::DefaultVariable(name)),
            Ok(_) | Err(VarError::NotPresent) => Ok(Self::Unset),
            Err(VarError::NotUnicode(_)) => {
                Err(Failure::Setting(format!("{DEFAULT_PROFILE} is not valid UTF-8")))
            }
        }
    }

    /// Loads its settings.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(match self {
            Self::Flag(name) => Config::load_profile(name)?,
            Self::DefaultVariable(name) => {
                let vars = env::vars_os().filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                });
                let vars = vars.filter(|(name, _)| name != "AWS_PROFILE");
                let vars = vars.chain([("AWS_PROFILE".to_owned(), name.clone())]);
                Config::load_from(vars, None, |file| fs::read_to_string(file))?
            }
            Self::Unset => Config::load()?,
        })
    }
}
