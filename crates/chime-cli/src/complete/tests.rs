//! The candidates for a word, and the scripts that ask for them.

use super::*;
use crate::command::command;
use crate::services::SERVICES;

fn found(line: &[&str]) -> Vec<String> {
    let (word, previous) = line.split_last().unwrap();
    candidates(previous, word, command(), || vec!["prod".to_owned(), "my team".to_owned()])
}

#[test]
fn the_candidates_at_a_place_start_with_its_word() {
    for (line, expected) in [
        // Commands.
        (&["update-room"][..], &["update-room", "update-room-membership"][..]),
        (&["voi"], &["voice"]),
        (&["chime-sdk-v"], &["chime-sdk-voice"]),
        (&["voice", "list-sip-r"], &["list-sip-rules"]),
        (&["chime-sdk-voice", "list-sip-r"], &["list-sip-rules"]),
        (&["chime", "get-roo"], &["get-room"]),
        (&["bulk", "--from", "voice", "chime", "get-roo"], &["get-room"]),
        (&["--profile", "voice", "--local", "get-roo"], &["get-room"]),
        (&["--output=text", "get-roo"], &["get-room"]),
        (&["--output", "=", "text", "get-roo"], &["get-room"]),
        (&["help", "get-roo"], &["get-room"]),
        (&["man", "voice", "list-sip-r"], &["list-sip-rules"]),
        (&["wait", "voice", "phone-number-order-s"], &["phone-number-order-successful"]),
        (&["completions", ""], &["bash", "zsh", "fish", "powershell"]),
        (&["complet"], &["completions"]),
        (&["local", "re"], &["requests", "reset", "restore"]),
        (&["local", "pa"], &["page"]),
        (&["local", "attendee", "m", "a", "l"], &["leave"]),
        (&["local", "--url", "u", "attendee", "m", "l"], &[]),
        (&["no-such", "get-roo"], &["get-room"]),
        // Flags.
        (&["get-room", "--ro"], &["--room-id"]),
        (&["get-room", "--room-id", "r", "--ro"], &[]),
        (&["get-room", "--room-id=r", "--ro"], &[]),
        (&["get-room", "--room-id", "--acc"], &["--account-id"]),
        (&["--prof"], &["--profile"]),
        (&["list-rooms", "--no-p"], &["--no-paginate"]),
        (&["serve", "--see"], &["--seed"]),
        (&["local", "requests", "--fa"], &["--failed"]),
        (&["local", "clock", "--q"], &["--query"]),
        (&["serve", "--seed", "f", "--see"], &["--seed"]),
        (&["bulk", "chime", "get-room", "--res"], &["--results", "--resume"]),
        (&["voice", "update-sip-rule", "--disa"], &["--disabled"]),
        (&["voice", "update-sip-rule", "--no-disa"], &["--no-disabled"]),
        // Values.
        (&["update-room-membership", "--role", ""], &["Administrator", "Member"]),
        (&["update-room-membership", "--role", "A"], &["Administrator"]),
        (&["update-room-membership", "--role=A"], &["--role=Administrator"]),
        (&["update-room-membership", "--role", "="], &["Administrator", "Member"]),
        (&["update-room-membership", "--role", "=", "M"], &["Member"]),
        (&["--output", "y"], &["yaml", "yaml-stream"]),
        (&["get-room", "--output", "te"], &["text"]),
        (&["get-room", "--color", ""], &["on", "off", "auto"]),
        (&["--profile", ""], &["prod", "my team"]),
        (&["get-room", "--profile=p"], &["--profile=prod"]),
        (&["get-room", "--region", ""], &["us-east-1"]),
        (&["identity", "list-app-instances", "--region", "eu-"], &["eu-central-1"]),
        (&["--region", "us-e"], &["us-east-1"]),
        (
            &["wait", "voice", "phone-number-order-successful", "--output", "y"],
            &["yaml", "yaml-stream"],
        ),
        (
            &["wait", "voice", "phone-number-order-successful", "--region", "us-"],
            &["us-east-1", "us-west-2"],
        ),
        // Any text.
        (&["create-room", "--name", ""], &[]),
        (&["create-room", "--name", "get-roo"], &[]),
        (&["create-room", "--local", "get-roo"], &[]),
        (&["no-such", "--no-such", "no-such"], &[]),
    ] {
        assert_eq!(found(line), expected, "{line:?}");
    }
}

#[test]
fn an_operation_without_a_word_offers_its_flags() {
    let flags = found(&["get-room", ""]);
    for expected in ["--account-id", "--room-id", "--endpoint-url"] {
        assert!(flags.iter().any(|flag| flag == expected), "{flags:?}");
    }
    assert!(!flags.iter().any(|flag| flag == "--no-verify-ssl"), "{flags:?}");
}

#[test]
fn every_operation_of_every_service_can_be_found() {
    for (name, _, api) in SERVICES {
        let names = found(&[name, ""]);
        for info in api.operations {
            let operation = crate::names::kebab(info.name);
            assert!(names.contains(&operation), "{name} {operation}");
        }
    }
}

#[test]
fn only_the_call_of_a_script_is_answered() {
    let answered = |line: &[&str]| answered(line.iter().map(OsString::from), command);
    assert!(answered(&["complete", "--word=no-such"]));
    for line in [&["complete"][..], &["complete", "x"], &["get-room", "--word="], &[]] {
        assert!(!answered(line), "{line:?}");
    }
}

#[test]
fn a_script_passes_the_word_and_those_before_it_and_registers_itself() {
    for (shell, call, registration) in [
        (
            "bash",
            r#"chime complete "--word=${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[@]:1:COMP_CWORD-1}""#,
            "complete -o default -F _chime chime",
        ),
        (
            "zsh",
            r#"chime complete "--word=$PREFIX" "${(@Q)words[2,CURRENT-1]}""#,
            "compdef _chime chime",
        ),
        ("fish", r#"chime complete "--word=$word" $words"#, "complete -c chime -f -a"),
        (
            "powershell",
            r#"chime complete "--word=$word" @words"#,
            "Register-ArgumentCompleter -Native -CommandName chime",
        ),
    ] {
        let (_, script) = script::SCRIPTS.iter().find(|(name, _)| *name == shell).unwrap();
        assert!(script.contains(call) && script.contains(registration), "{script}");
    }
}
