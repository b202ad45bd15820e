//! Why a command failed: its message and its exit code, both as in the AWS CLI.

mod violation;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::iter;
use std::path::Path;
use std::process::ExitCode;

use chime_client::credentials::CredentialsError;
use chime_client::model::{OperationInfo, ServiceError, Violations};
use chime_client::{Config, ConfigError, EndpointError, Error, ErrorKind, InvalidUrl};

use crate::terminal::tell;

/// The exit code of a bulk run in which not every row is done.
pub(crate) const FAILED_ROWS: u8 = 1;
/// The exit code after Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;
/// The exit code for an invalid command line or input. Nothing was sent.
pub(crate) const USAGE: u8 = 252;
/// The exit code for missing or failing credentials.
const CREDENTIALS: u8 = 253;
/// The exit code for an error of the service.
const SERVICE: u8 = 254;
/// The exit code for anything else.
pub(crate) const GENERAL: u8 = 255;

/// The exit codes, as help texts list them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  Success
    1  bulk: a row failed, was not sent, or has an unknown outcome
  130  Interrupted by Ctrl-C; bulk: --resume continues; serve: a second signal arrived
  252  The command line or the input is invalid; nothing was sent
  253  No credentials, or they could not be loaded
  254  The service returned an error
  255  Any other failure, such as a connection error, a timeout or an invalid setting

If a list fails on a later page, text and yaml-stream have printed the earlier pages; other formats
print nothing.

'help' after a service or an operation describes it, as in 'chime create-room help'.";

/// Whether this build of the command gets credentials from all sources of the AWS SDKs.
const HAS_ALL_SOURCES: bool = cfg!(feature = "aws-config");
/// How to get such a build.
const INSTALL: &str = "cargo install chime-cli --features aws-config";

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The value of a flag is invalid.
    Flag { flag: String, reason: String },
    /// The input of the operation violates its constraints.
    Invalid(&'static OperationInfo, Violations),
    /// A variable of the environment is invalid.
    Setting(String),
    /// No client can be made from the settings.
    Config(ConfigError),
    /// The call failed.
    Call(Error),
    /// The query cannot be evaluated on the result.
    Query(String),
    /// A list returned a page token twice.
    RepeatedToken,
    /// The system refused an action, such as to listen on a port.
    Io(String, io::Error),
    /// Any other failure, such as a wait that timed out.
    Other { code: u8, message: String },
}

impl Failure {
    /// Creates the failure of a flag with an invalid value.
    pub(crate) fn flag(flag: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Flag { flag: flag.into(), reason: reason.into() }
    }

    /// Creates the failure of a flag whose file cannot be used.
    pub(crate) fn file(flag: &str, path: &Path, error: impl StdError) -> Self {
        let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        Self::flag(flag, format!("{}: {error}{source}", path.display()))
    }

    /// Creates the failure of a call.
    pub(crate) fn call(info: &'static OperationInfo, error: Error) -> Self {
        match error.kind() {
            ErrorKind::Invalid(violations) => Self::Invalid(info, violations.clone()),
            ErrorKind::Config(error) => Self::Config(error.clone()),
            _ => Self::Call(error),
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Flag { .. } | Self::Invalid(..) => USAGE,
            Self::Config(ConfigError::MissingCredentials) => CREDENTIALS,
            Self::Call(error) if error.service().is_some() => SERVICE,
            Self::Call(error) if causes(error).any(|cause| cause.is::<CredentialsError>()) => {
                CREDENTIALS
            }
            Self::Setting(_)
            | Self::Config(_)
            | Self::Call(_)
            | Self::Query(_)
            | Self::RepeatedToken
            | Self::Io(..) => GENERAL,
            Self::Other { code, .. } => *code,
        }
    }

