//! Tests of the command line: what is built, parsed and shown.

use chime_client::model::chime;

use super::*;

#[test]
fn every_operation_builds() {
    // Fails for flags that collide with each other or with a global flag.
    command().debug_assert();
}

#[test]
fn every_command_and_argument_has_a_help_text() {
    fn check(command: &Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path}");
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let has_help = arg.get_help().is_some_and(|help| !help.to_string().is_empty());
            assert!(has_help, "{path}: {}", arg.get_id());
        }
        command.get_subcommands().for_each(|inner| check(inner, &path));
    }
    check(&command(), "");
}

/// The names of the subcommands and the flags of the innermost one, or the error.
fn described(parsed: Result<ArgMatches, clap::Error>) -> String {
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return error.to_string(),
    };
    let (mut names, mut innermost) = (Vec::new(), &parsed);
    while let Some((name, inner)) = innermost.subcommand() {
        names.push(name);
        innermost = inner;
    }
    format!("{names:?} {innermost:?}")
}

#[test]
fn a_part_of_the_command_parses_as_the_whole_does() {
    for line in [
        &["get-room", "--account-id", "a"][..],
        &["--profile", "get-room", "list-rooms", "--max-items=1"],
        &["meetings", "get-meeting", "--meeting-id", "m", "--local"],
        &["chime", "list-accounts"],
        &["chime-sdk-voice", "list-sip-rules", "--output", "text"],
        &["serve", "--empty", "--profile", "p"],
        &["wait", "voice", "phone-number-order-successful", "--timeout", "9", "--local"],
        &["wait"],
        &["bulk", "chime", "get-room", "--from=-", "--resume"],
        &["bulk", "--concurrency", "9", "chime-sdk-voice", "get-sip-rule", "--sip-rule-id=a"],
        &["bulk"],
        &["bulk", "chime"],
        &["get-rom", "--name", "get-room"],
        &["get-room", "list-rooms"],
        &["help", "get-room"],
        &["get-room", "--help"],
        &["--version"],
        &["meetings"],
        &[],
    ] {
        let words: Vec<OsString> =
            ["chime"].iter().chain(line).map(|word| OsString::from(*word)).collect();
        let whole = command().try_get_matches_from(&words);
        assert_eq!(described(parsed(&words)), described(whole), "{line:?}");
    }
}

#[test]
fn only_the_operation_that_is_called_gets_its_flags() {
    let mut command = command();
    command.try_get_matches_from_mut(["chime", "get-room"]).unwrap();
    let built: Vec<&str> = command
        .get_subcommands()
        .filter(|operation| operation.get_arguments().any(|flag| flag.get_id() == "AccountId"))
        .map(Command::get_name)
        .collect();
    assert_eq!(built, ["get-room"]);
}

#[test]
fn help_tells_the_summary_and_what_is_required() {
    let mut command = command();
    let list = command.render_long_help().to_string();
    for info in chime::API.operations {
        let line = list
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{} ", kebab(info.name))));
        assert!(line.is_some_and(|line| line.ends_with(summary(info))), "{list}");
    }

    let help = command.try_get_matches_from(["chime", "update-room-membership", "--help"]);
    let help = help.unwrap_err().to_string();
    let info = find(&chime::API, "update-room-membership").unwrap();
    assert!(help.starts_with(info.doc), "{help}");
    for member in info.input.members {
        assert!(help.contains(&format!("--{} <TEXT>", kebab(member.name))), "{help}");
        assert!(help.contains(member.doc), "{help}");
    }
    assert_eq!(help.matches("[required]").count(), 3);
    assert!(help.contains("One of Administrator, Member."));
}
