//! Tests of what help adds: every example is valid, and every member is described.

use std::ffi::OsString;

use super::*;
use crate::command::parsed;
use crate::input;
use crate::services::{SERVICES, operation};
use chime_client::model::{APIS, Rule, check, meetings, messaging};
use serde_json::Value;

/// All operations with the names of their services.
fn operations() -> impl Iterator<Item = (&'static str, &'static OperationInfo)> {
    SERVICES.iter().flat_map(|(name, _, api)| api.operations.iter().map(move |info| (*name, *info)))
}

fn help(line: &[&str]) -> String {
    let words: Vec<_> = line.iter().map(OsString::from).collect();
    parsed(&words).unwrap_err().to_string()
}

/// Whether the value at the path of a violation is a placeholder.
fn is_placeholder(input: &Value, path: &str) -> bool {
    let pointer = path.replace(['.', '['], "/").replace(']', "");
    let found = input.pointer(&format!("/{pointer}")).and_then(Value::as_str);
    found.is_some_and(|text| text.starts_with('<') && text.ends_with('>'))
}

#[test]
fn every_example_is_valid_but_for_its_placeholders() {
    let mut count = 0;
    for (service, info) in operations() {
        let name = ["chime", service, &kebab(info.name)].map(str::to_owned);
        let line: Vec<String> =
            name.into_iter().chain(example::needed(info).flat_map(example::words)).collect();
        let words: Vec<OsString> = line.iter().map(OsString::from).collect();
        let matches = parsed(&words).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let (found, given) = operation(&matches).unwrap();
        assert_eq!(found.name, info.name);
        let input = input::read(info, given).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let violations = check(info.input, &input).err();
        for violation in violations.iter().flatten() {
            let is_form = matches!(violation.rule, Rule::Pattern { .. } | Rule::Length { .. });
            let is_open = is_placeholder(&input.clone().into(), &violation.path);
            assert!(is_form && is_open, "{line:?}: {violation:?}");
        }
        // A word is quoted by single quotes around it.
        assert!(!line.iter().any(|word| word.contains('\'')), "{line:?}");
        count += 1;
    }
    assert_eq!(count, APIS.iter().map(|api| api.operations.len()).sum::<usize>());
}

#[test]
fn an_example_can_be_copied_to_a_shell() {
    let info = messaging::API.operation("CreateChannelBan").unwrap();
    let flags = ["channel-arn", "member-arn", "chime-bearer"];
    let flags = flags.map(|flag| format!(" \\\n    --{flag} '<{flag}>'"));
    let expected = format!("Example:\n  chime messaging create-channel-ban{}", flags.concat());
    assert_eq!(example::text("chime messaging create-channel-ban", info), expected);
}

#[test]
fn help_describes_every_member_of_every_structure() {
    let all = |text: &str, structure: &Structure| {
        structure.members.iter().all(|member| {
            [" (", " [required] ("]
                .iter()
                .any(|end| text.contains(&format!("  {}{end}", member.name)))
                && member.doc.lines().all(|line| text.contains(line))
        })
    };
    for (_, info) in operations() {
        let text = members(info);
        for structure in info.input.members.iter().filter_map(|member| structure_in(member.shape)) {
            assert!(all(&text, structure), "{}: {text}", info.name);
        }
    }
}

#[test]
fn help_has_types_limits_and_values() {
    let text = help(&["chime", "meetings", "create-meeting-with-attendees", "--help"]);
    let info = meetings::API.operation("CreateMeetingWithAttendees").unwrap();
    for expected in [
        "Members of CreateAttendeeRequestItem in --attendees:\n",
        "  For example: --attendees 'ExternalUserId=<external-user-id>'\n",
        "  ExternalUserId [required] (text, 2 to 64 characters)\n",
        "  Audio [required] (one of SendReceive, Send, Receive, None)\n",
        "\n          Type: list of 1 to 20 items; each: structure CreateAttendeeRequestItem\n",
        &example::text("chime meetings create-meeting-with-attendees", info),
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let short = help(&["chime", "meetings", "create-meeting-with-attendees", "-h"]);
    assert!(!short.contains("Members of") && !short.contains("Type:"), "{short}");
    let bulk = help(&["chime", "bulk", "chime", "create-user", "--help"]);
    assert!(bulk.ends_with("Example:\n  chime bulk chime create-user --from rows.csv\n"), "{bulk}");
}

#[test]
fn limits_are_told_in_words() {
    for (min, max, unit, expected) in [
        (Some(1), Some(50), "item", Some("1 to 50 items")),
        (Some(0), Some(64), "character", Some("at most 64 characters")),
        (Some(1), Some(1), "item", Some("1 item")),
        (Some(1), None, "item", Some("at least 1 item")),
        (None, Some(2), "entry", Some("at most 2 entries")),
        (Some(0), Some(10), "", Some("0 to 10")),
        (Some(0), None, "character", None),
        (None, None, "item", None),
    ] {
        assert_eq!(range::<i64>(min, max, unit).as_deref(), expected);
    }
}
