//! Settings from the environment and from files.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use super::*;
use crate::endpoint::InvalidUrl;

const CHIME: EndpointParams<'_> = EndpointParams {
    id: "Chime",
    prefix: "chime",
    signing_name: "chime",
    global_region: Some("us-east-1"),
};

fn config(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_vars(vars.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

fn url(vars: &[(&str, &str)]) -> String {
    config(vars).unwrap().endpoint(&CHIME).unwrap().to_string()
}

#[test]
fn the_most_specific_endpoint_url_wins() {
    let all = ("AWS_ENDPOINT_URL", "https://all");
    let own = ("AWS_ENDPOINT_URL_CHIME", "https://own");
    let other = ("AWS_ENDPOINT_URL_CHIME_SDK_VOICE", "https://other");
    assert_eq!(url(&[all, own, other]), "https://own");
    assert_eq!(url(&[all, other]), "https://all");
    assert_eq!(url(&[other]), "https://chime.us-east-1.amazonaws.com");
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    assert_eq!(url(&[all, own, ignore]), "https://chime.us-east-1.amazonaws.com");
    let mut in_code = config(&[all, own]).unwrap();
    in_code.endpoint_url = Some("https://code".to_owned());
    assert_eq!(in_code.endpoint(&CHIME).unwrap().to_string(), "https://code");
}

#[test]
fn invalid_variables_are_errors() {
    for (name, value) in
        [("AWS_MAX_ATTEMPTS", "0"), ("AWS_MAX_ATTEMPTS", "many"), ("AWS_USE_FIPS_ENDPOINT", "yes")]
    {
        let error = config(&[(name, value)]).unwrap_err();
        assert!(error.to_string().starts_with(name), "{error}");
    }
    assert_eq!(config(&[("AWS_MAX_ATTEMPTS", "")]).unwrap().max_attempts, 3);
}

#[test]
fn half_an_access_key_in_the_environment_is_an_error() {
    let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let token = ("AWS_SESSION_TOKEN", "t");
    assert!(config(&[(id, "a"), (secret, "b")]).unwrap().credentials.is_some());
    assert!(config(&[token]).unwrap().credentials.is_none());
    let keys = "[default]\naws_access_key_id = c\naws_secret_access_key = d";
    for (present, missing) in [(id, secret), (secret, id)] {
        let vars = [(present, "very-secret"), (missing, ""), token];
        for error in [config(&vars), loaded(&vars, None, "", keys)].map(Result::unwrap_err) {
            let expected = format!("{missing} must be set, because {present} is set");
            assert_eq!(error.to_string(), expected);
        }
        assert!(loaded(&vars, Some("default"), "", keys).is_ok());
    }
}

#[test]
fn aws_region_outranks_aws_default_region() {
    let vars = [("AWS_DEFAULT_REGION", "old"), ("AWS_REGION", "new")];
    assert_eq!(config(&vars).unwrap().region.as_deref(), Some("new"));
    assert_eq!(config(&vars[..1]).unwrap().region.as_deref(), Some("old"));
}

/// Loads settings from these files, at their default paths, in the environment of `vars`.
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
        "/locked" => Err(ErrorKind::PermissionDenied.into()),
        "/directory" => Err(ErrorKind::IsADirectory.into()),
        "/file/below" => Err(ErrorKind::NotADirectory.into()),
        _ => Err(ErrorKind::NotFound.into()),
    })
}

