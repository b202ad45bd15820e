//! What is told about a command line that clap does not accept, and what is never told.

use super::*;
use crate::command::parsed;

fn reported(line: &[&str]) -> String {
    let words: Vec<_> = ["chime"].iter().chain(line).map(OsString::from).collect();
    text(&parsed(&words).unwrap_err(), &words)
}

#[test]
fn a_value_is_never_quoted() {
    for line in [
        &["create-user", "--username", "Ana", "Secret"][..],
        &["create-user", "--username", "Ana", "-Secret"],
        &["create-user", "--username", "-Secret"],
        &["create-user", "--username", "Ana", "--user-type=SharedDevice", "Secret"],
        &["create-user", "Secret"],
        &["update-bot", "--disabled", "Secret"],
        &["update-bot", "--disabled=Secret"],
        &["get-room", "--no-such=Secret"],
    ] {
        let text = reported(line);
        assert!(!text.contains("ecret"), "{text}");
    }
}

#[test]
fn an_operation_of_another_service_is_found() {
    for (line, expected) in [
        (&["get-meeting"][..], "chime meetings get-meeting"),
        (&["meetings", "get-room"], "chime get-room"),
        (&["voice", "get-meeting"], "chime meetings get-meeting"),
        (&["bulk", "create-user"], "chime bulk chime create-user"),
        (&["bulk", "voice", "create-user"], "chime bulk chime create-user"),
        (
            &["wait", "phone-number-order-successful"],
            "chime wait chime phone-number-order-successful",
        ),
    ] {
        let text = reported(line);
        assert!(text.contains(&format!("did you mean '{expected}'?")), "{text}");
    }
}
