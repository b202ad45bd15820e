//! What went wrong, in words and as an exit code; both as the AWS CLI has them.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::iter;
use std::process::ExitCode;

use chime_client::credentials::CredentialsError;
use chime_client::model::{OperationInfo, ServiceError, Violation, Violations};
use chime_client::{ConfigError, Error, ErrorKind};

use crate::names::kebab;
use crate::terminal::tell;

/// The command line is wrong, or what is to be sent is: nothing was sent.
pub(crate) const USAGE: u8 = 252;
/// There are no credentials.
const CREDENTIALS: u8 = 253;
/// The service answered with an error.
const SERVICE: u8 = 254;
/// Anything else.
const GENERAL: u8 = 255;

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A flag has a value that it cannot have.
    Flag { flag: String, reason: String },
    /// The input of the operation breaks the rules of its row.
    Invalid(&'static OperationInfo, Violations),
    /// The environment has something that it cannot have.
    Setting(String),
    /// The settings do not suffice to call anything.
    Config(ConfigError),
    /// The call failed.
    Call(Error),
    /// The system refused something, such as to listen.
    Io(String, io::Error),
}

impl Failure {
    /// A flag has a value that it cannot have.
    pub(crate) fn flag(flag: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Flag { flag: flag.into(), reason: reason.into() }
    }

    /// The call of an operation failed.
    pub(crate) fn call(info: &'static OperationInfo, error: Error) -> Self {
        match error.kind() {
            ErrorKind::Invalid(violations) => Self::Invalid(info, violations.clone()),
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
            Self::Setting(_) | Self::Config(_) | Self::Call(_) | Self::Io(..) => GENERAL,
        }
    }

    /// Tells it on stderr and gives the exit code.
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
                violations.as_slice().iter().try_for_each(|violation| {
                    write!(f, "\n{violation}")?;
                    match flag_of(info, violation) {
                        Some(flag) => write!(f, " (--{flag})"),
                        None => Ok(()),
                    }
                })
            }
            Self::Setting(reason) => f.write_str(reason),
            Self::Config(ConfigError::MissingCredentials) => f.write_str(
                "Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                 or use --local.",
            ),
            Self::Config(error) => error.fmt(f),
            Self::Call(error) => {
                match error.service() {
                    Some(service) => refusal(f, error, service)?,
                    None => chain(f, error)?,
                }
                error.hint().map_or(Ok(()), |hint| write!(f, "\nHint: {hint}"))
            }
            Self::Io(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

/// The flag that the violation is about: that of the outermost member on its path.
fn flag_of(info: &OperationInfo, violation: &Violation) -> Option<String> {
    let outermost = violation.path.split(['.', '[']).next()?;
    info.input.member(outermost).map(|member| kebab(member.name))
}

/// What the service said, in the words that scripts know from the AWS CLI.
fn refusal(f: &mut fmt::Formatter<'_>, error: &Error, service: &ServiceError) -> fmt::Result {
    let (exception, operation) = (&service.exception, error.operation());
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

/// The error and everything below it.
fn chain(f: &mut fmt::Formatter<'_>, error: &Error) -> fmt::Result {
    write!(f, "{error}")?;
    causes(error).try_for_each(|cause| write!(f, ": {cause}"))
}

/// What lies below an error.
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
    use chime_client::model::chime::CHIME;
    use chime_client::{Client, Config, Credentials};
    use chime_local::{LocalChime, sample};
    use serde_json::{Map, Value, json};

    fn info(name: &str) -> &'static OperationInfo {
        CHIME.operation(name).unwrap()
    }

    /// What comes of a call to a local Chime.
    fn call(name: &str, input: Value, secret: &str) -> Failure {
        let Value::Object(input) = input else { panic!("{input}") };
        let mut config = Config::default();
        config.credentials = Some(Credentials::new(sample::ACCESS_KEY_ID, secret).into());
        let client = Client::with_connection(config, LocalChime::sample()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = runtime.block_on(client.call(info(name), input));
        Failure::call(info(name), result.unwrap_err())
    }

    #[test]
    fn exit_codes_tell_who_is_to_blame() {
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
    fn a_refusal_reads_as_in_the_aws_cli() {
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
        assert!(lines.contains(&"Colour: is not a member that this structure has"), "{text}");
        assert!(lines.contains(&"RoomId: is required (--room-id)"), "{text}");
        let role = lines.iter().find(|line| line.starts_with("MembershipItemList[0].Role: "));
        assert!(role.is_some_and(|line| line.ends_with(" (--membership-item-list)")), "{text}");
    }
}
