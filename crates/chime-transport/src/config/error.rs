//! Errors of settings. They show names of variables, properties, profiles and files, and no other
//! value: a value may be a secret.

use std::path::PathBuf;
use std::{fmt, io};

use crate::endpoint::EndpointError;

/// Invalid or incomplete settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No credentials are configured.
    MissingCredentials,
    /// The endpoint cannot be resolved.
    Endpoint(EndpointError),
    /// An environment variable is invalid, or missing although another one needs it.
    Variable {
        /// The name of the variable.
        name: &'static str,
        /// What its value must be.
        expected: &'static str,
    },
    /// The value of an environment variable is not UTF-8.
    NotUtf8 {
        /// The name of the variable.
        name: String,
    },
    /// A property of a profile is invalid, or missing although another one needs it.
    Property {
        /// The name of the profile.
        profile: String,
        /// The name of the property.
        key: &'static str,
        /// What its value must be.
        expected: &'static str,
    },
    /// The chosen profile does not exist.
    NoProfile {
        /// The name of the profile.
        name: String,
        /// The files that were searched. Empty if neither a variable nor `HOME` names any.
        files: Vec<PathBuf>,
    },
    /// The profile refers to a `[services]` section that does not exist.
    NoServices {
        /// The name of the section.
        name: String,
        /// The name of the profile.
        profile: String,
    },
    /// A section that the chosen profile uses has a malformed line.
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line number, starting at 1.
        line: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// The config or credentials file exists and cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The reason.
        kind: io::ErrorKind,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingCredentials => f.write_str(
                "no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, add \
                 credentials to a profile, or set them in code; roles, SSO, containers and EC2 need \
                 a credentials provider such as that of aws-config",
            ),
            Self::Endpoint(error) => error.fmt(f),
            Self::Variable { name, expected } => write!(f, "{name} must be {expected}"),
            Self::NotUtf8 { name } => write!(f, "{name} must be UTF-8 text"),
            Self::Property { profile, key, expected } => {
                write!(f, "{key} of profile {profile:?} must be {expected}")
            }
            Self::NoProfile { name, files } => {
                write!(f, "profile {name:?} not found")?;
                let mut link = " in";
                for file in files {
                    write!(f, "{link} {}", file.display())?;
                    link = " or";
                }
                match files.is_empty() {
                    true => f.write_str(": HOME is unset, so no file was searched"),
                    false => Ok(()),
                }
            }
            Self::NoServices { name, profile } => {
                write!(f, "section [services {name}] not found, which profile {profile:?} refers to")
            }
            Self::Malformed { file, line, expected } => {
                write!(f, "{}:{line}: expected {expected}", file.display())
            }
            Self::Unreadable { file, kind } => write!(f, "cannot read {}: {kind}", file.display()),
        }
    }
}

impl std::error::Error for ConfigError {}
