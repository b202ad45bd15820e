//! A running emulator, which is stopped when it is dropped.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{Result, ci};

/// A process of `chime serve`, which is stopped when this is dropped.
pub(crate) struct Server {
    child: Child,
    url: String,
    control_token: String,
    /// Kept open, because the server would fail to write to a closed pipe.
    stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts the server, which [`build`] has built, and waits until it listens.
    ///
    /// # Errors
    /// If it ends before that, or prints something unexpected.
    pub(crate) fn start<S: AsRef<OsStr>>(
        flags: impl IntoIterator<Item = S>,
        log: impl Into<Stdio>,
    ) -> Result<Self> {
        let chime = path()?;
        let mut child = Command::new(&chime)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(flags)
            .env_remove("CHIME_LOCAL_ACCESS_KEY_ID")
            .env_remove("CHIME_LOCAL_SECRET_ACCESS_KEY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", chime.display()))?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let stdout = BufReader::new(stdout);
        let mut server = Self { child, url: String::new(), control_token: String::new(), stdout };
        server.url = server.read("where it listens", announced)?;
        while server.control_token.is_empty() {
            server.control_token = server.read("the control token", |line| {
                let token = line.trim_end().strip_prefix("export CHIME_LOCAL_CONTROL_TOKEN=");
                token.or((!line.is_empty()).then_some(""))
            })?;
        }
        Ok(server)
    }

    /// Reads a line, and finds a value in it.
    fn read(&mut self, what: &str, find: impl Fn(&str) -> Option<&str>) -> Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let found = find(&line);
        Ok(found
            .ok_or_else(|| format!("chime serve should say {what}, and said {line:?}"))?
            .to_owned())
    }

    /// The URL of the server, without a trailing slash.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The token for requests to its control endpoint.
    pub(crate) fn control_token(&self) -> &str {
        &self.control_token
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has already ended, nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the command.
pub(crate) fn build() -> Result<()> {
    ci::cargo(&["build", "--quiet", "--package", "chime-cli", "--locked"])
}

/// The path of the command, which cargo puts beside this program.
pub(crate) fn path() -> Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(format!("chime{}", env::consts::EXE_SUFFIX)))
}

/// The URL in the first line of `chime serve`.
fn announced(line: &str) -> Option<&str> {
    let url = line.strip_prefix("Listening on ")?.trim_end();
    let address = url.strip_prefix("http://")?;
    address.rsplit_once(':')?.1.parse::<u16>().is_ok().then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_read_from_the_first_line() {
        assert_eq!(
            announced("Listening on http://127.0.0.1:4711\n"),
            Some("http://127.0.0.1:4711")
        );
        assert_eq!(announced("Listening on http://[::1]:80\r\n"), Some("http://[::1]:80"));
        for wrong in ["", "Listening on \n", "Listening on http://127.0.0.1\n", "export A=b\n"] {
            assert_eq!(announced(wrong), None, "{wrong}");
        }
    }
}
