//! `chime wait`, against a server that returns the same response to each request.

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{ROOM, answer, chime, stderr, stdout, with_key};

/// The command that waits for an order at a server with this response.
fn wait(state: &str, run: impl FnOnce(std::process::Command) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = format!(r#"{{"PhoneNumberOrder":{{"PhoneNumberOrderId":"o","Status":"{state}"}}}}"#);
    let (sender, paths) = mpsc::channel();
    thread::spawn(move || {
        listener.incoming().try_for_each(|stream| sender.send(answer(&stream.unwrap(), &body)))
    });
    let line = "wait voice phone-number-order-successful --timeout 6";
    let rest = format!(
        "--phone-number-order-id {ROOM} --interval 9 --region us-east-1 --endpoint-url {url}"
    );
    let text = run(with_key(chime(&format!("{line} {rest}"))));
    // On timeout, the last of two calls comes before the longest pause has passed.
    let calls = if state == "Processing" { 2 } else { 1 };
    for _ in 0..calls {
        let path = paths.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(path, format!("/phone-number-orders/{ROOM}"));
    }
    assert!(paths.try_recv().is_err(), "more than {calls} calls");
    text
}

#[test]
fn the_response_with_the_awaited_state_is_printed() {
    let text = wait("Successful", stdout);
    assert!(text.contains("\"Status\": \"Successful\""), "{text}");
}

#[test]
fn another_end_and_a_timeout_exit_with_255() {
    for (state, reason) in [
        ("Failed", "the resource is in state Failed, which never becomes Successful"),
        ("Processing", "was not reached in time (6 s)"),
    ] {
        let text = wait(state, |command| stderr(command, 255));
        assert!(text.contains("Waiter PhoneNumberOrderSuccessful failed: "), "{text}");
        assert!(text.contains(reason), "{text}");
    }
}

#[test]
fn an_error_of_the_service_exits_with_255_and_an_invalid_input_with_252() {
    let line = "--local wait chime phone-number-order-successful";
    let text = stderr(chime(&format!("{line} --phone-number-order-id {ROOM}")), 255);
    assert!(text.contains("An error occurred (NotFoundException)"), "{text}");
    let text = stderr(chime(line), 252);
    assert!(text.contains("--phone-number-order-id"), "{text}");
}
