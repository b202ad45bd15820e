//! The command as a shell runs it: its output and its exit code.

#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::{Value, json};

#[path = "command/bulk.rs"]
mod bulk;
#[cfg(all(unix, feature = "aws-config"))]
#[path = "command/chain.rs"]
mod chain;
#[cfg(unix)]
#[path = "command/local.rs"]
mod local;
// Error numbers differ between systems, and hints depend on the feature aws-config.
#[cfg(all(target_os = "linux", not(feature = "aws-config")))]
#[path = "command/mistakes.rs"]
mod mistakes;
#[cfg(unix)]
#[path = "command/output.rs"]
mod output;
#[path = "command/responses.rs"]
mod responses;
#[cfg(unix)]
#[path = "command/serve.rs"]
mod serve;
#[cfg(unix)]
#[path = "command/settings.rs"]
mod settings;
#[cfg(target_os = "linux")]
#[path = "command/terminal.rs"]
mod terminal;
#[path = "command/wait.rs"]
mod wait;

const ACCOUNT: &str = "c2d7a9f4-18b3-4e6a-8f21-5d90b7e3a612";
const ROOM: &str = "7f3d2b18-c6e4-4a90-9d57-e1b8a2c40f6d";
const MEMBER: &str = "a94f06d2-7e15-4c3b-b8d9-20f6c5e1a773";

/// The command with an environment that does not affect the outcome.
fn chime(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chime"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    // The user who runs the test may have credentials.
    for file in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        command.env(file, "no such file");
    }
    // Where a server writes its control token.
    command.env("XDG_RUNTIME_DIR", env!("CARGO_TARGET_TMPDIR"));
    // The chain of aws-config would look for an EC2 instance on the network.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.args(line.split_whitespace());
    command
}

fn with_key(mut command: Command) -> Command {
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "a-secret");
    command
}

/// The stdout of a command that must succeed.
fn stdout(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(0), "{stderr}");
    String::from_utf8(stdout).unwrap()
}

fn result(command: Command) -> Value {
    serde_json::from_str(&stdout(command)).unwrap()
}

/// The stderr of a command that must fail with this exit code and print nothing to stdout.
fn stderr(mut command: Command, code: i32) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{stderr}");
    assert_eq!(String::from_utf8(stdout).unwrap(), "");
    stderr
}

/// The arguments that change the role of the member in the sample room.
fn promotion(member: &str) -> String {
    let room = format!("--account-id {ACCOUNT} --room-id {ROOM}");
    format!("update-room-membership {room} --member-id {member} --role Administrator")
}

#[test]
fn a_role_is_changed_in_the_embedded_chime() {
    let line = promotion(MEMBER);
    for line in [format!("--local {line}"), format!("{line} --local")] {
        let text = stdout(chime(&line));
        assert!(text.starts_with("{\n    \"RoomMembership\": {\n        \"RoomId\": "), "{text}");
        assert!(text.ends_with("}\n"), "{text}");
        let result: Value = serde_json::from_str(&text).unwrap();
        let membership = &result["RoomMembership"];
        assert_eq!(membership["Role"], "Administrator");
        assert_eq!(membership["RoomId"], ROOM);
        assert_eq!(membership["Member"]["MemberId"], MEMBER);
    }
}

#[test]
fn the_embedded_chime_wants_nothing_of_the_environment() {
    let mut command = chime(&format!("--local get-account --account-id {ACCOUNT}"));
    command.env("AWS_ENDPOINT_URL_CHIME", "http://127.0.0.1:1").env("AWS_MAX_ATTEMPTS", "none");
    command.env("AWS_ACCESS_KEY_ID", "AKIDOTHER").env("AWS_SECRET_ACCESS_KEY", "other");
    assert_eq!(result(command)["Account"]["AccountId"], ACCOUNT);
}

#[test]
fn what_the_service_refuses_is_told_with_its_code() {
    let text = stderr(chime(&format!("--local {}", promotion("nobody"))), 254);
    let start = "\nAn error occurred (NotFoundException) when calling the UpdateRoomMembership \
        operation: ";
    assert!(text.starts_with(start) && text.contains("(request id "), "{text}");
}

#[test]
fn nothing_is_sent_that_is_wrong() {
    // No credentials and no --local: it does not come that far.
    let text = stderr(chime("update-room-membership --role Owner --member-id m"), 252);
    let expected = "\nParameter validation failed:\n\
        Role: must be one of Administrator, Member (--role)\n\
        AccountId: is required (--account-id)\n\
        RoomId: is required (--room-id)\n";
    assert_eq!(text, expected);

    let text = stderr(chime("--local get-room --room r"), 252);
    assert!(text.contains("'--room'"), "{text}");
    let text = stderr(chime("--local get-rooms"), 252);
    assert!(text.contains("'chime get-room'"), "{text}");
    let text = stderr(chime("--local list-accounts --endpoint-url http://127.0.0.1:1"), 252);
    assert!(text.contains("--endpoint-url"), "{text}");
    let text = stderr(chime(""), 252);
    assert!(text.contains("update-room-membership"), "{text}");
}

#[test]
fn who_has_no_credentials_is_told_so() {
    let text = stderr(chime("list-accounts"), 253);
    assert!(text.contains("credentials"), "{text}");
}

