//! A local Chime that runs for as long as someone holds it.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{Result, ci};

/// A `chime serve`. It ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    url: String,
    control_token: String,
    /// Held open: whoever writes to a closed pipe fails.
    stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it, built by [`build`], and waits until it listens.
    ///
    /// # Errors
    /// If it ends before that, or says something else.
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

    /// Reads a line, and finds something in it.
    fn read(&mut self, what: &str, find: impl Fn(&str) -> Option<&str>) -> Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let found = find(&line);
        Ok(found
            .ok_or_else(|| format!("chime serve should say {what}, and said {line:?}"))?
            .to_owned())
    }

    /// Where it listens, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What requests to its control endpoint carry.
    pub(crate) fn control_token(&self) -> &str {
        &self.control_token
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing left to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the command.
pub(crate) fn build() -> Result<()> {
    ci::cargo(&["build", "--quiet", "--package", "chime-cli", "--locked"])
}

/// Where cargo puts the command: where this program runs from too.
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
    fn the_first_line_tells_the_url() {
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
