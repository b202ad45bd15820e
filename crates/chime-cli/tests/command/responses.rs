//! Responses that do not come from Amazon Chime, or that hold text for a terminal to act on.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use super::{chime, stderr, stdout, with_key};

/// A command whose one request gets this response.
fn answered(line: &str, head: &str, body: &[u8]) -> Command {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut response = head.replace('\n', "\r\n").into_bytes();
    write!(response, "\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
    response.extend_from_slice(body);
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let request = BufReader::new(stream.try_clone().unwrap()).lines();
        request.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
        stream.write_all(&response).unwrap();
    });
    let mut command = with_key(chime(&format!("{line} --endpoint-url {url}")));
    command.env("AWS_MAX_ATTEMPTS", "1");
    command
}

/// The error of `get-account`, whose request gets this response.
fn error(head: &str, body: &[u8], code: i32) -> String {
    let text = stderr(answered("get-account --account-id a", head, body), code);
    text.trim().to_owned()
}

const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x02\x00";

#[test]
fn an_error_of_a_gateway_shows_its_message() {
    let start =
        |code| format!("An error occurred ({code}) when calling the GetAccount operation: ");
    let body = br#"{"code":403,"message":"denied by gateway"}"#;
    assert_eq!(error("HTTP/1.1 403 X", body, 254), start(403) + "denied by gateway");
    let body = br#"["ThrottlingException"]"#;
    assert_eq!(error("HTTP/1.1 400 X", body, 254), start(400) + r#"["ThrottlingException"]"#);
    let moved = "HTTP/1.1 302 X\nlocation: https://u:secret@login.example/a?token=secret";
    let target = "the response redirects to https://login.example/a; this client does not follow \
        redirects";
    assert_eq!(error(moved, b"<a>Found</a>", 254), start(302) + target);
}

#[test]
fn an_encoded_body_is_named_and_not_printed() {
    let expected = "the response is encoded with gzip, which this client does not accept";
    for (status, code) in [(200, 255), (404, 254)] {
        let head = format!("HTTP/1.1 {status} X\ncontent-encoding: gzip");
        let text = error(&head, GZIP, code);
        assert!(text.ends_with(expected), "{text}");
    }
    let text = error("HTTP/1.1 502 X\ncontent-type: image/png", GZIP, 254);
    assert!(text.ends_with("the response body is not text (14 bytes, content type image/png)"));
}

#[test]
fn the_page_of_a_captive_portal_is_not_a_success() {
    let html = "HTTP/1.1 200 OK\ncontent-type: text/html; charset=utf-8";
    let json = "HTTP/1.1 200 OK\ncontent-type: application/json";
    for line in ["get-account --account-id a", "delete-room --account-id a --room-id r"] {
        let text = stderr(answered(line, html, b"<html>Log in</html>"), 255);
        let expected = "the response (HTTP 200) could not be decoded: the body is not JSON (line 1, \
            column 1), content type text/html; a proxy or a captive portal may have responded in \
            place of the service";
        assert!(text.contains(expected), "{text}");
        let text = stderr(answered(line, json, br#"{"Account":{"Na"#), 255);
        assert!(text.contains("the body ends early, content type application/json"), "{text}");
    }
    assert_eq!(stdout(answered("delete-room --account-id a --room-id r", html, b"")), "");
}

#[test]
fn control_characters_of_others_never_reach_the_terminal() {
    let body = json!({"Message": "bad\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\nnext"});
    let text = error("HTTP/1.1 400 X", body.to_string().as_bytes(), 254);
    let expected = r"bad\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}";
    assert!(text.contains(&format!("{expected}\nnext")), "{text}");

    let named = "HTTP/1.1 400 X\nx-amzn-requestid: r";
    let body = json!({"__type": "Bad\u{1b}[2JException"});
    let text = error(named, body.to_string().as_bytes(), 254);
    assert!(text.contains("(400)") && !text.contains('\u{1b}'), "{text}");

    // The output is still the same JSON.
    let name = "a\u{1b}[2J\u{7f}\u{9b}2J\u{202e}\u{2066}é";
    let body = json!({"Account": {"Name": name}}).to_string();
    let line = "get-account --account-id a";
    let text = stdout(answered(line, "HTTP/1.1 200 OK", body.as_bytes()));
    assert!(text.contains(r"a\u001b[2J\u007f\u009b2J\u202e\u2066é"), "{text}");
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["Account"]["Name"], name);
}

#[test]
fn control_characters_of_a_command_line_and_of_file_names_are_escaped_too() {
    let escape = |word: &str, code| {
        let mut command = chime("list-rooms");
        command.arg(word);
        let text = stderr(command, code);
        assert!(text.contains(r"\u{1b}[2J") && !text.contains('\u{1b}'), "{text}");
    };
    escape("--\u{1b}[2J", 252);
    escape("--account-id=file://no-such-\u{1b}[2J", 252);
    let mut unknown = chime("");
    unknown.arg("\u{1b}[2J");
    let text = stderr(unknown, 252);
    assert!(text.contains(r"'\u{1b}[2J'"), "{text}");
}
