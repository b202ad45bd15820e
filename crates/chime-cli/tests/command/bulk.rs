//! `chime bulk` as a shell runs it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::{ACCOUNT, MEMBER, chime, stderr, stdout, with_key};

const ANA: &str = "5e1a7c90-3b42-4f8d-a6c7-91d2e4f0b358";

/// A folder of its own for a test, removed at its end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("chime-bulk-{}-{name}", std::process::id()));
        // An earlier process with the same id may have left it.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A file of rows. Returns its path, and that of its results.
    pub(super) fn rows(&self, text: &str) -> (PathBuf, PathBuf) {
        let [rows, results] = ["rows", "rows.results.jsonl"].map(|name| self.0.join(name));
        fs::write(&rows, text).unwrap();
        (rows, results)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The last line of each row.
fn last_lines(results: &PathBuf) -> BTreeMap<u64, Value> {
    let text = fs::read_to_string(results).unwrap();
    let lines = text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| (line["row"].as_u64().unwrap(), line)).collect()
}

fn outcomes(results: &PathBuf) -> Vec<String> {
    let lines = last_lines(results).into_values();
    lines.map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
}

fn ran(mut command: Command, code: i32) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{stderr}");
    assert_eq!(String::from_utf8(stdout).unwrap(), "");
    stderr
}

#[test]
fn each_row_is_a_call_with_a_line_in_the_results() {
    let folder = Folder::new("rows");
    let (rows, results) = folder.rows(&format!("UserId\n{ANA}\n{MEMBER}\nnobody\n"));
    let line = format!("--local bulk chime get-user --account-id {ACCOUNT} --from ");
    let line = line + rows.to_str().unwrap();
    let text = ran(chime(&line), 1);
    assert!(text.contains("The first error, of row 3: NotFoundException: "), "{text}");
    assert!(text.contains("2 of 3 rows are done.") && text.contains("\nFailed: 3\n"), "{text}");

    let lines = last_lines(&results);
    assert_eq!(lines[&1]["outcome"], "done");
    assert_eq!(lines[&1]["result"]["User"]["UserId"], ANA);
    assert_eq!(lines[&1]["result"]["User"]["PrimaryEmail"], "[redacted]");
    assert!(lines[&1]["requestId"].is_string());
    assert_eq!(lines[&3]["error"]["code"], "NotFoundException");
    assert_eq!(lines[&3]["error"]["status"], 404);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&results).unwrap().permissions().mode() & 0o777, 0o600);
    }

    // It is not written over, and nothing is left to be sent.
    let before = fs::read(&results).unwrap();
    let text = stderr(chime(&line), 252);
    assert!(text.contains("--results") && text.contains("--resume"), "{text}");
    ran(chime(&format!("{line} --resume")), 1);
    assert_eq!(fs::read(&results).unwrap(), before);
    // The results belong to these rows.
    fs::write(&rows, format!("UserId\n{MEMBER}\n{ANA}\nnobody\n")).unwrap();
    let text = stderr(chime(&format!("{line} --resume")), 252);
    assert!(text.contains("of other rows"), "{text}");
}

#[test]
fn sensitive_values_are_written_when_asked_for() {
    let folder = Folder::new("unmasked");
    let (rows, results) = folder.rows(&format!("{{\"UserId\":\"{ANA}\"}}\n"));
    let line = format!("--local bulk chime get-user --account-id {ACCOUNT} --unmasked --from ");
    ran(chime(&(line + rows.to_str().unwrap())), 0);
    let email = &last_lines(&results)[&1]["result"]["User"]["PrimaryEmail"];
    assert!(email.as_str().unwrap().contains('@'), "{email}");
}

#[test]
fn a_dry_run_and_invalid_rows_send_nothing() {
    let folder = Folder::new("dry");
    let (rows, results) = folder.rows("AccountId,UserIdList\na,u\na,v\n");
    let rows = rows.to_str().unwrap();
    let line = format!("bulk chime batch-suspend-user --from {rows}");
    // No credentials and no --local: it does not come that far.
    let text = stdout(chime(&format!("{line} --dry-run")));
    assert_eq!(text, "2 rows are valid, and make 1 calls. Nothing was sent.\n");

    for (text, reason) in [
        ("AccountId,UserIdList\n,u\na,\n", "row 2 (line 3): UserIdList: is required"),
        ("AccountId,Colour\n", "unknown column 'Colour'"),
    ] {
        fs::write(rows, text).unwrap();
        let text = stderr(chime(&line), 252);
        assert!(text.contains(reason), "{text}");
    }
    for (flags, reason) in [
        ("", "--from"),
        ("--from /no/such/file", "/no/such/file"),
        ("--from - --dry-run", "--results"),
        ("--from x --query y", "--query"),
    ] {
        let text = stderr(chime(&format!("bulk chime batch-suspend-user {flags}")), 252);
        assert!(text.contains(reason), "{text}");
    }
    assert!(!results.exists());
}

#[test]
fn without_credentials_no_row_is_sent() {
    let folder = Folder::new("no-key");
    let (rows, results) = folder.rows("AccountId,UserIdList\na,u\n");
    let line = format!("bulk chime batch-suspend-user --from {}", rows.to_str().unwrap());
    // The chain of aws-config is asked at the first call.
    if cfg!(feature = "aws-config") {
        let text = stderr(chime(&line), 1);
        assert!(text.contains("no credentials found in chain"), "{text}");
        assert_eq!(outcomes(&results), ["unsent"]);
    } else {
        let text = stderr(chime(&line), 253);
        assert!(text.contains("Unable to locate credentials"), "{text}");
        assert!(!results.exists());
    }
}

