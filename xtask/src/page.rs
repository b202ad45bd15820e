//! The page of the local Chime in a real browser: that it shows what there is, and leads on.

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::server::{self, Server};

/// How a browser may be called, after what `CHROME` says.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Headless, by itself, and without calling home.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Until the script has what it asked for.
    "--virtual-time-budget=10000",
    // What the page's policy refuses is told on stderr.
    "--enable-logging=stderr",
];

/// How long the browser may take for a page. The first takes it some seconds.
const PATIENCE: Duration = Duration::from_secs(90);

/// What each page has to show, and the link to the next one.
const WALK: [(&[&str], Option<&str>); 3] = [
    (&["Example Corp", "Lakeside Support", "+12065550100"], Some("Example Corp")),
    (&["Ana Ferreira", "bo@example.com", "Suspended"], Some("Incident bridge")),
    (&["Bo Lindqvist", "Member"], None),
];

/// Starts a Chime and clicks through its page.
pub(crate) fn run() -> Result<()> {
    let browser = browser()?;
    println!("{}", browser.display());
    server::build()?;
    let server = Server::start(["--quiet"], Stdio::inherit())?;
    let url = server.url();
    let mut target = "/".to_owned();
    for (shown, next) in WALK {
        let dom = load(&browser, &format!("{url}{target}#{}", server.control_token()))?;
        check(&dom, shown).map_err(|error| format!("{target}: {error}"))?;
        let Some(next) = next else { break };
        target = link(&dom, next).ok_or_else(|| format!("{target}: no link says {next}"))?;
    }
    println!("all pages show what they should");
    Ok(())
}

fn browser() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROME").filter(|chosen| !chosen.is_empty()) {
        return Ok(chosen.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).flat_map(|place| NAMES.map(|name| place.join(name)));
    places.into_iter().find(|place| place.is_file()).ok_or_else(|| {
        "no browser is installed. To get one on Debian: `apt-get install chromium`; \
         or set CHROME to the path of a Chrome or Chromium"
            .into()
    })
}

/// A process that ends with the value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The page as the browser has understood it.
fn load(browser: &Path, url: &str) -> Result<String> {
    let profile = env::temp_dir().join(format!("chime-page-{}", std::process::id()));
    let outcome = dump(browser, url, &profile);
    // Empty for the next page too.
    let _ = fs::remove_dir_all(&profile);
    outcome
}

fn dump(browser: &Path, url: &str, profile: &Path) -> Result<String> {
    let mut command = Command::new(browser);
    command.args(FLAGS).arg(format!("--user-data-dir={}", profile.display()));
    command.args(["--dump-dom", url]).stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = Running(child.map_err(|error| format!("{}: {error}", browser.display()))?);
    let stdout = read(child.0.stdout.take().ok_or("the browser has no stdout")?);
    let stderr = read(child.0.stderr.take().ok_or("the browser has no stderr")?);
    let too_slow = |_| format!("{url}: the browser shows nothing after {PATIENCE:?}");
    let dom = stdout.recv_timeout(PATIENCE).map_err(too_slow)?;
    let log = stderr.recv_timeout(PATIENCE).map_err(too_slow)?;
    match log.lines().find(|line| line.contains("Content Security Policy")) {
        Some(line) => Err(format!("{url}: {line}").into()),
        None if dom.is_empty() => Err(format!("{url}: the browser shows nothing\n{log}").into()),
        None => Ok(dom),
    }
}

/// All that there is to read, once it ends.
fn read(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before a failure is what there is.
        let _ = from.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

fn check(dom: &str, shown: &[&str]) -> Result<()> {
    if let Some(missing) = shown.iter().find(|text| !dom.contains(**text)) {
        return Err(format!("{missing} is not on the page\n{dom}").into());
    }
    if dom.matches("<script").count() != 1 {
        return Err(format!("there should be the script of the page and no other\n{dom}").into());
    }
    Ok(())
}

/// Where the link with that text leads.
fn link(dom: &str, text: &str) -> Option<String> {
    let (before, _) = dom.split_once(&format!("\">{text}</a>"))?;
    let (_, target) = before.rsplit_once("<a href=\"")?;
    Some(target.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_by_its_text() {
        let dom = r#"<a href="/">Home</a><td><a href="/?a=1&amp;b=2">Next</a></td>"#;
        assert_eq!(link(dom, "Next").as_deref(), Some("/?a=1&b=2"));
        assert_eq!(link(dom, "Home").as_deref(), Some("/"));
        assert_eq!(link(dom, "Ne"), None);
    }

    #[test]
    fn what_is_missing_and_what_should_not_be_there_is_told() {
        assert!(check("<p>one two</p><script>", &["one", "two"]).is_ok());
        let missing = check("<p>one</p><script>", &["one", "two"]).unwrap_err().to_string();
        assert!(missing.starts_with("two is not on the page"), "{missing}");
        assert!(check("<p>one</p>", &["one"]).is_err());
        assert!(check("<p>one</p><script><script>", &["one"]).is_err());
    }
}
