//! Credentials that another program prints: `credential_process` of a profile.

use std::fmt;
use std::process::Stdio;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::process::Command;

use super::{Credentials, CredentialsError, Load, Provider};

/// Runs a command line in the system's shell, which has to print a JSON document with `Version` 1,
/// `AccessKeyId`, `SecretAccessKey`, and as it likes `SessionToken` and `Expiration`.
///
/// What it prints elsewhere, on its standard error, comes out on ours: errors hold nothing of it,
/// since it may be secret. It cannot read our standard input. It ends when nobody waits any more.
///
/// It needs a runtime of tokio with IO.
pub struct Process(String);

impl Process {
    /// The command line as the shell reads it, quotes and all.
    pub fn new(command_line: impl Into<String>) -> Self {
        Self(command_line.into())
    }

    async fn run(&self) -> Result<Credentials, CredentialsError> {
        let mut command = shell(&self.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let output = command.kill_on_drop(true).spawn().map_err(not_started)?;
        let output = output.wait_with_output().await.map_err(not_started)?;
        if !output.status.success() {
            return Err(CredentialsError::new(format!(
                "the credential_process failed: {}",
                output.status
            )));
        }
        read(&output.stdout).map_err(CredentialsError::new)
    }
}

impl Provider for Process {
    fn load(&self) -> Load<'_> {
        Box::pin(self.run())
    }
}

/// Without the command line: its arguments may be secrets.
impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Process")
    }
}

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    // Quotes in it are meant for cmd, not for the rules of C programs.
    command.arg("/C").raw_arg(line);
    command
}

fn not_started(error: std::io::Error) -> CredentialsError {
    CredentialsError::new("the credential_process could not be run").because(error)
}

fn read(printed: &[u8]) -> Result<Credentials, &'static str> {
    // The parser's own error would show a piece of it.
    let document: Value = serde_json::from_slice(printed)
        .map_err(|_| "the credential_process printed something that is no JSON")?;
    if document.get("Version").and_then(Value::as_u64) != Some(1) {
        return Err("the credential_process printed JSON that is not of Version 1");
    }
    let text = |name| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("AccessKeyId").ok_or("the credential_process printed no AccessKeyId")?;
    let secret =
        text("SecretAccessKey").ok_or("the credential_process printed no SecretAccessKey")?;
    let mut credentials = Credentials::new(id, secret);
    if let Some(token) = text("SessionToken") {
        credentials = credentials.with_session_token(token);
    }
    if let Some(expiration) = text("Expiration") {
        let expiry = OffsetDateTime::parse(expiration, &Rfc3339)
            .map_err(|_| "the credential_process printed an Expiration that is no time")?;
        // Before 1970 is as expired as in 1970, and a time on every system.
        let since = u64::try_from(expiry.unix_timestamp()).unwrap_or_default();
        credentials = credentials.with_expiry(UNIX_EPOCH + Duration::from_secs(since));
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_has_to_print() {
        let long = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "More": []}"#;
        let long = read(long.as_bytes()).unwrap();
        assert!(long.are(&Credentials::new("a", "b")) && long.expiry().is_none());
        let temporary = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b",
            "SessionToken": "t", "Expiration": "2026-11-23T16:07:45+01:00"}"#;
        let temporary = read(temporary.as_bytes()).unwrap();
        assert!(temporary.are(&Credentials::new("a", "b").with_session_token("t")));
        assert_eq!(temporary.expiry(), Some(UNIX_EPOCH + Duration::from_secs(1_795_446_465)));
        let over = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b",
            "Expiration": "0001-01-01T00:00:00Z"}"#;
        assert_eq!(read(over.as_bytes()).unwrap().expiry(), Some(UNIX_EPOCH));
    }

    #[test]
    fn errors_show_nothing_of_it() {
        for printed in [
            "very-secret",
            r#"{"Version": 2, "SecretAccessKey": "very-secret"}"#,
            r#"{"Version": 1, "SecretAccessKey": "very-secret"}"#,
            r#"{"Version": 1, "AccessKeyId": "very-secret", "SecretAccessKey": ""}"#,
            r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "very-secret"}"#,
        ] {
            let error = read(printed.as_bytes()).unwrap_err();
            assert!(error.starts_with("the credential_process printed"), "{error}");
            assert!(!error.contains("very-secret"), "{error}");
        }
        assert_eq!(format!("{:?}", Process::new("very-secret")), "Process");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_shell_runs_it() {
        let json = r#"{"Version":1,"AccessKeyId":"a b","SecretAccessKey":"s"}"#;
        let credentials = Process::new(format!("printf '%s' '{json}' | cat")).load().await;
        assert_eq!(credentials.unwrap().access_key_id(), "a b");
        let error = Process::new("echo very-secret; exit 3").load().await.unwrap_err();
        assert_eq!(error.to_string(), "the credential_process failed: exit status: 3");
    }
}
