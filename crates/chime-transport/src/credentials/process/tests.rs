//! The output of programs, and how they run.

use super::*;

/// Returns output with an access key and additional members.
fn output(members: &str) -> String {
    format!(r#"{{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"{members}}}"#)
}

#[test]
fn output_with_and_without_optional_members() {
    for absent in [
        r#", "More": []"#,
        r#", "SessionToken": null, "Expiration": null"#,
        r#", "SessionToken": """#,
    ] {
        let credentials = read(output(absent).as_bytes()).unwrap();
        assert!(credentials.are(&Credentials::new("a", "b")), "{absent}");
        assert_eq!(credentials.expiry(), None, "{absent}");
    }
    let all = r#", "SessionToken": "t", "Expiration": "2026-11-23T16:07:45+01:00""#;
    let temporary = read(output(all).as_bytes()).unwrap();
    assert!(temporary.are(&Credentials::new("a", "b").with_session_token("t")));
    assert_eq!(temporary.expiry(), Some(UNIX_EPOCH + Duration::from_secs(1_795_446_465)));
}

#[test]
fn times_in_many_spellings() {
    let seconds = |text| {
        let time: Option<SystemTime> = timestamp(text);
        time.map(|time| time.duration_since(UNIX_EPOCH).unwrap().as_secs())
    };
    let same = "2030-01-01T00:00:00Z 2030-01-01T00:00:00+0000 2030-01-01T00:00:00-00:00 \
        2030-01-01T00:00:00+00 20300101T000000Z 20300101t000000z 20300101T000000.000Z \
        20300101T010000+0100 2030-01-01T00:00Z 2029-12-31T16:30:00,5-07:30";
    let spaced = ["2030-01-01 00:00:00 +0000", " 2030-01-01T00:00:00Z\n"];
    for text in same.split_whitespace().chain(spaced) {
        assert_eq!(seconds(text), Some(1_893_456_000), "{text}");
    }
    assert_eq!(seconds("0001-01-01T00:00:00Z"), Some(0));
    let invalid = "0 1893456000 tomorrow T 2030-01-01 2030-01-01T00:00:00 2030-01-01TZ \
        2030-13-01T00:00:00Z 2030-02-30T00:00:00Z 2030-01-01T25:00:00Z 2030-1-1T00:00:00Z \
        2030-01-01T00:00:00.Z 2030-01-01T00:00:00.xZ 2030-01-01T00:00:00ZZ \
        2030-01-01T00:00:00+1 2030-01-01T00:00:00+9900 -2030-01-01T00:00:00Z";
    for text in invalid.split_whitespace().chain([""]) {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn invalid_output_is_an_error_that_shows_nothing_of_it() {
    let members = [
        r#", "Expiration": "very-secret""#,
        r#", "Expiration": """#,
        r#", "Expiration": 1893456000"#,
        r#", "SessionToken": ["very-secret"]"#,
    ];
    let outputs = [
        "",
        "very-secret",
        r#"["very-secret"]"#,
        r#"{"Version": 2, "AccessKeyId": "a", "SecretAccessKey": "very-secret"}"#,
        r#"{"Version": 1, "SecretAccessKey": "very-secret"}"#,
        r#"{"Version": 1, "AccessKeyId": "very-secret", "SecretAccessKey": ""}"#,
        r#"{"Version": 1, "AccessKeyId": "very-secret", "SecretAccessKey": true}"#,
    ];
    for output in outputs.map(str::to_owned).into_iter().chain(members.map(output)) {
        let error = read(output.as_bytes()).unwrap_err();
        assert!(error.contains("output of credential_process"), "{error}");
        assert!(!error.contains("very-secret"), "{error}");
    }
    assert_eq!(format!("{:?}", Process::new("very-secret")), "Process");
}

#[cfg(unix)]
#[tokio::test]
async fn the_shell_runs_the_command_line() {
    let json = output("").replace("\"a\"", "\"a b\"");
    let credentials = Process::new(format!("printf '%s' '{json}' | cat")).load().await;
    assert_eq!(credentials.unwrap().access_key_id(), "a b");
    let error = Process::new("echo very-secret; exit 3").load().await.unwrap_err();
    assert_eq!(error.to_string(), "credential_process failed: exit status: 3");
}

#[cfg(unix)]
#[tokio::test]
async fn output_without_an_end_is_an_error() {
    let error = Process::new("yes").load().await.unwrap_err();
    assert_eq!(error.to_string(), "credential_process printed more than 1 MiB");
}

/// Runs this test as a child process with a known standard input.
#[cfg(unix)]
#[tokio::test]
async fn the_process_inherits_standard_input_and_error() {
    use std::io::Write;
    const IN_CHILD: &str = "CHIME_TEST_STANDARD_INPUT";
    if std::env::var_os(IN_CHILD).is_some() {
        let json = output("").replace("\"a\"", "\"'$code'\"");
        let line = format!("printf 'MFA code: ' >&2; read code; printf '%s' '{json}'");
        assert_eq!(Process::new(line).load().await.unwrap().access_key_id(), "123456");
        return;
    }
    let name = "credentials::process::tests::the_process_inherits_standard_input_and_error";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args([name, "--exact"]).env(IN_CHILD, "1");
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"123456\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "MFA code: ");
}
