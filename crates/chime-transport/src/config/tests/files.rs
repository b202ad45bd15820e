//! Files and variables that are missing, malformed or not UTF-8.

use super::*;

#[test]
fn variables_name_other_files() {
    let read = |file: &Path| {
        Ok(match file.to_str().unwrap() {
            "/u/a/c" => "[default]\nregion = r".to_owned(),
            "/k" => "[default]\nmax_attempts = 7".to_owned(),
            other => panic!("{other}"),
        })
    };
    let vars = [
        ("USERPROFILE", "/u/a"),
        ("AWS_CONFIG_FILE", "~/c"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/k"),
    ];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load_from(vars, None, read).unwrap();
    assert_eq!((config.region.as_deref(), config.max_attempts), (Some("r"), 7));
}

#[tokio::test]
async fn white_space_around_a_variable_is_ignored() {
    // From an env file with CRLF, or a secret that was stored with a line end.
    let vars = [
        ("AWS_ACCESS_KEY_ID", "AKID\r"),
        ("AWS_SECRET_ACCESS_KEY", "secret\n"),
        ("AWS_SESSION_TOKEN", " \n"),
        ("AWS_REGION", "us-west-2 "),
        ("AWS_MAX_ATTEMPTS", " 2"),
    ];
    let config = config(&vars).unwrap();
    let key = config.credentials.unwrap().load().await.unwrap();
    assert!(key.are(&crate::Credentials::new("AKID", "secret")), "{key:?}");
    assert_eq!((config.region.as_deref(), config.max_attempts), (Some("us-west-2"), 2));
    let named = loaded(&[("AWS_PROFILE", "prod\r\n")], None, "[profile prod]\nregion = r", "");
    assert_eq!(named.unwrap().region.as_deref(), Some("r"));
}

#[test]
fn a_directory_in_place_of_a_file_counts_as_a_missing_file() {
    for path in ["/directory", "/file/below", "/missing"] {
        for var in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            assert!(loaded(&[(var, path)], None, "[default]", "[default]").is_ok(), "{path}");
        }
    }
    assert!(
        profile::read_file(&std::env::temp_dir())
            .is_err_and(|error| { error.kind() == ErrorKind::IsADirectory })
    );
}

#[test]
fn a_default_file_that_may_not_be_read_is_needed_unless_the_environment_has_a_key() {
    let home = ("HOME", "/locked");
    let key = [home, ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    assert!(loaded(&key, None, "", "").unwrap().credentials.is_some());
    for (vars, profile, expected) in [
        (
            &key[..],
            Some("x"),
            "profile \"x\" not found in /locked/.aws/config (permission denied) or ",
        ),
        (&[home], None, "cannot read /locked/.aws/config: permission denied"),
    ] {
        let error = loaded(vars, profile, "", "").unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn malformed_lines_matter_only_to_a_profile_that_uses_them() {
    let config = "stray\n[default]\nregion = r\n[profile p2] /* s3://path */\nregion = r2\n\
                  [profile p3]\nsecret\n[profile p4]\nservices = s\n[services s]\nsecret\n\
                  [profile p5\nregion = r5\n";
    let credentials = "[default]\n[p6]\n = secret\n";
    let load = |profile| {
        let mut warnings = Vec::new();
        let files = |file: &Path| {
            Ok(if file.ends_with("config") { config } else { credentials }.to_owned())
        };
        let vars = Settings::new([("HOME", "")].into_iter().chain([("USERPROFILE", "/u")]));
        let loaded = Config::load_with(vars, profile, files, |file, fault| {
            warnings.push(format!("{}:{}", file.display(), fault.line));
        });
        let loaded = loaded.map(|config| config.region).map_err(|error| error.to_string());
        (loaded, warnings.join(" ").replace("/u/.aws/", ""))
    };
    let all = "config:1 config:4 config:7 config:11 config:12 credentials:3";
    assert_eq!(load(None), (Ok(Some("r".to_owned())), all.to_owned()));
    assert_eq!(load(Some("p2")), (Ok(Some("r2".to_owned())), all.to_owned()));
    for (profile, at) in [
        ("p3", "config:7: expected a property, as name = value"),
        ("p4", "config:11: expected a property, as name = value"),
        ("p5", "config:12: expected ']' after the heading"),
        ("p6", "credentials:3: expected a name before '='"),
    ] {
        let (loaded, warnings) = load(Some(profile));
        assert_eq!(loaded.unwrap_err(), format!("/u/.aws/{at}"));
        assert_eq!(warnings.split(' ').count(), 5, "{warnings}");
    }
}

#[test]
fn bytes_that_are_not_utf8_matter_only_to_a_profile_that_uses_them() {
    let path = std::env::temp_dir().join(format!("chime-settings-{}", std::process::id()));
    let load = |text: &[u8], profile| {
        std::fs::write(&path, text).unwrap();
        let vars = Settings::new([("AWS_CONFIG_FILE", &path)]);
        Config::load_with(vars, Some(profile), profile::read_file, |_, _| {})
    };
    let text = b"# \xe4\n[profile a]\nregion = r # \xe4\n[profile b]\nregion = \xe4\n";
    assert_eq!(load(text, "a").unwrap().region.as_deref(), Some("r"));
    let error = load(text, "b").unwrap_err().to_string();
    assert!(error.ends_with(":5: expected UTF-8 text"), "{error}");
    let error = load(b"\xff\xfe[\0a\0]\0", "a").unwrap_err().to_string();
    assert!(error.starts_with("cannot read "), "{error}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn variables_that_are_read_must_be_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let invalid = || OsString::from_vec(b"very-secret\xff".to_vec());
    let load = |name: &str, profile| {
        let named = [
            ("HOME", "/u"),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
            ("AWS_LAMBDA_FUNCTION_NAME", "c"),
        ];
        let named = named.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        let vars = Settings::new(named.into_iter().chain([(name.to_owned(), invalid())]));
        let read = |_: &Path| Ok("[profile p]".to_owned());
        Config::load_with(vars, profile, read, |_, _| {})
    };
    let read = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_REGION \
        AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ENDPOINT_URL_CHIME AWS_USE_FIPS_ENDPOINT \
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_USE_DUALSTACK_ENDPOINT AWS_RETRY_MODE \
        AWS_MAX_ATTEMPTS AWS_DEFAULTS_MODE AWS_DISABLE_CLOCK_SKEW_CORRECTION AWS_SDK_UA_APP_ID \
        AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME _X_AMZN_TRACE_ID HTTPS_PROXY http_proxy ALL_PROXY \
        NO_PROXY";
    for name in read.split_whitespace() {
        let error = load(name, None).unwrap_err();
        assert_eq!(error, ConfigError::NotUtf8 { name: name.to_owned() });
        assert_eq!(error.to_string(), format!("{name} must be UTF-8 text"));
    }
    for name in ["HOME", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE", "LS_COLORS", "AWS_DEFAULT_PROFILE"] {
        assert!(load(name, None).is_ok(), "{name}");
    }
    for name in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"] {
        assert!(load(name, Some("p")).is_ok(), "{name}");
    }
    assert_eq!(load("AWS_CA_BUNDLE", None).unwrap().roots.ca_bundle, Some(invalid().into()));
}
