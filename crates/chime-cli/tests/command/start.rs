//! What an emulator starts with: seeds, a time, a file that has its own idea of both, and a control token.

use serde_json::json;

use super::{Scratch, Server};
use crate::{chime, result, stderr};

#[test]
fn flags_that_a_state_file_overrules_are_told() {
    // A file whose creation was interrupted is created again, so nothing overrules its flags.
    let file = Scratch::with("overruling-state", &"\0".repeat(8192));
    let warnings = |flags: &str| {
        let server = Server::start(chime(&format!("serve -q --state {} {flags}", file.path())));
        server.log("-TERM").1
    };
    assert_eq!(warnings("--empty --frozen"), "");
    let told = warnings("--empty --now 2031-03-05T12:00:00Z");
    assert!(told.starts_with("warning: ") && told.lines().count() == 1, "{told}");
    assert!(told.contains(file.path()) && told.contains("--empty, --now"), "{told}");
    assert_eq!(warnings(""), "");
}

#[test]
fn a_damaged_state_file_is_an_error_of_one_line() {
    let file = Scratch::new("damaged-state");
    let list = || chime(&format!("--local --state {} list-accounts", file.path()));
    result(list());
    let good = std::fs::read(file.path()).unwrap();
    let mut refused = 0;
    for page in 1..good.len() / 4096 {
        let mut damaged = good.clone();
        damaged[page * 4096..][..4096].fill(0xff);
        std::fs::write(file.path(), damaged).unwrap();
        let output = list().output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!told.contains("panicked"), "{told}");
        if !output.status.success() {
            assert_eq!(told.trim().lines().count(), 1, "{told}");
            refused += 1;
        }
    }
    assert!(refused > 0);
}

#[test]
fn seeds_come_from_files_and_bring_keys_of_their_own() {
    let account = |name: &str, owner: &str| {
        let id = format!("{name}-id");
        json!({"Account": {"AwsAccountId": owner, "AccountId": id, "Name": name}})
    };
    let first = json!({"Organisations": [account("First", "111122223333")]});
    let first = Scratch::with("first.json", &first.to_string());
    let second = Scratch::with(
        "second.yaml",
        "Credentials:\n- AccessKeyId: AKIDOTHER\n  SecretAccessKey: other-secret\n  \
         AwsAccountId: '444455556666'\n  Arn: arn:aws:iam::444455556666:user/other\n\
         Organisations:\n- Account: {AwsAccountId: '444455556666', AccountId: b, Name: Second}\n",
    );
    let line = format!("serve --seed {} --seed {}", first.path(), second.path());
    let server = Server::start(chime(&line));
    let names = |command| {
        let accounts = result(command)["Accounts"].as_array().unwrap().clone();
        accounts.iter().map(|a| a["Name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(server.chime("list-accounts")), ["First"]);
    let mut other = server.chime("list-accounts");
    other.env("AWS_ACCESS_KEY_ID", "AKIDOTHER").env("AWS_SECRET_ACCESS_KEY", "other-secret");
    assert_eq!(names(other), ["Second"]);

    let wrong = json!({"Organisations": [{"Account": {"Name": "Wrong"}}]}).to_string();
    let wrong = Scratch::with("wrong.json", &wrong);
    let text = stderr(chime(&format!("serve --seed {}", wrong.path())), 252);
    assert!(text.contains("Organisations[0].Account") && text.contains("--seed"), "{text}");
    let text = stderr(chime("serve --seed nowhere.json"), 252);
    assert!(text.contains("nowhere.json"), "{text}");
}

#[test]
fn seeds_in_several_files_come_together_and_a_wrong_one_is_named() {
    let numbers = |number: &str| {
        let numbers = json!([{"E164PhoneNumber": number}]);
        json!({"AwsAccounts": [{"AwsAccountId": "111122223333", "PhoneNumbers": numbers}]})
    };
    let one = Scratch::with("one.json", &numbers("+12065550100").to_string());
    let two = Scratch::with("two.json", &numbers("+12065550101").to_string());
    let server =
        Server::start(chime(&format!("serve --seed {} --seed {}", one.path(), two.path())));
    let listed = result(server.chime("list-phone-numbers"));
    assert_eq!(listed["PhoneNumbers"].as_array().unwrap().len(), 2);

    let again = Scratch::with("again.json", &numbers("+12065550101").to_string());
    let state = Scratch::new("never-made");
    let files = format!("--seed {} --seed {} --seed {}", one.path(), two.path(), again.path());
    let text = stderr(chime(&format!("serve {files} --state {}", state.path())), 252);
    let problem = format!(
        "{}: AwsAccounts[0].PhoneNumbers[0]: must be unique; it duplicates an earlier item",
        again.path()
    );
    assert!(text.contains(&problem) && text.contains("--seed"), "{text}");
    assert!(!text.contains(state.path()), "{text}");

    // Each file is fine, and what they say together is not: the account has no such user.
    let of_nobody = json!({"AwsAccounts": [{"AwsAccountId": "111122223333", "PhoneNumbers":
        [{"E164PhoneNumber": "+12065550102", "Associations": [
            {"Name": "AccountId", "Value": "a"}, {"Name": "UserId", "Value": "u"}]}]}]});
    let of_nobody = Scratch::with("of-nobody.json", &of_nobody.to_string());
    let files = format!("--seed {} --seed {}", one.path(), of_nobody.path());
    let text = stderr(chime(&format!("serve {files} --state {}", state.path())), 252);
    assert!(text.contains("Associations: no user") && text.contains(of_nobody.path()), "{text}");
    assert!(text.contains("--seed") && !text.contains(state.path()), "{text}");
}

#[test]
fn time_and_chance_are_given() {
    let made = |flags: &str| {
        let server = Server::start(chime(&format!("serve --empty {flags}")));
        let account = result(server.chime("create-account --name New"))["Account"].clone();
        (account["AccountId"].clone(), account["CreatedTimestamp"].as_str().unwrap().to_owned())
    };
    let frozen = "--now 2031-03-05T13:00:00+01:00 --frozen";
    let (id, time) = made(&format!("--random-seed 7 {frozen}"));
    assert_eq!(time, "2031-03-05T12:00:00+00:00");
    assert_eq!(made(&format!("{frozen} --random-seed 7")), (id.clone(), time));
    let (other, time) = made("--now 2031-03-05T12:00:00Z");
    assert!(other != id && time.starts_with("2031-03-05T12:0"), "{time}");

    let text = stderr(chime("serve --now yesterday"), 252);
    assert!(text.contains("--now") && text.contains("2025-03-05T12:00:00Z"), "{text}");
    stderr(chime("serve --random-seed many"), 252);
}

#[test]
fn the_control_token_of_the_environment_is_that_of_the_server() {
    let with_token = |token: &str| {
        let mut command = chime("serve");
        command.env("CHIME_LOCAL_CONTROL_TOKEN", token);
        command
    };
    let server = Server::start(with_token("an-own-token_0123"));
    assert_eq!(server.control_token(), "an-own-token_0123");
    let answer = server.control("GET", "clock", "Bearer an-own-token_0123", "");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(server.end("-TERM"), Some(0));

    // An empty variable counts as unset.
    let server = Server::start(with_token(""));
    assert_eq!(server.control_token().len(), 64);
    assert_eq!(server.end("-TERM"), Some(0));

    let text = stderr(with_token("weak-token"), 255);
    assert!(text.contains("CHIME_LOCAL_CONTROL_TOKEN must have 16 to 128 letters"), "{text}");
    assert!(!text.contains("weak-token"), "{text}");
}