#[test]
fn rows_of_a_batch_are_sent_together_and_each_has_its_own_outcome() {
    let folder = Folder::new("batch");
    let (rows, results) = folder.rows(&format!("UserIdList\n{ANA}\nnobody\n{MEMBER}\n"));
    let line = format!("--local bulk chime batch-suspend-user --account-id {ACCOUNT} --from ");
    ran(chime(&(line + rows.to_str().unwrap())), 1);
    assert_eq!(outcomes(&results), ["done", "failed", "done"]);
    let lines = last_lines(&results);
    assert_eq!(lines[&1]["requestId"], lines[&3]["requestId"]);
    assert_eq!(lines[&2]["error"]["UserErrors"][0]["UserId"], "nobody");
}

#[test]
fn a_token_is_in_the_results_before_the_row_is_sent() {
    let folder = Folder::new("token");
    let (rows, results) = folder.rows("Name\nOne\n");
    let line = format!("--local bulk chime create-room --account-id {ACCOUNT} --from ");
    ran(chime(&(line + rows.to_str().unwrap())), 0);
    let text = fs::read_to_string(&results).unwrap();
    let begun: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert_eq!(begun["outcome"], "begun");
    assert!(begun["token"].as_str().is_some_and(|token| token.len() == 36), "{begun}");
    assert_eq!(outcomes(&results), ["done"]);
}

/// A server that reports the target of each request, and then returns an empty object if `answers`
/// says so. So a command that has its response finds its request reported.
fn server(
    mut answers: impl FnMut(usize) -> bool + Send + 'static,
) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut unanswered = Vec::new();
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
            let Some(request) = head.next() else { continue };
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let target = request.split(' ').nth(1).unwrap().to_owned();
            if sender.send(target).is_err() {
                return;
            }
            if answers(number) {
                let response = "HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                let _ = stream.write_all(response.as_bytes());
            } else {
                unanswered.push(stream);
            }
        }
    });
    (url, receiver)
}

#[test]
fn after_a_kill_known_rows_and_unsafe_rows_are_not_sent_again() {
    let rows: String = (1..=9).map(|number| format!("b{number}\n")).collect();
    // Regenerating a token twice gives another token; reading a bot is safe.
    for (operation, is_safe) in [("regenerate-security-token", false), ("get-bot", true)] {
        let folder = Folder::new(operation);
        let (rows, results) = folder.rows(&format!("BotId\n{rows}"));
        let line = format!("bulk chime {operation} --account-id a --concurrency 1 --from ");
        let line = line + rows.to_str().unwrap();

        let (url, requests) = server(|number| number < 3);
        let mut child = with_key(chime(&format!("{line} --endpoint-url {url}")));
        let mut child = child.stderr(Stdio::null()).spawn().unwrap();
        let seen: Vec<String> = requests.iter().take(4).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen[3].contains("/bots/b4"), "{seen:?}");
        assert_eq!(outcomes(&results), ["done", "done", "done", "begun"]);

        let (url, requests) = server(|_| true);
        let command = with_key(chime(&format!("{line} --endpoint-url {url} --resume")));
        let text = ran(command, if is_safe { 0 } else { 1 });
        let seen: Vec<String> = requests.try_iter().collect();
        let first = if is_safe { "/bots/b4" } else { "/bots/b5" };
        assert!(seen[0].contains(first), "{seen:?}");
        assert_eq!(seen.len(), if is_safe { 6 } else { 5 });
        assert!(is_safe || text.contains("not sent again, so check what the service has done: 4"));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_file_to_resume_from() {
    let folder = Folder::new("interrupt");
    let rows: String = (1..=9).map(|number| format!("b{number}\n")).collect();
    let (rows, results) = folder.rows(&format!("BotId\n{rows}"));
    let line = "bulk chime get-bot --account-id a --concurrency 1 --from ".to_owned();
    let line = line + rows.to_str().unwrap();

    // Responses wait for the signal, so that the run cannot end before it.
    let (signal, signalled) = mpsc::channel::<()>();
    let (url, requests) = server(move |_| signalled.recv().is_err());
    let mut command = with_key(chime(&format!("{line} --endpoint-url {url}")));
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    requests.recv().unwrap();
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    drop(signal);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("Not sent; --resume sends them: "), "{text}");
    let done = outcomes(&results);
    assert!((1..9).contains(&done.len()) && done.iter().all(|it| it == "done"), "{done:?}");

    let (url, requests) = server(|_| true);
    ran(with_key(chime(&format!("{line} --endpoint-url {url} --resume"))), 0);
    assert_eq!(outcomes(&results).len(), 9);
    assert_eq!(requests.try_iter().count(), 9 - done.len());
}

#[test]
fn rows_that_no_server_accepts_are_sent_by_the_next_run() {
    let folder = Folder::new("unsent");
    let (rows, results) = folder.rows("BotId\nb1\nb2\n");
    let line = "bulk chime regenerate-security-token --account-id a --from ".to_owned();
    let line = line + rows.to_str().unwrap();
    let mut command = with_key(chime(&format!("{line} --endpoint-url http://127.0.0.1:1")));
    command.env("AWS_MAX_ATTEMPTS", "1");
    let text = ran(command, 1);
    assert!(text.contains("Not sent; --resume sends them: 1-2"), "{text}");
    assert!(last_lines(&results)[&1]["error"]["message"].is_string());

    let (url, _requests) = server(|_| true);
    ran(with_key(chime(&format!("{line} --endpoint-url {url} --resume"))), 0);
    assert_eq!(outcomes(&results), ["done", "done"]);
    assert_eq!(json!(last_lines(&results)[&1]["result"]), json!({}));
}
