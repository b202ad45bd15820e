//! Settings from the environment and from files.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use super::settings::Settings;
use super::*;

const CHIME: EndpointParams<'_> = EndpointParams {
    regions: &[],
    id: "Chime",
    prefix: "chime",
    signing_name: "chime",
    global_region: Some("us-east-1"),
};

fn config(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_vars(vars.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

/// Loads settings from these files at their default paths, with these variables.
fn loaded(
    vars: &[(&str, &str)],
    profile: Option<&str>,
    config: &str,
    credentials: &str,
) -> Result<Config, ConfigError> {
    let vars = [("HOME", "/u/a")].iter().chain(vars);
    let vars = vars.map(|(name, value)| ((*name).into(), (*value).into()));
    Config::load_from(vars, profile, |file| match file.to_str().unwrap() {
        "/u/a/.aws/config" => Ok(config.to_owned()),
        "/u/a/.aws/credentials" => Ok(credentials.to_owned()),
        "/locked" | "/locked/.aws/config" => Err(ErrorKind::PermissionDenied.into()),
        "/directory" => Err(ErrorKind::IsADirectory.into()),
        "/file/below" => Err(ErrorKind::NotADirectory.into()),
        _ => Err(ErrorKind::NotFound.into()),
    })
}

const FULL: &str = "
[default]
region = eu-west-1

[profile full] ; comment
region = eu-central-1 # comment
use_fips_endpoint = TRUE
use_dualstack_endpoint = true
max_attempts = 5
retry_mode = Adaptive
disable_clock_skew_correction = true
defaults_mode = in-region
sdk_ua_app_id = an-app
ca_bundle = /etc/bundle.pem
endpoint_url = https://profile
services = some

[services some]
chime =
  endpoint_url = https://section
chime_sdk_voice =
  endpoint_url = https://voice
";

/// Returns the settings of [`FULL`] with these variables.
fn shown(vars: &[(&str, &str)]) -> String {
    let vars: Vec<_> = [("AWS_PROFILE", "full")].iter().chain(vars).copied().collect();
    let config = loaded(&vars, None, FULL, "").unwrap();
    let Config { region, use_fips, use_dual_stack, max_attempts, retry_mode, .. } = &config;
    let Config { connect_timeout, attempt_timeout, app_id, correct_clock_skew, .. } = &config;
    format!(
        "{} {use_fips} {use_dual_stack} {max_attempts} {retry_mode:?} {:?} {:?} {} \
         {correct_clock_skew} {}",
        region.as_deref().unwrap(),
        connect_timeout.unwrap(),
        attempt_timeout.unwrap(),
        app_id.as_deref().unwrap(),
        config.roots.ca_bundle.as_ref().unwrap().display(),
    )
}

#[test]
fn the_environment_outranks_the_profile() {
    let full = "eu-central-1 true true 5 Adaptive 1.1s 30s an-app false /etc/bundle.pem";
    assert_eq!(shown(&[]), full);
    for (var, value, ours, theirs) in [
        ("AWS_DEFAULT_REGION", "r", "r ", "eu-central-1 "),
        ("AWS_USE_FIPS_ENDPOINT", "False", "false true", "true true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "false", "true false", "true true"),
        ("AWS_MAX_ATTEMPTS", "2", "2", "5"),
        ("AWS_RETRY_MODE", "legacy", "Legacy", "Adaptive"),
        ("AWS_DEFAULTS_MODE", "mobile", "30s 60s", "1.1s 30s"),
        ("AWS_DEFAULTS_MODE", "legacy", "3.1s", "1.1s"),
        ("AWS_DEFAULTS_MODE", "Standard", "3.1s", "1.1s"),
        ("AWS_DEFAULTS_MODE", "cross-region", "3.1s", "1.1s"),
        ("AWS_DEFAULTS_MODE", "auto", "3.1s", "1.1s"),
        ("AWS_SDK_UA_APP_ID", "", "an-app", "an-app"),
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "false", "an-app true", "an-app false"),
        ("AWS_CA_BUNDLE", "/b", "/b", "/etc/bundle.pem"),
    ] {
        assert_eq!(shown(&[(var, value)]), full.replace(theirs, ours), "{var}");
    }
    assert!(shown(&[("AWS_DEFAULT_REGION", "old"), ("AWS_REGION", "new")]).starts_with("new "));
    let region = |vars: &[_], profile| loaded(vars, profile, FULL, "").unwrap().region.unwrap();
    assert_eq!(region(&[("AWS_PROFILE", "none")], Some("full")), "eu-central-1");
    assert_eq!(region(&[], None), "eu-west-1");
}

#[test]
fn endpoint_urls_by_rank() {
    let plain = FULL.replace("TRUE", "false").replace("use_dualstack_endpoint = true", "");
    let ignoring = plain.replace("ca_bundle", "ignore_configured_endpoint_urls = true\nca_bundle");
    let (all, own) =
        (("AWS_ENDPOINT_URL", "https://all"), ("AWS_ENDPOINT_URL_CHIME", "https://own"));
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    let not_ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    let default = "https://chime.us-east-1.amazonaws.com";
    for (vars, id, text, expected) in [
        (&[all, own][..], "Chime", &plain, "https://own"),
        (&[all], "Chime", &plain, "https://all"),
        (&[all, own], "Chime SDK Voice", &plain, "https://all"),
        (&[], "Chime", &plain, "https://section"),
        (&[], "Chime SDK Voice", &plain, "https://voice"),
        (&[], "Chime SDK Identity", &plain, "https://profile"),
        (&[all, own, ignore], "Chime", &plain, default),
        (&[all, own], "Chime", &ignoring, default),
        (&[not_ignored], "Chime", &ignoring, "https://section"),
    ] {
        let mut config = loaded(vars, Some("full"), text, "").unwrap();
        let params = EndpointParams { id, ..CHIME };
        assert_eq!(config.endpoint(&params).unwrap().to_string(), expected);
        config.endpoint_url = Some("http://10.0.0.1".to_owned());
        assert!(config.endpoint(&params).is_err());
        config.allow_plain_http = true;
        assert_eq!(config.endpoint(&params).unwrap().to_string(), "http://10.0.0.1");
    }
}

#[tokio::test]
async fn credentials_by_rank() {
    let key = |id| format!("aws_access_key_id = {id}\naws_secret_access_key = s\n");
    let files = format!("[default]\n{}[x]\n{}", key("default"), key("x"));
    let env = [("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let (of_x, token) = ([("AWS_PROFILE", "x")], [("AWS_SESSION_TOKEN", "t")]);
    for (vars, profile, expected) in [
        (&env[..], None, "env"),
        (&env, Some("x"), "x"),
        (&env[..1], Some("x"), "x"),
        (&[], None, "default"),
        (&token, None, "default"),
        (&of_x, Some(""), "x"),
        (&of_x, None, "x"),
    ] {
        let provider = loaded(vars, profile, "", &files).unwrap().credentials.unwrap();
        assert_eq!(provider.load().await.unwrap().access_key_id(), expected);
    }
    for vars in [&[][..], &token] {
        assert!(loaded(vars, None, "", "").unwrap().credentials.is_none());
        assert!(config(vars).unwrap().credentials.is_none());
    }
    // An access key in the same profile does not replace a role or SSO.
    for way in ["role_arn", "web_identity_token_file", "sso_session", "sso_account_id"] {
        let text = format!("[default]\n{way} = x\n{}", key("a"));
        let provider = loaded(&[], None, &text, "").unwrap().credentials.unwrap();
        let error = provider.load().await.unwrap_err().to_string();
        let start = format!("profile \"default\" gets its credentials from {way}, which ");
        assert!(error.starts_with(&start) && error.contains("--features aws-config"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn errors_name_the_setting_and_show_no_value() {
    let half = "must be set, because the other half of the access key is set";
    let id = ("AWS_ACCESS_KEY_ID", "very-secret");
    let secret = ("AWS_SECRET_ACCESS_KEY", "very-secret");
    let empty = ("AWS_ACCESS_KEY_ID", "");
    let locked = ("AWS_CONFIG_FILE", "/locked");
    let key = "[default]\naws_access_key_id = c\naws_secret_access_key = d";
    for (vars, config, credentials, expected) in [
        (
            &[][..],
            "",
            "[default]\nwJalr-secret",
            "/u/a/.aws/credentials:2: expected a property, as name = value",
        ),
        (
            &[],
            "[default]\nmax_attempts = secret",
            "",
            "max_attempts of profile \"default\" must be a positive integer",
        ),
        (
            &[],
            "",
            "[default]\naws_access_key_id = secret",
            &format!("aws_secret_access_key of profile \"default\" {half}"),
        ),
        (&[id], "", key, &format!("AWS_SECRET_ACCESS_KEY {half}")),
        (&[secret, empty], "", key, &format!("AWS_ACCESS_KEY_ID {half}")),
        (
            &[("AWS_PROFILE", "x")],
            "[profile y]\n[x]",
            "",
            "profile \"x\" not found in /u/a/.aws/config or /u/a/.aws/credentials",
        ),
        (&[locked], "", "", "cannot read /locked: permission denied"),
        (
            &[],
            "[default]\nservices = s",
            "",
            "section [services s] not found, which profile \"default\" refers to",
        ),
        (
            &[("AWS_RETRY_MODE", "fast")],
            "",
            "",
            "AWS_RETRY_MODE must be standard, adaptive or legacy",
        ),
        (
            &[("AWS_DEFAULTS_MODE", "fast")],
            "",
            "",
            "AWS_DEFAULTS_MODE must be standard, in-region, cross-region, mobile, auto or legacy",
        ),
        (&[("AWS_MAX_ATTEMPTS", "0")], "", "", "AWS_MAX_ATTEMPTS must be a positive integer"),
        (
            &[("AWS_USE_FIPS_ENDPOINT", "yes")],
            "",
            "",
            "AWS_USE_FIPS_ENDPOINT must be true or false",
        ),
    ] {
        let error = loaded(vars, None, config, credentials).unwrap_err().to_string();
        assert_eq!(error, expected);
    }
    let error = Config::load_from([], Some("x"), |_| unreachable!()).unwrap_err().to_string();
    assert_eq!(error, "profile \"x\" not found: HOME is unset, so no file was searched");
}

#[test]
fn only_a_lambda_function_has_a_trace() {
    let trace = |names: &[&str]| {
        let vars = names.iter().map(|name| ((*name).to_owned(), "x".to_owned()));
        Config::from_vars(vars).unwrap().trace_id.and_then(|trace| trace.now())
    };
    let (function, id) = ("AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID");
    assert_eq!(trace(&[function, id]).as_deref(), Some("x"));
    assert_eq!([trace(&[id]), trace(&[function])], [None, None]);
}

#[test]
fn debug_shows_no_endpoint_url_which_may_have_a_password() {
    let mut config = config(&[("AWS_ENDPOINT_URL", "https://user:secret@host")]).unwrap();
    config.endpoint_url = Some("https://user:secret@host".to_owned());
    config.region = Some("us-east-1".to_owned());
    let shown = format!("{config:?}");
    assert!(shown.contains("us-east-1") && !shown.contains("secret"), "{shown}");
}

#[test]
fn defaults_are_as_documented() {
    let config = Config::default();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(config.connect_timeout, Some(Duration::from_millis(3100)));
    assert_eq!((config.attempt_timeout, config.operation_timeout), (seconds(30), seconds(120)));
    assert_eq!((config.max_attempts, config.max_response_size), (3, 16 * 1024 * 1024));
    assert_eq!((config.pool.max_idle_per_host, config.pool.idle_timeout), (100, seconds(55)));
    assert!(config.correct_clock_skew && !config.allow_plain_http);
}

mod files;
mod profiles;
