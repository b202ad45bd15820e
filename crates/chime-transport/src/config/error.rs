//! What is wrong with settings. No error shows the value of one: it may be a secret.

use std::path::PathBuf;
use std::{fmt, io};

use crate::endpoint::EndpointError;

/// Settings that no client can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nobody is named who signs.
    MissingCredentials,
    /// There is no endpoint.
    Endpoint(EndpointError),
    /// A variable of the environment has a value that means nothing.
    Variable {
        /// Its name.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// A property of a profile has a value that means nothing, or has none.
    Property {
        /// The name of the profile.
        profile: String,
        /// The name of the property.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A profile was chosen that neither file has.
    NoProfile {
        /// Its name.
        name: String,
    },
    /// A profile refers to a `[services]` section that does not exist.
    NoServices {
        /// The name of the section.
        name: String,
        /// The name of the profile.
        profile: String,
    },
    /// A file of settings breaks the rules of its format.
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// A file of settings is there, and cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        kind: io::ErrorKind,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingCredentials => f.write_str(
                "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile that has \
                 them, or give them in code; those of a role, a container or a machine come with a \
                 provider such as that of aws-config",
            ),
            Self::Endpoint(error) => error.fmt(f),
            Self::Variable { name, expected } => write!(f, "{name} must be {expected}"),
            Self::Property { profile, key, expected } => {
                write!(f, "{key} of the profile {profile} must be {expected}")
            }
            Self::NoProfile { name } => write!(f, "there is no profile {name}"),
            Self::NoServices { name, profile } => write!(
                f,
                "the profile {profile} names a section [services {name}], which does not exist"
            ),
            Self::Malformed { file, line, expected } => {
                write!(f, "{}:{line}: expected {expected}", file.display())
            }
            Self::Unreadable { file, kind } => {
                write!(f, "{} cannot be read: {kind}", file.display())
            }
        }
    }
}

impl std::error::Error for ConfigError {}
