//! Credentials from another program (`credential_process` in a profile).

use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::{Credentials, CredentialsError, Load, Provider};

/// The maximum size of the output. Programs print less than 4 KiB.
const MAX_OUTPUT: u64 = 1024 * 1024;

/// Runs a command line in the system's shell and reads the credentials that it prints.
///
/// The output is a JSON document with `Version` 1, `AccessKeyId` and `SecretAccessKey`, and optionally
/// `SessionToken` and `Expiration`, an ISO 8601 time with an offset.
///
/// The program inherits standard input and standard error, so that it can ask for a code. Errors do not
/// show its output, which may be secret.
///
/// Dropping a load kills the shell. Most shells replace themselves by the program if the command line is
/// a single command. The programs of a pipeline are not killed.
///
/// Needs a tokio runtime.
pub struct Process(String);

impl Process {
    /// Creates a provider that runs a command line. The shell interprets it, including quotes.
    pub fn new(command_line: impl Into<String>) -> Self {
        Self(command_line.into())
    }

    async fn run(&self) -> Result<Credentials, CredentialsError> {
        let mut command = shell(&self.0);
        command.stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = Running(command.spawn().map_err(not_started)?);
        let stdout = child.0.stdout.take();
        let (sender, output) = oneshot::channel();
        // Not a blocking task, since a runtime waits for those when it shuts down.
        thread::spawn(|| {
            let mut output = Vec::new();
            let read = stdout.map_or(Ok(0), |out| out.take(MAX_OUTPUT).read_to_end(&mut output));
            let _ = sender.send(read.map(|_| output));
        });
        let output = output.await.map_err(io::Error::other).flatten().map_err(not_started)?;
        if output.len() as u64 == MAX_OUTPUT {
            return Err(CredentialsError::new("credential_process printed more than 1 MiB"));
        }
        let status = child.end().await.map_err(not_started)?;
        if !status.success() {
            return Err(CredentialsError::new(format!("credential_process failed: {status}")));
        }
        read(&output).map_err(CredentialsError::new)
    }
}

/// A shell that is killed on drop.
struct Running(Child);

impl Running {
    /// Waits for a program that has closed its standard output and is about to end.
    async fn end(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if the program has already ended.
        if self.0.kill().is_ok() {
            let _ = self.0.wait();
        }
    }
}

impl Provider for Process {
    fn load(&self) -> Load<'_> {
        Box::pin(self.run())
    }
}

// Does not show the command line, whose arguments may be secrets.
debug_by_name!(Process);

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    // `arg` would escape the quotes, which cmd must interpret. With `/S`, it removes exactly the outer
    // ones. Without, it would remove the first and the last quote of `"C:\a b\c.exe" "d e"`.
    command.raw_arg("/S /C").raw_arg(format!("\"{line}\""));
    command
}

fn not_started(error: io::Error) -> CredentialsError {
    CredentialsError::new("cannot run credential_process").with_source(error)
}

/// Reads the output. Null and an empty string count as absent, except for the expiration.
fn read(output: &[u8]) -> Result<Credentials, String> {
    // The error of the parser would show part of the output.
    let document: Map<String, Value> = serde_json::from_slice(output)
        .map_err(|_| "the output of credential_process is not a JSON object")?;
    if document.get("Version").and_then(Value::as_u64) != Some(1) {
        return Err("the output of credential_process must have Version 1".to_owned());
    }
    let string = |name: &str| match document.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(value) => value.as_str().ok_or_else(|| invalid(name, "a string")),
    };
    let required = |name: &str| match string(name)? {
        "" => Err(invalid(name, "a string that is not empty")),
        text => Ok(text),
    };
    let (id, secret) = (required("AccessKeyId")?, required("SecretAccessKey")?);
    let token = Some(string("SessionToken")?).filter(|token| !token.is_empty());
    let expiration = document.get("Expiration").filter(|value| !value.is_null());
    let expected = "an ISO 8601 time with an offset, such as 2030-01-01T00:00:00Z";
    let expiry = |value: &Value| value.as_str().and_then(timestamp);
    let expiry = expiration
        .map(|value| expiry(value).ok_or_else(|| invalid("Expiration", expected)))
        .transpose()?;
    Ok(Credentials::from_parts(id, secret, token, expiry))
}

fn invalid(member: &str, expected: &str) -> String {
    format!("{member} in the output of credential_process must be {expected}")
}

/// Reads an ISO 8601 time with an offset. Programs mix the extended and the basic format, so separators
/// are removed first.
fn timestamp(text: &str) -> Option<SystemTime> {
    let text = text.trim().to_ascii_uppercase();
    // Without its '-', a negative year would become a positive one.
    let is_digit = |first: char| first.is_ascii_digit();
    let (date, time) =
        text.split_once(['T', ' ']).filter(|(date, _)| date.starts_with(is_digit))?;
    let basic = format!("{}T{}", date.replace('-', ""), time.replace([':', ' '], ""));
    let time = OffsetDateTime::parse(&basic, &Iso8601::PARSING).ok()?;
    // Some systems cannot represent times before 1970. 1970 has expired just as well.
    let seconds = u64::try_from(time.unix_timestamp()).unwrap_or_default();
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