    /// Prints the message to stderr and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        tell(format_args!("\n{self}"));
        self.code().into()
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag { flag, reason } => {
                write!(f, "Error parsing parameter '--{flag}': {reason}")
            }
            Self::Invalid(info, violations) => {
                f.write_str("Parameter validation failed:")?;
                violations.into_iter().try_for_each(|violation| violation::write(f, info, violation))
            }
            Self::Setting(reason) => f.write_str(reason),
            Self::Config(error) => config_error(f, error),
            Self::Call(error) => {
                match error.service() {
                    Some(service) => service_error(f, error, service)?,
                    None => f.write_str(&chain(error))?,
                }
                let is_refused = |cause: &(dyn StdError + 'static)| {
                    let cause = cause.downcast_ref::<io::Error>();
                    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
                };
                match error.hint() {
                    Some(hint) => write!(f, "\nHint: {hint}"),
                    None if causes(error).any(is_refused) => f.write_str(
                        "\nHint: no server listens there; check the URL, or start \
                         'chime serve'",
                    ),
                    None => Ok(()),
                }
            }
            Self::Query(reason) => write!(f, "Cannot evaluate --query: {reason}"),
            Self::RepeatedToken => f.write_str(
                "Error during pagination: the same next token was received twice, so the list would \
                 never end; --no-paginate fetches one page",
            ),
            Self::Other { message, .. } => f.write_str(message),
            Self::Io(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

/// Writes an error of the settings, with the flags that fix it.
fn config_error(f: &mut fmt::Formatter<'_>, error: &ConfigError) -> fmt::Result {
    match error {
        ConfigError::MissingCredentials => {
            f.write_str(
                "Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                 choose a profile with --profile, or use --local.",
            )?;
            if HAS_ALL_SOURCES {
                return Ok(());
            }
            write!(
                f,
                "\nHint: this build of chime does not look for credentials of a container or an EC2 \
                 instance; install one that does: {INSTALL}"
            )
        }
        ConfigError::Endpoint(EndpointError::MissingRegion) => f.write_str(
            "no region is set: pass --region, or set AWS_REGION or the region of the profile",
        ),
        ConfigError::Endpoint(EndpointError::Invalid(InvalidUrl::PlainHttp)) => f.write_str(
            "the endpoint URL must use https unless the host is a loopback address; pass \
             --allow-plain-http to override",
        ),
        ConfigError::Endpoint(EndpointError::Invalid(InvalidUrl::Malformed)) => {
            write!(f, "{error}, such as http://127.0.0.1:24463")
        }
        ConfigError::Profile(message) => {
            f.write_str(message)?;
            match Config::profile_names().unwrap_or_default() {
                names if message.contains(" not found in ") && !names.is_empty() => {
                    write!(f, "\nHint: the profiles are {}", names.join(", "))
                }
                _ => Ok(()),
            }
        }
        error => write!(f, "{error}"),
    }
}

/// Writes an error of the service in the form that scripts know from the AWS CLI.
fn service_error(f: &mut fmt::Formatter<'_>, error: &Error, service: &ServiceError) -> fmt::Result {
    let (exception, operation) = (&service.exception, error.operation().name);
    write!(f, "An error occurred ({exception}) when calling the {operation} operation: ")?;
    match &service.message {
        Some(message) => f.write_str(message)?,
        None => write!(f, "HTTP {}", service.status)?,
    }
    if let Some(id) = error.request_id() {
        write!(f, " (request id {id})")?;
    }
    match error.attempts() {
        Some(attempts) if attempts.are_notable() => write!(f, " ({attempts})"),
        _ => Ok(()),
    }
}

/// The message of an error and of all its sources.
pub(crate) fn chain(error: &Error) -> String {
    iter::once(error.to_string())
        .chain(causes(error).map(ToString::to_string))
        .collect::<Vec<_>>()
        .join(": ")
}

/// The sources of an error.
fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut below = error.source();
    iter::from_fn(move || {
        let cause = below?;
        below = cause.source();
        Some(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_client::model::check;
    use chime_client::model::chime::API;
    use chime_client::{Client, Config, Credentials};
    use chime_local::{LocalChime, sample};
    use serde_json::{Map, Value, json};

    fn info(name: &str) -> &'static OperationInfo {
        API.operation(name).unwrap()
    }

    /// The failure of a call to a local Chime.
    fn call(name: &str, input: Value, secret: &str) -> Failure {
        let Value::Object(input) = input else { panic!("{input}") };
        let mut config = Config::default();
        config.credentials = Some(Credentials::new(sample::ACCESS_KEY_ID, secret).into());
        let client = Client::with_http_service(config, LocalChime::sample()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = runtime.block_on(client.call(info(name), input));
        Failure::call(info(name), result.unwrap_err())
    }

    #[test]
    fn exit_codes_are_those_of_the_aws_cli() {
        let invalid = check(info("GetRoom").input, &Map::new()).unwrap_err();
        let variable = ConfigError::Variable { name: "AWS_MAX_ATTEMPTS", expected: "a number" };
        let account = json!({"AccountId": sample::TEAM_ACCOUNT_ID});
        for (failure, code) in [
            (Failure::flag("name", "is wrong"), 252),
            (Failure::Invalid(info("GetRoom"), invalid), 252),
            (call("GetAccount", json!({"AccountId": ".."}), sample::SECRET_ACCESS_KEY), 252),
            (ConfigError::MissingCredentials.into(), 253),
            (call("GetAccount", account, "wrong"), 254),
            (Failure::Setting("is wrong".to_owned()), 255),
            (variable.into(), 255),
            (Failure::Io("cannot print".to_owned(), io::ErrorKind::StorageFull.into()), 255),
        ] {
            assert_eq!(failure.code(), code, "{failure}");
        }
    }

    #[test]
    fn a_service_error_reads_as_in_the_aws_cli() {
        let account = json!({"AccountId": "00000000-0000-0000-0000-000000000000"});
        let text = call("GetAccount", account, sample::SECRET_ACCESS_KEY).to_string();
        let start = "An error occurred (NotFoundException) when calling the GetAccount operation: ";
        assert!(text.starts_with(start) && text.contains(" (request id "), "{text}");
        assert!(!text.contains("attempts"), "{text}");
    }

    #[test]
    fn a_hint_has_a_line_of_its_own() {
        let room = json!({"AccountId": sample::TEAM_ACCOUNT_ID, "Name": "n"});
        let text = call("CreateRoom", room, sample::SECRET_ACCESS_KEY).to_string();
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("Hint: ")), "{text}");
    }

    #[test]
    fn violations_name_the_flag_of_the_outermost_member() {
        let input = json!({"AccountId": "a", "Colour": 1, "MembershipItemList": [{"Role": "x"}]});
        let info = info("BatchCreateRoomMembership");
        let text = Failure::Invalid(info, check(info.input, &input).unwrap_err()).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0..2].iter().any(|line| line.starts_with("Colour: is not a member ")),
            "{text}"
        );
        assert!(lines.contains(&"RoomId: is required (--room-id)"), "{text}");
        let role = lines.iter().find(|line| line.starts_with("MembershipItemList[0].Role: "));
        assert!(role.is_some_and(|line| line.ends_with(" (--membership-item-list)")), "{text}");
    }
}
