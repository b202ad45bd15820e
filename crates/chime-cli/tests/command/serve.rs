//! `chime serve` as a shell runs it.

mod limits;
mod start;
mod stop;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ACCOUNT, MEMBER, ROOM, chime, promotion, result, stderr};

/// An emulator that listens, and what it announced. It is killed if a test ends early.
pub(super) struct Server {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    pub(super) url: String,
    /// The URL of the page, with the control token.
    pub(super) page: String,
    pub(super) exports: Vec<(String, String)>,
}

impl Server {
    pub(super) fn start(mut command: Command) -> Self {
        // The last flag counts: tests run at the same time, each on a port of its own.
        command.args(["--listen", "127.0.0.1:0"]);
        Self::start_as_given(command)
    }

    fn start_as_given(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = stdout.by_ref().lines().map(Result::unwrap);
        let url = lines.next().unwrap().strip_prefix("Listening on ").unwrap().to_owned();
        let page = lines.next().unwrap().strip_prefix("Page: ").unwrap().to_owned();
        assert!(page.starts_with(&format!("{url}/#")), "{page}");
        let exports = lines
            .map_while(|line| {
                let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            })
            .collect();
        Self { child, stdout: Some(stdout), url, page, exports }
    }

    fn exported(&self, name: &str) -> &str {
        &self.exports.iter().find(|(known, _)| known == name).unwrap().1
    }

    fn control_token(&self) -> &str {
        self.exported("CHIME_LOCAL_CONTROL_TOKEN")
    }

