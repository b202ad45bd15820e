//! Credentials from another program (`credential_process` in a profile).

use std::fmt;
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

/// Runs a command line in the system's shell and reads the credentials that it prints.
///
/// The output is a JSON document with `Version` 1, `AccessKeyId` and `SecretAccessKey`, and optionally
/// `SessionToken` and `Expiration`, an ISO 8601 time with an offset.
///
/// The program inherits standard input and standard error, so that it can ask for a code. It is killed
/// when no caller is waiting any more. Errors do not show its output, which may be secret.
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
            let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut output));
            let _ = sender.send(read.map(|_| output));
        });
        let output = output.await.map_err(io::Error::other).flatten().map_err(not_started)?;
        let status = child.end().await.map_err(not_started)?;
        if !status.success() {
            return Err(CredentialsError::new(format!("credential_process failed: {status}")));
        }
        read(&output).map_err(CredentialsError::new)
    }
}

/// A program that is killed on drop.
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

/// Does not show the command line, whose arguments may be secrets.
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
    let mut credentials = Credentials::new(required("AccessKeyId")?, required("SecretAccessKey")?);
    let token = string("SessionToken")?;
    if !token.is_empty() {
        credentials = credentials.with_session_token(token);
    }
    if let Some(expiration) = document.get("Expiration").filter(|value| !value.is_null()) {
        let expected = "an ISO 8601 time with an offset, such as 2030-01-01T00:00:00Z";
        let expiry = expiration.as_str().and_then(timestamp);
        let expiry = expiry.ok_or_else(|| invalid("Expiration", expected))?;
        credentials = credentials.with_expiry(expiry);
    }
    Ok(credentials)
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
mod tests {
    use super::*;

    /// Returns output with an access key and additional members.
    fn output(members: &str) -> String {
        format!(r#"{{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"{members}}}"#)
    }

    #[test]
    fn output_with_and_without_optional_members() {
        for absent in [
            r#", "More": []"#,
            r#", "SessionToken": null, "Expiration": null"#,
            r#", "SessionToken": """#,
        ] {
            let credentials = read(output(absent).as_bytes()).unwrap();
            assert!(credentials.are(&Credentials::new("a", "b")), "{absent}");
            assert_eq!(credentials.expiry(), None, "{absent}");
        }
        let all = r#", "SessionToken": "t", "Expiration": "2026-11-23T16:07:45+01:00""#;
        let temporary = read(output(all).as_bytes()).unwrap();
        assert!(temporary.are(&Credentials::new("a", "b").with_session_token("t")));
        assert_eq!(temporary.expiry(), Some(UNIX_EPOCH + Duration::from_secs(1_795_446_465)));
    }

    #[test]
    fn times_in_many_spellings() {
        let seconds = |text| {
            let time: Option<SystemTime> = timestamp(text);
            time.map(|time| time.duration_since(UNIX_EPOCH).unwrap().as_secs())
        };
        let same = "2030-01-01T00:00:00Z 2030-01-01T00:00:00+0000 2030-01-01T00:00:00-00:00 \
            2030-01-01T00:00:00+00 20300101T000000Z 20300101t000000z 20300101T000000.000Z \
            20300101T010000+0100 2030-01-01T00:00Z 2029-12-31T16:30:00,5-07:30";
        let spaced = ["2030-01-01 00:00:00 +0000", " 2030-01-01T00:00:00Z\n"];
        for text in same.split_whitespace().chain(spaced) {
            assert_eq!(seconds(text), Some(1_893_456_000), "{text}");
        }
        assert_eq!(seconds("0001-01-01T00:00:00Z"), Some(0));
        let invalid = "0 1893456000 tomorrow T 2030-01-01 2030-01-01T00:00:00 2030-01-01TZ \
            2030-13-01T00:00:00Z 2030-02-30T00:00:00Z 2030-01-01T25:00:00Z 2030-1-1T00:00:00Z \
            2030-01-01T00:00:00.Z 2030-01-01T00:00:00.xZ 2030-01-01T00:00:00ZZ \
            2030-01-01T00:00:00+1 2030-01-01T00:00:00+9900 -2030-01-01T00:00:00Z";
        for text in invalid.split_whitespace().chain([""]) {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn invalid_output_is_an_error_that_shows_nothing_of_it() {
        let members = [
            r#", "Expiration": "very-secret""#,
            r#", "Expiration": """#,
            r#", "Expiration": 1893456000"#,
            r#", "SessionToken": ["very-secret"]"#,
        ];
        let outputs = [
            "",
            "very-secret",
            r#"["very-secret"]"#,
            r#"{"Version": 2, "AccessKeyId": "a", "SecretAccessKey": "very-secret"}"#,
            r#"{"Version": 1, "SecretAccessKey": "very-secret"}"#,
            r#"{"Version": 1, "AccessKeyId": "very-secret", "SecretAccessKey": ""}"#,
            r#"{"Version": 1, "AccessKeyId": "very-secret", "SecretAccessKey": true}"#,
        ];
        for output in outputs.map(str::to_owned).into_iter().chain(members.map(output)) {
            let error = read(output.as_bytes()).unwrap_err();
            assert!(error.contains("output of credential_process"), "{error}");
            assert!(!error.contains("very-secret"), "{error}");
        }
        assert_eq!(format!("{:?}", Process::new("very-secret")), "Process");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_shell_runs_the_command_line() {
        let json = output("").replace("\"a\"", "\"a b\"");
        let credentials = Process::new(format!("printf '%s' '{json}' | cat")).load().await;
        assert_eq!(credentials.unwrap().access_key_id(), "a b");
        let error = Process::new("echo very-secret; exit 3").load().await.unwrap_err();
        assert_eq!(error.to_string(), "credential_process failed: exit status: 3");
    }

    /// Runs this test as a child process with a known standard input.
    #[cfg(unix)]
    #[tokio::test]
    async fn the_process_inherits_standard_input_and_error() {
        use std::io::Write;
        const IN_CHILD: &str = "CHIME_TEST_STANDARD_INPUT";
        if std::env::var_os(IN_CHILD).is_some() {
            let json = output("").replace("\"a\"", "\"'$code'\"");
            let line = format!("printf 'MFA code: ' >&2; read code; printf '%s' '{json}'");
            assert_eq!(Process::new(line).load().await.unwrap().access_key_id(), "123456");
            return;
        }
        let name = "credentials::process::tests::the_process_inherits_standard_input_and_error";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args([name, "--exact"]).env(IN_CHILD, "1");
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"123456\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "MFA code: ");
    }
}