#[test]
fn an_endpoint_that_is_not_there_is_no_refusal_of_the_service() {
    let line = "list-users --account-id a --user-email ana@example.com --debug \
        --endpoint-url http://127.0.0.1:1";
    let mut command = with_key(chime(line));
    command.env("AWS_MAX_ATTEMPTS", "1");
    let text = stderr(command, 255);
    assert!(text.contains("ListUsers"), "{text}");

    let mut command = with_key(chime(line));
    command.env("AWS_MAX_ATTEMPTS", "2");
    let text = stderr(command, 255);
    assert!(text.contains("retrying after a pause"), "{text}");
    assert!(!text.contains("ana@") && !text.contains("a-secret"), "{text}");

    let mut command = with_key(chime(line));
    command.env("AWS_MAX_ATTEMPTS", "0");
    assert!(stderr(command, 255).contains("AWS_MAX_ATTEMPTS"));
}

#[test]
fn a_list_is_whole_unless_a_page_is_asked_for() {
    let line = format!("--local list-users --account-id {ACCOUNT}");
    let whole = result(chime(&line));
    assert_eq!(whole["Users"].as_array().unwrap().len(), 3);
    assert_eq!(whole.get("NextToken"), None);

    let json = r#"--cli-input-json {"MaxResults":1}"#;
    for page in [format!("{line} --max-results 1"), format!("{line} {json}")] {
        let page = result(chime(&page));
        assert_eq!(page["Users"].as_array().unwrap().len(), 1);
        assert!(page["NextToken"].is_string(), "{page}");
    }
}

#[test]
fn pages_are_followed_over_the_network() {
    let pages = [
        r#"{"Rooms":[{"RoomId":"1"}],"NextToken":"a+b"}"#,
        r#"{"Rooms":[{"RoomId":"2"}],"NextToken":null}"#,
    ];
    for (flags, expected, targets) in [
        (
            "",
            json!({"Rooms": [{"RoomId": "1"}, {"RoomId": "2"}]}),
            &["/accounts/a/rooms", "/accounts/a/rooms?next-token=a%2Bb"][..],
        ),
        (
            "--no-paginate",
            json!({"Rooms": [{"RoomId": "1"}], "NextToken": "a+b"}),
            &["/accounts/a/rooms"],
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let count = targets.len();
        let server = thread::spawn(move || {
            let answer = |page| answer(&listener.accept().unwrap().0, page);
            pages.into_iter().take(count).map(answer).collect::<Vec<_>>()
        });
        let line = format!("list-rooms --account-id a --endpoint-url {url} {flags}");
        assert_eq!(result(with_key(chime(&line))), expected);
        assert_eq!(server.join().unwrap(), targets);
    }
}

/// Responds to the only request of a connection with this body. Returns the target of the request.
fn answer(mut stream: &TcpStream, body: &str) -> String {
    let mut head = BufReader::new(stream).lines().map_while(Result::ok);
    let request = head.next().unwrap();
    assert!(head.any(|line| line.is_empty()), "no end of the head");
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    request.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_result_that_is_empty_prints_nothing() {
    let room = format!("--local delete-room --account-id {ACCOUNT} --room-id {ROOM}");
    assert_eq!(stdout(chime(&room)), "");
}

#[test]
fn a_reader_that_left_is_no_failure() {
    for line in ["--help".to_owned(), format!("--local get-account --account-id {ACCOUNT}")] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = chime(&line).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn help_and_version_are_there() {
    let help = stdout(chime("--help"));
    assert!(help.contains("\n  update-room-membership "), "{help}");
    assert!(help.contains("\n  serve "), "{help}");
    let help = stdout(chime("update-room-membership --help"));
    assert!(help.contains("--role <TEXT>") && help.contains("--local"), "{help}");
    assert_eq!(stdout(chime("--version")), concat!("chime ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_place_to_listen_that_is_none_or_taken_is_told() {
    let text = stderr(chime("serve --listen nowhere"), 252);
    assert!(text.contains("--listen"), "{text}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let text = stderr(chime(&format!("serve --listen {taken}")), 255);
    assert!(text.contains(&taken) && text.contains("--listen 127.0.0.1:0"), "{text}");
    let mut half = chime("serve");
    half.env("CHIME_LOCAL_SECRET_ACCESS_KEY", "own-secret");
    let text = stderr(half, 255);
    assert!(text.contains("CHIME_LOCAL_ACCESS_KEY_ID") && !text.contains("own-secret"), "{text}");
}

#[test]
fn a_profile_has_the_key_and_one_that_is_missing_is_told() {
    let file = std::env::temp_dir().join(format!("chime-profile-{}", std::process::id()));
    std::fs::write(
        &file,
        "[there]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = a-secret\n",
    )
    .unwrap();
    let run = |profile: &str| {
        let line = format!("list-accounts --endpoint-url http://127.0.0.1:1 --profile {profile}");
        let mut command = chime(&line);
        command.env("AWS_SHARED_CREDENTIALS_FILE", &file).env("AWS_MAX_ATTEMPTS", "1");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (there, missing) = (run("there"), run("missing"));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(there.0, Some(255));
    assert!(there.1.contains("could not connect to 127.0.0.1:1"), "{}", there.1);
    assert_eq!(missing.0, Some(255));
    assert!(missing.1.contains("missing"), "{}", missing.1);
}