    /// A request to the control endpoint; gives the whole response.
    fn control(&self, method: &str, path: &str, authorization: &str, body: &str) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        // Less than an idle connection may last.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!("{method} /_chime/{path} HTTP/1.1\r\nhost: {address}\r\n");
        let length = body.len();
        let more = format!("authorization: {authorization}\r\nconnection: close\r\n");
        write!(stream, "{head}{more}content-length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// A command in a shell that took over what the server announced.
    pub(super) fn chime(&self, line: &str) -> Command {
        let mut command = chime(line);
        command.envs(self.exports.iter().cloned());
        command
    }

    /// Stops the server; returns its exit code.
    pub(super) fn end(self, signal: &str) -> Option<i32> {
        self.log(signal).0
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Stops the server; returns its exit code and its stderr. It has closed its stdout
    /// once it has ended.
    fn log(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        let mut stdout = self.stdout.take().unwrap();
        let (ended, end) = mpsc::channel();
        thread::spawn(move || {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            ended.send(rest).unwrap();
        });
        assert_eq!(end.recv_timeout(Duration::from_secs(30)).as_deref(), Ok(""));
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already if the test passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A path of a test's own, where nothing is yet. The file or folder there is removed in the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(name: &str) -> Self {
        let scratch =
            Self(std::env::temp_dir().join(format!("chime-{}-{name}", std::process::id())));
        // An earlier process with the same id may have left it.
        scratch.remove();
        scratch
    }

    pub(super) fn with(name: &str, text: &str) -> Self {
        let scratch = Self::new(name);
        std::fs::write(&scratch.0, text).unwrap();
        scratch
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn remove(&self) {
        let _ = std::fs::remove_file(&self.0).or_else(|_| std::fs::remove_dir_all(&self.0));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}

#[test]
fn a_listening_chime_serves_who_signs_with_its_key() {
    let server = Server::start(chime("serve --listen 127.0.0.1:0"));
    assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
    let memberships = format!("list-room-memberships --account-id {ACCOUNT} --room-id {ROOM}");
    let role = || result(server.chime(&memberships))["RoomMemberships"][0]["Role"].clone();
    assert_eq!(role(), "Member");

    let line = format!("{} --endpoint-url {}", promotion(MEMBER), server.url);
    let mut wrong = server.chime(&line);
    wrong.env("AWS_SECRET_ACCESS_KEY", "wrong");
    let text = stderr(wrong, 254);
    assert!(text.contains("when calling the UpdateRoomMembership operation"), "{text}");
    assert_eq!(role(), "Member");

    // The flag and not the variable says where to.
    let mut right = server.chime(&line);
    right.env("AWS_ENDPOINT_URL_CHIME", "http://127.0.0.1:1");
    assert_eq!(result(right)["RoomMembership"]["Role"], "Administrator");
    assert_eq!(role(), "Administrator");
    assert_eq!(server.end("-INT"), Some(0));
}

#[test]
fn an_empty_chime_with_a_key_of_ones_own() {
    let mut command = chime("serve --empty");
    command.env("CHIME_LOCAL_ACCESS_KEY_ID", "AKIDOWN");
    command.env("CHIME_LOCAL_SECRET_ACCESS_KEY", "own-secret");
    let server = Server::start(command);
    let shown = format!("{:?}", server.exports);
    assert!(shown.contains("AKIDOWN") && !shown.contains("own-secret"), "{shown}");

    let mut accounts = server.chime("list-accounts");
    accounts.env("AWS_SECRET_ACCESS_KEY", "own-secret");
    assert_eq!(result(accounts), json!({"Accounts": []}));
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn a_log_that_nobody_reads_holds_up_no_call() {
    let server = Server::start(chime("serve --listen 127.0.0.1:0 -v"));
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    // More than the system keeps for a reader who may come.
    for _ in 0..2_000 {
        stream.write_all(b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            answers.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        answers.read_exact(&mut vec![0; length]).unwrap();
    }
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn each_request_is_a_line_of_the_log() {
    let calls = |flags: &str| {
        let server = Server::start(chime(&format!("serve {flags}")));
        result(server.chime("list-accounts"));
        stderr(server.chime("get-account --account-id none"), 254);
        let mut stranger = server.chime("list-accounts");
        stranger.env("AWS_SECRET_ACCESS_KEY", "wrong");
        stderr(stranger, 254);
        let (code, log) = server.log("-TERM");
        assert_eq!(code, Some(0));
        log
    };
    let log = calls("");
    let expected = [
        "ListAccounts 200 ms AKIDLOCALCHIME",
        "GetAccount 404 NotFoundException ms AKIDLOCALCHIME",
        "ListAccounts 403 SignatureDoesNotMatch ms -",
    ];
    for (line, expected) in log.lines().zip(expected) {
        let (_, rest) = line.split_once("Z ").unwrap();
        let mut words: Vec<_> = rest.split(' ').collect();
        let millis = words.remove(words.iter().position(|word| *word == "ms").unwrap() - 1);
        assert!(millis.parse::<f64>().unwrap() < 60_000.0, "{line}");
        assert_eq!(words.join(" "), expected);
    }
    assert_eq!(log.lines().count(), 3, "{log}");

    let log = calls("-v");
    assert!(log.contains(" arn=arn:aws:iam::111122223333:user/local agent=\"chime"), "{log}");
    assert!(log.lines().last().unwrap().contains(" arn=- agent="), "{log}");

    let log = calls("--log-format json");
    let told: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told[1]["Operation"], "GetAccount");
    assert_eq!((&told[1]["Status"], &told[2]["AccessKeyId"]), (&json!(404), &Value::Null));

    assert_eq!(calls("-q"), "");
}

#[test]
fn a_state_file_outlives_a_kill_and_serves_one_at_a_time() {
    let file = Scratch::new("state");
    let line = format!("serve --empty --state {}", file.path());
    let server = Server::start(chime(&line));
    result(server.chime("create-account --name Kept"));
    let text = stderr(chime(&line), 252);
    assert!(text.contains("--state") && text.contains("another Chime"), "{text}");
    // Dropping it kills it.
    drop(server);
    let server = Server::start(chime(&line));
    assert_eq!(result(server.chime("list-accounts"))["Accounts"][0]["Name"], "Kept");
}

#[test]
fn what_was_answered_is_there_after_a_kill_in_the_middle_of_it() {
    let state = Scratch::new("killed-at-work.state");
    let line = format!("serve --listen 127.0.0.1:0 --state {}", state.path());
    let server = Server::start(chime(&line));
    let (done, answered) = mpsc::channel();
    let callers: Vec<_> = (0..3)
        .map(|caller| {
            let (done, exports) = (done.clone(), server.exports.clone());
            thread::spawn(move || {
                for i in 0.. {
                    let name = format!("{caller}-{i}");
                    let mut create = chime(&format!("create-account --name {name}"));
                    create.envs(exports.iter().cloned()).env("AWS_MAX_ATTEMPTS", "1");
                    if !create.output().unwrap().status.success() || done.send(name).is_err() {
                        break;
                    }
                }
            })
        })
        .collect();
    drop(done);
    let mut names: Vec<String> = answered.iter().take(20).collect();
    // Dropped, it is killed, with three calls under way.
    drop(server);
    names.extend(&answered);
    callers.into_iter().for_each(|caller| caller.join().unwrap());

    let server = Server::start(chime(&line));
    let listed = result(server.chime("list-accounts"));
    let accounts = listed["Accounts"].as_array().unwrap();
    for name in names {
        assert_eq!(accounts.iter().filter(|account| account["Name"] == name).count(), 1, "{name}");
    }
}

#[test]
fn faults_come_from_a_file_and_over_the_control_endpoint() {
    let faults = |operation| {
        let error = r#"{"Exception":"ForbiddenException"}"#;
        format!(r#"{{"Faults":[{{"Operation":"{operation}","Error":{error}}}]}}"#)
    };
    let file = Scratch::with("faults", &faults("ListAccounts"));
    let server = Server::start(chime(&format!("serve --faults {}", file.path())));
    let text = stderr(server.chime("list-accounts"), 254);
    assert!(text.contains("ForbiddenException"), "{text}");

    let token = format!("Bearer {}", server.control_token());
    let answer = server.control("PUT", "faults", &token, "{}");
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    result(server.chime("list-accounts"));

    let wrong = Scratch::with("wrong-faults", &faults("ListAccount"));
    let text = stderr(chime(&format!("serve --faults {}", wrong.path())), 252);
    assert!(text.contains("Faults[0].Operation") && text.contains(wrong.path()), "{text}");
}

#[test]
fn the_control_token_is_in_a_file_of_the_user_while_the_server_runs() {
    let folder = Scratch::new("runtime");
    let mut command = chime("serve");
    command.env("XDG_RUNTIME_DIR", folder.path());
    let server = Server::start(command);
    let (_, port) = server.url.rsplit_once(':').unwrap();
    let file = format!("{}/chime/local-{port}.token", folder.path());
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(token, server.control_token());

    let state = |token: &str| server.control("GET", "state", &format!("Bearer {token}"), "");
    assert!(state(&token).starts_with("HTTP/1.1 200 "));
    assert!(state("guessed").starts_with("HTTP/1.1 401 "));
    assert_eq!(server.end("-TERM"), Some(0));
    assert!(!std::fs::exists(&file).unwrap());

    let mut command = chime("serve -q");
    command.env_remove("XDG_RUNTIME_DIR");
    let server = Server::start(command);
    let (_, port) = server.url.rsplit_once(':').unwrap();
    let expected = format!("warning: the control token of port {port} was not written to a file");
    let (code, log) = server.log("-TERM");
    assert!(log.contains(&expected), "{log}");
    assert_eq!(code, Some(0));
}

#[test]
fn pages_of_the_origins_that_are_given_may_call() {
    let server =
        Server::start(chime("serve --cors http://localhost:3000 --cors https://a.example"));
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    let head = "GET /accounts HTTP/1.1\r\nhost: localhost\r\norigin: https://a.example\r\n";
    write!(stream, "{head}connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("access-control-allow-origin: https://a.example\r\n"), "{answer}");

    for wrong in ["*", "http://localhost:3000/app"] {
        let text = stderr(chime(&format!("serve --cors {wrong}")), 252);
        assert!(text.contains("--cors") && text.contains("must be an origin"), "{text}");
    }
}

#[test]
fn rules_come_from_a_file() {
    let file = Scratch::with("rules", "RoomsPerAccount: 1\n");
    let server = Server::start(chime(&format!("serve --rules {}", file.path())));
    let room = format!("create-room --account-id {ACCOUNT} --name Second");
    let text = stderr(server.chime(&room), 254);
    assert!(text.contains("ResourceLimitExceededException"), "{text}");

    let wrong = Scratch::with("wrong-rules", "RoomPerAccount: 1\n");
    let text = stderr(chime(&format!("serve --rules {}", wrong.path())), 252);
    let problem = "RoomPerAccount: unknown rule; did you mean RoomsPerAccount?";
    assert!(text.contains(problem) && text.contains(wrong.path()), "{text}");
}

#[test]
fn the_announced_url_is_one_that_the_command_can_use() {
    let on_all_addresses = |flags: &str| {
        let server = Server::start_as_given(chime(&format!("serve --listen 0.0.0.0:0 {flags}")));
        assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
        server
    };
    let server = on_all_addresses("--allow-remote-demo-key");
    assert!(result(server.chime("list-accounts"))["Accounts"].is_array());
    let server = on_all_addresses("");
    let text = stderr(server.chime("list-accounts"), 254);
    assert!(text.contains("AccessDenied") && text.contains("--allow-remote-demo-key"), "{text}");
    let (_, log) = server.log("-TERM");
    assert!(log.starts_with("warning: ") && log.contains("the demo key is public"), "{log}");
}
