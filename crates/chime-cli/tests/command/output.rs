//! What the command prints, in every format, and what is left of it when a call fails.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

use serde_json::{Value, json};

use super::serve::Scratch;
use super::{ACCOUNT, ROOM, chime, result, stderr, stdout, with_key};

const USER_LINES: &str = "list-users --account-id a";

/// A command whose requests get these bodies, one after the other; `None` is a refusal.
fn served(line: &str, bodies: &'static [Option<&'static str>]) -> Command {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for body in bodies {
            let mut stream = listener.accept().unwrap().0;
            let request = BufReader::new(stream.try_clone().unwrap()).lines();
            request.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let status = if body.is_some() { "200 OK" } else { "403 Forbidden" };
            let body = body.unwrap_or(r#"{"Message":"enough"}"#);
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
            write!(stream, "{head}connection: close\r\n\r\n{body}").unwrap();
        }
    });
    let mut command = with_key(chime(&format!("{line} --endpoint-url {url}")));
    command.env("AWS_MAX_ATTEMPTS", "1");
    command
}

/// The stdout, the stderr and the exit code.
fn outcome(mut command: Command) -> (String, String, i32) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr), status.code().unwrap())
}

#[test]
fn each_format_prints_the_same_result() {
    let line = format!(
        "--local get-account --account-id {ACCOUNT} --query Account.{{N:Name,T:AccountType}}"
    );
    for (format, expected) in [
        ("json", "{\n    \"N\": \"Example Corp\",\n    \"T\": \"EnterpriseLWA\"\n}\n"),
        ("yaml", "N: Example Corp\nT: EnterpriseLWA\n"),
        ("yaml-stream", "- N: Example Corp\n  T: EnterpriseLWA\n"),
        ("text", "Example Corp\tEnterpriseLWA\n"),
        ("off", ""),
    ] {
        assert_eq!(stdout(chime(&format!("{line} --output {format}"))), expected);
        let mut command = chime(&line);
        command.env("AWS_DEFAULT_OUTPUT", format);
        assert_eq!(stdout(command), expected);
    }
    let table = stdout(chime(&format!("{line} --output table")));
    assert!(table.lines().any(|line| line == "|  Example Corp |  EnterpriseLWA  |"), "{table}");
    let mut wrong = chime(&line);
    wrong.env("AWS_DEFAULT_OUTPUT", "xml");
    assert!(stderr(wrong, 255).contains("AWS_DEFAULT_OUTPUT must be one of json, yaml"));
    let text = stderr(chime(&format!("{line} --query Account[")), 252);
    assert!(text.contains("--query") && text.contains("(character "), "{text}");
    let text = stderr(chime(&format!("{line} --query sort(@)")), 255);
    assert!(text.contains("sort(list of numbers or of strings)"), "{text}");
}

