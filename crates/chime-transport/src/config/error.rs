//! Errors of settings. They contain the names of variables, properties, profiles and files, but no
//! values, since a value may be a secret.

use std::fmt;

use crate::endpoint::EndpointError;

/// Invalid or incomplete settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No credentials are configured.
    MissingCredentials,
    /// The endpoint cannot be resolved.
    Endpoint(EndpointError),
    /// An environment variable is invalid, or missing although another one requires it.
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
    /// The selected profile does not exist or is invalid, or a file cannot be read. Contains a
    /// human-readable message.
    Profile(String),
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
            Self::Profile(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ConfigError {}
