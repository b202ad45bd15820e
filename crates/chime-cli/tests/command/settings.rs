//! Where the command finds its settings: flags, variables and profiles.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use super::serve::Scratch;
use super::{chime, stderr, stdout, with_key};

/// Profiles of which each has its own invalid setting, so that the error names the one in use.
const PROFILES: &str = "[default]\nmax_attempts = none\n\
    [one]\nretry_mode = none\n\
    [two]\ndefaults_mode = none\n";

/// The setting that the command with this environment fails on.
fn failing_setting(flags: &str, vars: &[(&str, &str)]) -> &'static str {
    let name = format!("order-{flags}-{vars:?}").replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let file = Scratch::with(&name, PROFILES);
    let mut command = with_key(chime("list-accounts --endpoint-url http://127.0.0.1:1"));
    command.args(flags.split(' ').filter(|word| !word.is_empty()));
    command.env("AWS_SHARED_CREDENTIALS_FILE", file.path()).envs(vars.iter().copied());
    let text = stderr(command, 255);
    let settings = ["max_attempts", "retry_mode", "defaults_mode"];
    let found = settings.into_iter().find(|setting| text.contains(setting));
    assert!(found.is_some(), "{text}");
    found.unwrap()
}

#[test]
fn the_flag_ranks_above_the_default_variable_and_that_above_the_other() {
    let both = [("AWS_DEFAULT_PROFILE", "two"), ("AWS_PROFILE", "one")];
    assert_eq!(failing_setting("--profile one", &both[..1]), "retry_mode");
    assert_eq!(failing_setting("", &both), "defaults_mode");
    assert_eq!(failing_setting("", &both[1..]), "retry_mode");
    assert_eq!(failing_setting("", &[("AWS_DEFAULT_PROFILE", ""), both[1]]), "retry_mode");
    assert_eq!(failing_setting("", &[]), "max_attempts");
}

#[test]
fn an_empty_flag_counts_as_unset() {
    assert_eq!(failing_setting("--profile=", &[("AWS_PROFILE", "one")]), "retry_mode");
    assert_eq!(failing_setting("--profile=", &[("AWS_DEFAULT_PROFILE", "two")]), "defaults_mode");
    assert_eq!(failing_setting("--profile= --region=", &[]), "max_attempts");
}

/// The access key that signs `list-accounts`.
fn signing_key(mut command: Command) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let head: Vec<String> = BufReader::new(stream.try_clone().unwrap())
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .collect();
        stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n").unwrap();
        head.join("\n")
    });
    command.args(["--endpoint-url", &url]);
    stdout(command);
    let head = server.join().unwrap();
    let (_, key) = head.split_once("Credential=").unwrap();
    key.split('/').next().unwrap().to_owned()
}

#[test]
fn keys_in_the_environment_rank_above_a_profile_of_a_variable_only() {
    let keys = |id| format!("aws_access_key_id = {id}\naws_secret_access_key = secret\n");
    let profiles = format!("[default]\n{}[prod]\n{}", keys("AKIDDEFAULT"), keys("AKIDPROD"));
    let file = Scratch::with("keys", &profiles);
    let signing_key = |mut command: Command, variable: &str| {
        command.env("AWS_SHARED_CREDENTIALS_FILE", file.path()).env(variable, "prod");
        signing_key(command)
    };
    let list = || chime("list-accounts");
    assert_eq!(signing_key(list(), "OTHER"), "AKIDDEFAULT");
    for variable in ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"] {
        assert_eq!(signing_key(list(), variable), "AKIDPROD");
        assert_eq!(signing_key(with_key(list()), variable), "AKIDEXAMPLE");
    }
    let flag = with_key(chime("list-accounts --profile prod"));
    assert_eq!(signing_key(flag, "OTHER"), "AKIDPROD");
}

#[test]
fn a_default_variable_that_is_not_utf_8_is_an_error() {
    use std::os::unix::ffi::OsStrExt;

    let mut command = with_key(chime("list-accounts"));
    command.env("AWS_DEFAULT_PROFILE", std::ffi::OsStr::from_bytes(b"\xff"));
    assert!(stderr(command, 255).contains("AWS_DEFAULT_PROFILE is not valid UTF-8"));
}

#[test]
#[cfg(not(feature = "aws-config"))]
fn credentials_that_need_another_build_name_it() {
    let install = "cargo install chime-cli --features aws-config";
    for source in [
        "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = default",
        "role_arn = arn:aws:iam::111122223333:role/r\ncredential_source = Environment",
        "role_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = /token",
        "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r",
        "sso_start_url = https://s.example\nsso_region = us-east-1",
        "login_session = arn:aws:iam::111122223333:user/u",
    ] {
        let file = Scratch::with("sources", &format!("[default]\n{source}\n"));
        let mut command = chime("list-accounts");
        command.env("AWS_CONFIG_FILE", file.path()).env("AWS_MAX_ATTEMPTS", "1");
        let text = stderr(command, 253);
        assert!(text.contains("default") && text.contains(install), "{text}");
    }
    assert!(stderr(chime("list-accounts"), 253).contains(install));
}

#[test]
fn a_failing_process_does_not_ask_for_another_build() {
    let file = Scratch::with("failing", "[default]\ncredential_process = false\n");
    let mut command = chime("list-accounts");
    command.env("AWS_CONFIG_FILE", file.path()).env("AWS_MAX_ATTEMPTS", "1");
    let text = stderr(command, 253);
    assert!(!text.contains("cargo install"), "{text}");
}