#[test]
fn pages_are_printed_as_they_arrive_and_stay_when_a_later_one_fails() {
    const PAGES: &[Option<&str>] = &[
        Some(r#"{"Users":[{"UserId":"1"}],"NextToken":"x"}"#),
        Some(r#"{"Users":[{"UserId":"2"}],"NextToken":"y"}"#),
        None,
    ];
    for (format, printed) in [
        ("text", "USERS\t1\nUSERS\t2\n"),
        (
            "yaml-stream",
            "- NextToken: x\n  Users:\n  - UserId: '1'\n- NextToken: y\n  Users:\n  - UserId: '2'\n",
        ),
        ("json", ""),
        ("yaml", ""),
        ("table", ""),
    ] {
        let (stdout, stderr, code) =
            outcome(served(&format!("{USER_LINES} --output {format}"), PAGES));
        assert_eq!((stdout.as_str(), code), (printed, 254), "{stderr}");
        assert!(stderr.contains("(403) when calling the ListUsers operation: enough"), "{stderr}");
    }
}

#[test]
fn a_page_token_that_comes_again_is_an_error() {
    const SAME: &[Option<&str>] = &[Some(r#"{"Users":[{"UserId":"1"}],"NextToken":"x"}"#); 2];
    const CIRCLE: &[Option<&str>] = &[
        Some(r#"{"Users":[{"UserId":"1"}],"NextToken":"x"}"#),
        Some(r#"{"Users":[{"UserId":"2"}],"NextToken":"y"}"#),
        Some(r#"{"Users":[{"UserId":"3"}],"NextToken":"x"}"#),
    ];
    for pages in [SAME, CIRCLE] {
        let text = stderr(served(USER_LINES, pages), 255);
        assert!(text.contains("the same next token was received twice"), "{text}");
    }
    let (printed, _, code) = outcome(served(&format!("{USER_LINES} --output text"), SAME));
    assert_eq!((printed.as_str(), code), ("USERS\t1\nUSERS\t1\n", 255));
}

#[test]
fn the_query_is_applied_to_each_page_of_text() {
    const PAGES: &[Option<&str>] = &[
        Some(r#"{"Users":[{"UserId":"1"},{"UserId":"2"}],"NextToken":"x"}"#),
        Some(r#"{"Users":[{"UserId":"3"}]}"#),
    ];
    let line = format!("{USER_LINES} --query Users[].UserId --output");
    assert_eq!(stdout(served(&format!("{line} text"), PAGES)), "1\t2\n3\n");
    assert_eq!(
        stdout(served(&format!("{line} yaml-stream"), PAGES)),
        "- - '1'\n  - '2'\n- - '3'\n"
    );
    assert_eq!(stdout(served(&format!("{line} yaml"), PAGES)), "- '1'\n- '2'\n- '3'\n");
}

#[test]
fn a_profile_names_the_format_unless_the_variable_does() {
    const USERS: &[Option<&str>] = &[Some(r#"{"Users":[{"UserId":"1"}]}"#)];
    let file =
        Scratch::with("output-profile", "[default]\noutput = text\n[profile p]\noutput = xml\n");
    let with_profile = |flags: &str| {
        let mut command = served(&format!("{USER_LINES} {flags}"), USERS);
        command.env("AWS_CONFIG_FILE", file.path());
        command
    };
    assert_eq!(stdout(with_profile("")), "USERS\t1\n");
    let mut command = with_profile("");
    command.env("AWS_DEFAULT_OUTPUT", "yaml");
    assert_eq!(stdout(command), "Users:\n- UserId: '1'\n");
    assert!(stderr(with_profile("--profile p"), 255).contains("output of the profile"));
}

#[test]
fn a_profile_says_how_timestamps_are_printed() {
    const ROOM: &[Option<&str>] =
        &[Some(r#"{"Room":{"CreatedTimestamp":"2025-03-05T12:00:00.5Z"}}"#)];
    for (format, expected) in [
        ("", "2025-03-05T12:00:00.500000+00:00\n"),
        ("iso8601", "2025-03-05T12:00:00.500000+00:00\n"),
        ("wire", "2025-03-05T12:00:00.5Z\n"),
    ] {
        let profile = format!("[default]\ncli_timestamp_format = {format}\n");
        let file = Scratch::with(&format!("times-{format}"), &profile);
        let line =
            "get-room --account-id a --room-id r --query Room.CreatedTimestamp --output text";
        let mut command = served(line, ROOM);
        command.env("AWS_CONFIG_FILE", file.path());
        assert_eq!(stdout(command), expected, "{format}");
    }
}

#[test]
fn a_list_goes_on_where_the_last_command_stopped() {
    let line = format!("--local list-users --account-id {ACCOUNT} --page-size 2");
    let whole = result(chime(&line))["Users"].clone();
    let (mut users, mut token) = (Vec::new(), None::<String>);
    loop {
        let token_flag = token.map(|token| format!("--starting-token {token}")).unwrap_or_default();
        let mut part = result(chime(&format!("{line} --max-items 1 {token_flag}")));
        users.append(part["Users"].as_array_mut().unwrap());
        token = part["NextToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(Value::from(users), whole);
    let text = stderr(chime(&format!("{line} --no-paginate")), 252);
    assert!(text.contains("--page-size"), "{text}");
    for items in ["many", "-1", "1.5"] {
        let text = stderr(chime(&format!("{line} --max-items {items}")), 252);
        assert!(text.contains("must be a whole number"), "{text}");
    }
}

#[test]
fn control_characters_reach_the_terminal_in_no_format() {
    const BODY: &[Option<&str>] =
        &[Some("{\"Account\":{\"Name\":\"a\\u001b[2J\\u202eb\",\"AccountId\":\"1\"}}")];
    for format in ["json", "yaml", "yaml-stream", "text", "table"] {
        let command = served(&format!("get-account --account-id a --output {format}"), BODY);
        let printed = stdout(command);
        assert!(!printed.contains(['\u{1b}', '\u{202e}']) && printed.contains("[2J"), "{printed}");
    }
}

#[test]
fn shorthand_and_yaml_say_what_json_says() {
    let room =
        format!("--local batch-create-room-membership --account-id {ACCOUNT} --room-id {ROOM}");
    let text = stderr(chime(&format!("{room} --membership-item-list MemberId=m,Role=Owner")), 252);
    assert!(text.contains("MembershipItemList[0].Role: must be one of"), "{text}");
    let text = stderr(chime(&format!("{room} --membership-item-list MemberId")), 252);
    assert!(text.contains("--membership-item-list") && text.contains("expected '='"), "{text}");
    let items = "MemberId=nobody,Role=Member MemberId=other";
    let failed = result(chime(&format!("{room} --membership-item-list {items}")));
    assert_eq!(failed["Errors"].as_array().unwrap().len(), 2);

    let yaml = "\u{feff}AccountId: a\nName: '- a list item'\n";
    let file = Scratch::with("input.yaml", yaml);
    let line = "--local create-account --generate-cli-skeleton output --cli-input-yaml file://";
    let text = stderr(chime(&format!("{line}{}", file.path())), 252);
    assert!(text.contains("AccountId: is not a member"), "{text}");
}

#[test]
fn a_value_that_starts_with_a_dash_is_taken() {
    let mut command = chime(&format!("--local update-account --account-id {ACCOUNT} --name"));
    command.args(["- a list item", "--query", "Account.Name"]);
    assert_eq!(result(command), "- a list item");
}

#[test]
fn help_is_also_a_word() {
    for (word, flag) in [
        ("help", "--help"),
        ("create-room help", "create-room --help"),
        ("meetings help", "meetings --help"),
        ("chime-sdk-voice get-voice-connector help", "voice get-voice-connector --help"),
    ] {
        assert_eq!(stdout(chime(word)), stdout(chime(flag)), "{word}");
    }
    assert!(stdout(chime("help")).contains("252  The command line or the input is invalid"));
}

#[test]
fn flags_that_are_refused_say_what_to_do() {
    for (flag, advice) in [
        ("--no-verify-ssl", "--ca-bundle"),
        ("--no-sign-request", "AWS_ACCESS_KEY_ID"),
        ("--cli-auto-prompt", "--help"),
    ] {
        let text = stderr(chime(&format!("list-accounts {flag}")), 252);
        assert!(text.contains(flag) && text.contains(advice), "{text}");
    }
    let text = stderr(with_key(chime("list-accounts --ca-bundle /no/such.pem")), 255);
    assert!(text.contains("/no/such.pem"), "{text}");
    let ignored = "--no-cli-auto-prompt --cli-binary-format base64 --no-cli-pager --color off";
    stdout(chime(&format!("--local list-accounts {ignored}")));
}

#[test]
fn the_embedded_chime_keeps_its_state_in_a_file() {
    let file = Scratch::with("kept-state", "");
    std::fs::remove_file(file.path()).unwrap();
    let line = format!("--local --state {}", file.path());
    stdout(chime(&format!("{line} create-account --name Kept")));
    let names = result(chime(&format!("{line} list-accounts --query Accounts[].Name")));
    assert!(names.as_array().unwrap().contains(&json!("Kept")), "{names}");
    // An operation may have a flag of this name itself.
    stdout(chime(&format!("{line} search-available-phone-numbers --state WA")));
    let text = stderr(chime("--state file list-accounts"), 252);
    assert!(text.contains("--local"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_stdout_that_cannot_be_written_to_is_an_error() {
    let read_only = std::fs::File::open("/dev/null").unwrap();
    let output = chime("--local list-accounts").stdout(read_only).output().unwrap();
    assert_eq!(output.status.code(), Some(255));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot print the result"));
}
