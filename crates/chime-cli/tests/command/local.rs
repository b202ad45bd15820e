//! `chime local` against a server, and the events that a server delivers.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use super::serve::{Scratch, Server};
use super::{chime, result, stderr, stdout};

const MEETING: &str = "meetings create-meeting --client-request-token token --media-region us-east-1 \
    --external-meeting-id standup";

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_running_server_is_controlled_from_the_shell() {
    let server = Server::start(chime("serve"));
    let done = |line: &str| {
        let output = server.chime(&format!("local {line}")).output().unwrap();
        assert_eq!((output.status.code(), told(&output)), (Some(0), String::new()), "{line}");
        output.stdout
    };
    let said = |line: &str| -> Value { serde_json::from_slice(&done(line)).unwrap() };
    assert_eq!(said("clock freeze")["Mode"], "Frozen");
    assert_eq!(said("clock set 2026-03-02T09:00:00Z")["Now"], "2026-03-02T09:00:00.000Z");
    assert_eq!(said("clock advance 1h")["Now"], "2026-03-02T10:00:00.000Z");
    assert_eq!(said("clock advance -30m")["Now"], "2026-03-02T09:30:00.000Z");

    done("snapshot before/after");
    assert_eq!(said("snapshot")["Snapshots"][0], "before/after");
    let created = result(server.chime(MEETING));
    let meeting = created["Meeting"]["MeetingId"].as_str().unwrap().to_owned();
    let add = format!("meetings create-attendee --meeting-id {meeting} --external-user-id ana");
    let added = result(server.chime(&add));
    let attendee = added["Attendee"]["AttendeeId"].as_str().unwrap();
    done(&format!("attendee {meeting} {attendee} join"));
    assert_eq!(said("meetings")["Meetings"][0]["Attendees"][0]["Connected"], true);
    assert_eq!(
        said("events --after 3")["Events"][0]["Body"]["detail"]["eventType"],
        "chime:AttendeeJoined"
    );

    let seed = Scratch::new("exported.json");
    done(&format!("export {}", seed.path()));
    done("restore before/after");
    assert_eq!(said("meetings")["Meetings"], serde_json::json!([]));
    done(&format!("seed {}", seed.path()));
    assert_eq!(said("meetings")["Meetings"][0]["MeetingId"], *meeting);
    // A reset keeps snapshots, events and requests.
    done("reset");
    assert_eq!(said("snapshot")["Snapshots"][0], "before/after");
    for list in ["events", "requests"] {
        let listed = said(list);
        let mut lists = listed.as_object().unwrap().values();
        assert_ne!(lists.next(), Some(&Value::Array(Vec::new())), "{listed}");
    }
    assert_eq!(result(server.chime(MEETING))["Meeting"]["MeetingId"], *meeting);
    done("domains release example.com");
    let faults = Scratch::with("faults.json", r#"{"Faults": [{"Operation": "GetRoom"}]}"#);
    done(&format!("faults set {}", faults.path()));
    assert_eq!(said("faults")["Faults"][0]["Operation"], "GetRoom");
    done("faults clear");
    assert_eq!(said("faults")["Faults"], serde_json::json!([]));

    server.end("-TERM");
}

#[test]
fn what_a_server_says_is_selected_and_formatted_as_a_result_is() {
    let server = Server::start(chime("serve --empty --frozen --now 2026-03-02T09:00:00Z"));
    let said = |line: &str| stdout(server.chime(&format!("local {line}")));
    let refused = |line: &str, code| stderr(server.chime(&format!("local {line}")), code);
    assert_eq!(said("clock --query Now --output text"), "2026-03-02T09:00:00.000Z\n");
    assert_eq!(
        said("clock advance 1h --output yaml"),
        "Mode: Frozen\nNow: '2026-03-02T10:00:00.000Z'\n"
    );
    let mut by_variable = server.chime("local snapshot");
    by_variable.env("AWS_DEFAULT_OUTPUT", "yaml");
    assert_eq!(stdout(by_variable), "Snapshots: []\n");
    assert!(refused("reset --query [", 252).contains("--query"));

    // A document in a file is JSON, whatever the flags say.
    let file = Scratch::new("all.json");
    let text = refused(&format!("export {} --output yaml", file.path()), 252);
    assert!(text.contains("'--output': cannot be used with a file"), "{text}");
    assert!(!fs::exists(file.path()).unwrap());
    assert_eq!(said("export"), "{}\n");
    let mut by_variable = server.chime("local export");
    by_variable.env("AWS_DEFAULT_OUTPUT", "text");
    assert_eq!(stdout(by_variable), "{}\n");
    assert_eq!(said("export --query Organisations"), "null\n");
    server.end("-TERM");
}

#[test]
fn the_last_requests_are_listed_or_those_that_failed() {
    let server = Server::start(chime("serve"));
    result(server.chime("list-accounts"));
    stderr(server.chime("get-account --account-id none"), 254);
    let faults = r#"{"Faults": [{"Operation": "ListAccounts", "Cut": "Before"}]}"#;
    let faults = Scratch::with("cutting-faults.json", faults);
    stdout(server.chime(&format!("local faults set {}", faults.path())));
    let mut cut = server.chime("list-accounts");
    cut.env("AWS_MAX_ATTEMPTS", "1");
    stderr(cut, 255);
    let select = "--query Requests[].[Operation,Status] --output text";
    let listed = |flags: &str| stdout(server.chime(&format!("local requests {flags} {select}")));
    let failed = "ListAccounts\tNone\nGetAccount\t404\n";
    assert_eq!(listed("--failed"), failed);
    assert_eq!(listed(""), format!("{failed}ListAccounts\t200\n"));
    server.end("-TERM");
}

#[test]
fn the_page_is_the_one_that_the_server_announced() {
    let server = Server::start(chime("serve"));
    let mut page = server.chime("local page");
    page.env("CHIME_LOCAL_CONTROL_TOKEN", "the-token-of-an-earlier-server");
    assert_eq!(stdout(page), format!("{}\n", server.page));
    let text = stderr(server.chime("local page --output yaml"), 252);
    assert!(text.contains("'--output': cannot be used with page"), "{text}");
    let url = server.url.clone();
    server.end("-TERM");

    let mut stopped = chime(&format!("local page --url {url}"));
    stopped.env("CHIME_LOCAL_CONTROL_TOKEN", "a-token-of-some-length");
    let text = stderr(stopped, 255);
    assert!(text.contains("could not connect"), "{text}");
}

#[test]
fn what_does_not_exist_is_named() {
    let server = Server::start(chime("serve"));
    let refused = |line: &str, code| {
        let text = stderr(server.chime(&format!("local {line}")), code);
        text.trim_matches('\n').to_owned()
    };
    let all = "; 'chime local meetings' lists all";
    assert_eq!(refused("attendee nope ana join", 255), format!("there is no meeting 'nope'{all}"));
    let created = result(server.chime(MEETING));
    let meeting = created["Meeting"]["MeetingId"].as_str().unwrap();
    assert_eq!(
        refused(&format!("attendee {meeting} ana join"), 255),
        format!("the meeting has no attendee 'ana'{all}")
    );
    let expected = "no account has claimed the domain 'nope.example'";
    assert_eq!(refused("domains release nope.example", 255), expected);

    // Nothing is sent if one of the files is missing.
    let seed = r#"{"Organisations": [{"Account": {"AwsAccountId": "111122223333",
        "AccountId": "added", "Name": "Added"}}]}"#;
    let seed = Scratch::with("added.json", seed);
    let text = refused(&format!("seed {} nope.json", seed.path()), 252);
    assert_eq!(text, "nope.json: No such file or directory (os error 2)");
    // Nor if one of them is invalid.
    let invalid = Scratch::with("invalid.json", r#"{"Organisations": [{"Account": {}}]}"#);
    let text = refused(&format!("seed {} {}", seed.path(), invalid.path()), 252);
    let start = format!("{}: Organisations[0].Account.AwsAccountId: is required", invalid.path());
    assert!(text.starts_with(&start), "{text}");
    let faults = Scratch::with("faults.json", r#"{"Faults": [{"Operation": "Nope"}]}"#);
    let text = refused(&format!("faults set {}", faults.path()), 252);
    assert!(text.starts_with(&format!("{}: ", faults.path())), "{text}");
    let text = stderr(server.chime("get-account --account-id added"), 254);
    assert!(text.contains("NotFoundException"), "{text}");
    server.end("-TERM");
}

#[test]
fn a_token_of_an_earlier_server_gives_way_to_the_one_in_the_file() {
    let server = Server::start(chime("serve"));
    let with_stale_token = || {
        let mut command = server.chime("local clock");
        command.env("CHIME_LOCAL_CONTROL_TOKEN", "the-token-of-an-earlier-server");
        command
    };
    assert!(result(with_stale_token())["Now"].is_string());

    let mut without_file = with_stale_token();
    without_file.env("XDG_RUNTIME_DIR", "/no/such/folder");
    let text = stderr(without_file, 255);
    assert!(text.contains("the server refused the control token"), "{text}");
    server.end("-TERM");
}

#[test]
fn meetings_of_the_embedded_family_survive_in_a_file() {
    let state = Scratch::new("meetings.db");
    let created = result(chime(&format!("--local --state {} {MEETING}", state.path())));
    let meeting = created["Meeting"]["MeetingId"].as_str().unwrap();
    let get =
        format!("--local --state {} meetings get-meeting --meeting-id {meeting}", state.path());
    assert_eq!(result(chime(&get)), created);
    let abroad = chime(&format!("{get} --region eu-central-1")).output().unwrap();
    assert!(told(&abroad).contains("NotFoundException"), "{}", told(&abroad));
}

#[test]
fn a_service_can_have_a_port_of_its_own() {
    let server = Server::start(chime("serve --listen meetings=127.0.0.1:0"));
    let of =
        |name: &str| server.exports.iter().find(|(export, _)| export == name).unwrap().1.clone();
    let own = of("AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS");
    assert_ne!(own, server.url);
    assert!(own.rsplit_once(':').unwrap().1.parse::<u16>().is_ok(), "{own}");
    // Without a token in the environment, it is found for each port.
    assert!(result(chime(&format!("local clock --url {own}")))["Now"].is_string());
    let created = result(server.chime(MEETING));
    let meeting = created["Meeting"]["MeetingId"].as_str().unwrap();
    // The port of all services has the same meetings, behind the prefix.
    let mut get = server.chime(&format!("meetings get-meeting --meeting-id {meeting}"));
    let prefix = format!("{}/chime-sdk-meetings", server.url);
    assert_eq!(result_of(get.env("AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS", prefix)), created);
    assert_eq!(server.end("-TERM"), Some(0));
    let refused = chime("serve --listen voice=127.0.0.1:0").output().unwrap();
    assert!(told(&refused).contains("unknown service 'voice'"), "{}", told(&refused));
}

/// `serve` stops all its ports in the same way.
#[test]
fn a_request_in_progress_on_a_port_of_a_service_gets_its_response() {
    let server = Server::start(chime("serve --listen meetings=127.0.0.1:0"));
    let faults = r#"{"Faults":[{"Operation":"CreateMeeting","DelayMillis":1000,"Times":1}]}"#;
    let faults = Scratch::with("delay.json", faults);
    stdout(server.chime(&format!("local faults set {}", faults.path())));
    let mut call = server.chime(MEETING);
    let mut call = call.stdout(Stdio::piped()).spawn().unwrap();
    // The rule is used up as soon as the request has arrived.
    let has_arrived = || result(server.chime("local faults"))["Faults"][0]["Times"] == 0;
    assert!((0..1000).any(|_| has_arrived()));
    assert_eq!(server.end("-TERM"), Some(0));
    assert!(call.wait().unwrap().success());
}

fn result_of(command: &mut Command) -> Value {
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

/// Receives the head, in lower case, and the body of a POST.
pub(super) fn received(reader: &mut BufReader<TcpStream>) -> (Vec<String>, Value) {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        assert_ne!(reader.read_line(&mut line).unwrap(), 0, "the connection has ended");
        if line == "\r\n" {
            break;
        }
        head.push(line.to_lowercase().trim_end().to_owned());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

#[test]
fn events_go_to_a_file_and_to_a_url() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let received = thread::spawn(move || {
        let (stream, _) = receiver.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let event = received(&mut reader);
        reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        event
    });
    let file = Scratch::new("events.jsonl");
    let line = format!("serve --events {} --events-url {url}", file.path());
    let server = Server::start(chime(&line));
    result(server.chime(MEETING));
    let (head, event) = received.join().unwrap();
    assert_eq!(head[0], "post /hook http/1.1");
    assert!(head.contains(&"x-chime-channel: eventbridge".to_owned()), "{head:?}");
    assert_eq!(event["detail"]["eventType"], "chime:MeetingStarted");
    assert_eq!(server.end("-TERM"), Some(0));
    let lines = fs::read_to_string(file.path()).unwrap();
    let written: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(written["Body"], event);
    assert_eq!(lines.lines().count(), 1);
}
