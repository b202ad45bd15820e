//! A headless browser, controlled over a pipe with the Chrome DevTools Protocol.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Result;

/// Names of browsers to look for if `CHROME` is unset.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Runs headless, with a separate profile, and without requests to its vendor.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The browser uses the file descriptors 3 and 4 for the protocol. The shell redirects its own input and output
/// to them.
const REDIRECTED: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// The timeout of a reply. The first reply takes some seconds.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// A step: an action on the page, and a condition that becomes true after it. Both are JavaScript.
pub(super) type Step = (&'static str, &'static str);

/// A browser with one page. It ends when this is dropped.
pub(super) struct Browser {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    profile: PathBuf,
    session: Option<String>,
    sent: u64,
    /// Errors of the page's script, and violations of its content security policy.
    complaints: Vec<String>,
}

impl Browser {
    /// Starts the browser with an empty page.
    pub(super) fn start() -> Result<Self> {
        let path = find()?;
        println!("{}", path.display());
        let profile = env::temp_dir().join(format!("chime-page-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", REDIRECTED]).arg(&path).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.args(["--remote-debugging-pipe", "about:blank"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", path.display()))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stdin = stdin.ok_or("the browser has no input")?;
        let mut stdout = BufReader::new(stdout.ok_or("the browser has no output")?);
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while stdout.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let value = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if value.is_ok_and(|value: Value| sender.send(value).is_err()) {
                    return;
                }
                message.clear();
            }
        });
        let (session, sent, complaints) = (None, 0, Vec::new());
        let mut browser = Self { child, stdin, messages, profile, session, sent, complaints };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &target)?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(browser)
    }

    /// Sends a command and waits for its result.
    pub(super) fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.stdin.write_all(&bytes)?;
        let deadline = Instant::now() + REPLY_TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left);
            let message = message.map_err(|_| format!("{method}: the browser does not reply"))?;
            if message["id"] == self.sent {
                let error = &message["error"];
                return match error.is_null() {
                    true => Ok(message["result"].clone()),
                    false => Err(format!("{method}: {error}").into()),
                };
            }
            self.complaints.extend(complaint(&message));
        }
    }

    /// Evaluates an expression on the page.
    pub(super) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &params)?;
        match &result["exceptionDetails"] {
            Value::Null => Ok(result["result"]["value"].clone()),
            details => Err(format!("{expression}: {details}").into()),
        }
    }

    /// Waits until an expression is true on the page.
    pub(super) fn wait(&mut self, expression: &str) -> Result<()> {
        let deadline = Instant::now() + REPLY_TIMEOUT;
        while self.evaluate(&format!("Boolean({expression})"))? != Value::Bool(true) {
            if Instant::now() > deadline {
                let text = self.evaluate("document.body.innerText")?;
                let text = text.as_str().unwrap_or_default();
                return Err(format!("never true: {expression}\non the page:\n{text}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        match self.complaints.first() {
            Some(complaint) => Err(format!("{complaint}, before {expression}").into()),
            None => Ok(()),
        }
    }

    /// Performs steps.
    pub(super) fn steps(&mut self, steps: &[Step]) -> Result<()> {
        for (act, then) in steps {
            self.evaluate(act)?;
            self.wait(then).map_err(|error| format!("after {act}: {error}"))?;
        }
        Ok(())
    }

    /// Sets the width of the window, and whether the page is to be dark.
    pub(super) fn show(&mut self, width: u32, is_dark: bool) -> Result<()> {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        let value = if is_dark { "dark" } else { "light" };
        let scheme = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": scheme }))?;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser that is closed writes nothing more to its profile. Errors here do not affect the test.
        self.session = None;
        if self.call("Browser.close", &json!({})).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// Returns the error that an event reports, if any.
fn complaint(message: &Value) -> Option<String> {
    let params = &message["params"];
    match message["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &params["exceptionDetails"];
            let text = details["exception"]["description"].as_str().or(details["text"].as_str());
            Some(format!("an error of the script: {}", text.unwrap_or_default()))
        }
        // Such as violations of the content security policy. Error responses are logged too, but are expected.
        "Log.entryAdded" if params["entry"]["source"] != "network" => {
            Some(format!("the browser says: {}", params["entry"]["text"]))
        }
        _ => None,
    }
}

fn find() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROME").filter(|chosen| !chosen.is_empty()) {
        return Ok(chosen.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).flat_map(|place| NAMES.map(|name| place.join(name)));
    places.into_iter().find(|place| place.is_file()).ok_or_else(|| {
        "no browser is installed. To install one on Debian: `apt-get install chromium`; \
         or set CHROME to the path of a Chrome or Chromium"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_script_errors_and_policy_violations_are_complaints() {
        let thrown = json!({"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": {
            "text": "Uncaught", "exception": {"description": "TypeError: x"}}}});
        assert_eq!(complaint(&thrown).as_deref(), Some("an error of the script: TypeError: x"));
        let entry = |source: &str| json!({"method": "Log.entryAdded", "params": {"entry": {"source": source, "text": "t"}}});
        assert!(complaint(&entry("security")).is_some());
        assert_eq!(complaint(&entry("network")), None);
        assert_eq!(complaint(&json!({"id": 1, "result": {}})), None);
    }
}