async fn access_key_id(config: Result<Config, ConfigError>) -> String {
    let credentials = config.unwrap().credentials.unwrap().load().await.unwrap();
    credentials.access_key_id().to_owned()
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

#[test]
fn a_profile_can_have_every_setting() {
    let config = loaded(&[("AWS_PROFILE", "full")], None, FULL, "").unwrap();
    assert_eq!(config.region.as_deref(), Some("eu-central-1"));
    assert!(config.use_fips && config.use_dual_stack);
    assert_eq!((config.max_attempts, config.retry_mode), (5, RetryMode::Adaptive));
    assert_eq!(config.connect_timeout, Some(Duration::from_millis(1100)));
    assert_eq!(config.app_id.as_deref(), Some("an-app"));
    assert_eq!(config.roots.ca_bundle, Some("/etc/bundle.pem".into()));
    let in_code = loaded(&[("AWS_PROFILE", "none")], Some("full"), FULL, "").unwrap();
    assert_eq!(in_code.region, config.region);
    assert_eq!(loaded(&[], None, FULL, "").unwrap().region.as_deref(), Some("eu-west-1"));
}

#[test]
fn the_environment_outranks_the_profile() {
    let vars = [
        ("AWS_PROFILE", "full"),
        ("AWS_DEFAULT_REGION", "r"),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_MAX_ATTEMPTS", "2"),
        ("AWS_RETRY_MODE", "legacy"),
        ("AWS_DEFAULTS_MODE", "mobile"),
        ("AWS_SDK_UA_APP_ID", ""),
        ("AWS_CA_BUNDLE", "/b"),
    ];
    let config = loaded(&vars, None, FULL, "").unwrap();
    assert_eq!(config.region.as_deref(), Some("r"));
    assert_eq!((config.use_fips, config.use_dual_stack), (false, true));
    assert_eq!((config.max_attempts, config.retry_mode), (2, RetryMode::Legacy));
    assert_eq!(config.connect_timeout, Some(Duration::from_secs(30)));
    assert_eq!(config.app_id.as_deref(), Some("an-app"));
    assert_eq!(config.roots.ca_bundle, Some("/b".into()));
}

#[test]
fn endpoint_urls_by_rank() {
    let plain = FULL.replace("TRUE", "false").replace("use_dualstack_endpoint = true", "");
    let url = |vars: &[(&str, &str)], id, text: &str| {
        let vars: Vec<_> = [("AWS_PROFILE", "full")].iter().chain(vars).copied().collect();
        let config = loaded(&vars, None, text, "").unwrap();
        config.endpoint(&EndpointParams { id, ..CHIME }).unwrap().to_string()
    };
    let all = ("AWS_ENDPOINT_URL", "https://all");
    let own = ("AWS_ENDPOINT_URL_CHIME", "https://own");
    assert_eq!(url(&[all, own], "Chime", &plain), "https://own");
    assert_eq!(url(&[all], "Chime", &plain), "https://all");
    assert_eq!(url(&[], "Chime", &plain), "https://section");
    assert_eq!(url(&[], "Chime SDK Voice", &plain), "https://voice");
    assert_eq!(url(&[], "Chime SDK Identity", &plain), "https://profile");
    let default = "https://chime.us-east-1.amazonaws.com";
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(url(&[all, own, ignore], "Chime", &plain), default);
    let ignoring = plain.replace("ca_bundle", "ignore_configured_endpoint_urls = true\nca_bundle");
    assert_eq!(url(&[all, own], "Chime", &ignoring), default);
    let not_ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    assert_eq!(url(&[not_ignored], "Chime", &ignoring), "https://section");
}

#[tokio::test]
async fn credentials_by_rank() {
    let keys = |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = s\n");
    let credentials = format!("[default]\n{}[x]\n{}", keys("default"), keys("x"));
    let env = [("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "s")];
    assert_eq!(access_key_id(loaded(&env, None, "", &credentials)).await, "env");
    assert_eq!(access_key_id(loaded(&env, Some("x"), "", &credentials)).await, "x");
    assert_eq!(access_key_id(loaded(&[], None, "", &credentials)).await, "default");
    assert_eq!(
        access_key_id(loaded(&[("AWS_PROFILE", "x")], Some(""), "", &credentials)).await,
        "x"
    );
    assert_eq!(access_key_id(loaded(&[("AWS_PROFILE", "x")], None, "", &credentials)).await, "x");
    assert!(loaded(&[], None, "", "").unwrap().credentials.is_none());
    assert!(
        Config::load_from([], None, |_| unreachable!("no home")).unwrap().credentials.is_none()
    );
}

#[tokio::test]
async fn an_access_key_does_not_replace_a_role_or_sso() {
    for way in ["role_arn", "web_identity_token_file", "sso_session", "sso_account_id"] {
        let text =
            format!("[default]\n{way} = x\naws_access_key_id = a\naws_secret_access_key = b");
        let provider = loaded(&[], None, &text, "").unwrap().credentials.unwrap();
        let error = provider.load().await.unwrap_err().to_string();
        let start = format!("profile \"default\" gets its credentials from {way}, which ");
        assert!(error.starts_with(&start), "{error}");
        assert!(error.contains("--features aws-config"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn errors_name_the_setting_and_show_no_value() {
    let error = |vars: &[(&str, &str)], config, credentials| {
        loaded(vars, None, config, credentials).unwrap_err().to_string()
    };
    let text = error(&[], "", "[default]\nwJalr-secret");
    assert_eq!(text, "/u/a/.aws/credentials:2: expected a property, as name = value");
    let text = error(&[], "[default]\nmax_attempts = secret", "");
    assert_eq!(text, "max_attempts of profile \"default\" must be a positive integer");
    let text = error(&[], "", "[default]\naws_access_key_id = secret");
    let missing = "aws_secret_access_key of profile \"default\" must be set, because";
    assert_eq!(text, format!("{missing} aws_access_key_id is set"));
    let text = error(&[("AWS_PROFILE", "x")], "", "");
    assert_eq!(text, "profile \"x\" not found in /u/a/.aws/config or /u/a/.aws/credentials");
    let text = Config::load_from([], Some("x"), |_| unreachable!()).unwrap_err().to_string();
    assert_eq!(text, "profile \"x\" not found: HOME is unset, so no file was searched");
    let text = error(&[("AWS_CONFIG_FILE", "/locked")], "", "");
    assert_eq!(text, "cannot read /locked: permission denied");
    let text = error(&[], "[default]\nservices = s", "");
    assert_eq!(text, "section [services s] not found, which profile \"default\" refers to");
    for var in ["AWS_RETRY_MODE", "AWS_DEFAULTS_MODE"] {
        assert!(error(&[(var, "fast")], "", "").starts_with(&format!("{var} must be standard, ")));
    }
}

#[test]
fn settings_show_no_secret() {
    let text = "[default]\naws_access_key_id = AKID\naws_secret_access_key = very-secret\n\
                aws_session_token = a-token\n[profile p]\ncredential_process = tool very-secret";
    for profile in ["default", "p"] {
        let shown = format!("{:?}", loaded(&[], Some(profile), text, "").unwrap());
        assert!(!shown.contains("very-secret") && !shown.contains("a-token"), "{shown}");
    }
}

#[test]
fn plain_http_is_limited_to_this_machine() {
    let at = |url: &str| config(&[("AWS_ENDPOINT_URL", url)]).unwrap();
    for loopback in ["http://127.0.0.1:8080", "http://[::1]:1", "http://LOCALHOST/x"] {
        assert!(at(loopback).endpoint(&CHIME).is_ok());
    }
    let mut remote = at("http://10.0.0.1");
    let refusal = remote.endpoint(&CHIME).unwrap_err();
    assert_eq!(refusal, ConfigError::Endpoint(InvalidUrl::PlainHttp.into()));
    remote.allow_plain_http = true;
    assert!(remote.endpoint(&CHIME).is_ok());
}

#[test]
fn clock_skew_correction_can_be_disabled() {
    let with = |vars: &[(&str, &str)]| config(vars).unwrap().correct_clock_skew;
    assert!(with(&[]) && !with(&[("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true")]));
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
