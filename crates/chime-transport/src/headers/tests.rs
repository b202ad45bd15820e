//! The headers of single requests and of retries.

use super::*;
use std::time::UNIX_EPOCH;

fn config() -> Config {
    let mut config = Config::default();
    config.clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_795_446_465));
    config.random = Random::new(|| 0x1234_5678_9abc_def0);
    config
}

/// Returns the headers of a request after the layer.
fn sent(config: &Config, mut request: Request<()>) -> HeaderMap {
    HeadersLayer::from_config(config).0.add(&mut request);
    request.headers().clone()
}

/// Returns the second request of a call with these options.
fn second(config: &Config, options: CallOptions) -> Request<()> {
    let call = Call::start(options, None, 8, &config.random);
    call.begin_attempt();
    call.begin_attempt();
    let mut request = Request::new(());
    request.extensions_mut().insert(call);
    request
}

#[test]
fn dates_have_one_format() {
    for (text, seconds) in [
        ("Mon, 23 Nov 2026 15:07:45 GMT", Some(1_795_446_465)),
        ("Monday, 23-Nov-26 15:07:45 GMT", None),
        ("2026-11-23T15:07:45Z", None),
        ("\u{e9}", None),
        ("", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("date", HeaderValue::from_bytes(text.as_bytes()).unwrap());
        let expected = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(date(&headers, &http::header::DATE), expected, "{text}");
    }
}

#[test]
fn a_request_says_who_sends_it() {
    let mut config = config();
    config.api = Some("chime/2018-05-01".to_owned());
    config.app_id = Some("my/own app".to_owned());
    config.trace_id = Some(TraceId::new(|| Some("Root=1-5\n;é".to_owned())));
    let headers = sent(&config, Request::new(()));
    let agent = headers[USER_AGENT].to_str().unwrap();
    assert!(agent.starts_with("chime-client/"), "{agent}");
    assert!(agent.contains(" ua/2.1 api/chime/2018-05-01 os/"), "{agent}");
    assert!(agent.ends_with(" m/E app/my-own-app"), "{agent}");
    assert_eq!(headers[INVOCATION_ID], "12345678-9abc-4ef0-9234-56789abcdef0");
    assert_eq!(headers[TRACE_ID].as_bytes(), b"Root=1-5%0A;%C3%A9");
    assert_eq!(headers[ACCEPT_ENCODING], "identity");
}

#[test]
fn headers_of_the_caller_stay() {
    let mut config = config();
    config.trace_id = Some(TraceId::new(|| Some("mine".to_owned())));
    config.retry_mode = RetryMode::Adaptive;
    let request = Request::builder().header(TRACE_ID, "yours").header(ACCEPT_ENCODING, "gzip");
    let headers = sent(&config, request.body(()).unwrap());
    assert_eq!(
        (&headers[TRACE_ID], &headers[ACCEPT_ENCODING]),
        (&"yours".parse().unwrap(), &"gzip".parse().unwrap())
    );
    assert!(headers[USER_AGENT].to_str().unwrap().ends_with(" m/F"));
}

#[test]
fn a_request_says_which_of_its_call_it_is() {
    let mut config = config();
    config.attempt_timeout = Some(Duration::from_secs(30));
    assert_eq!(sent(&config, Request::new(()))[SDK_REQUEST], "attempt=1; max=1");
    let headers = sent(&config, second(&config, CallOptions::new()));
    assert_eq!(headers[SDK_REQUEST], "ttl=20261123T150815Z; attempt=2; max=8");
    let hasty = CallOptions::new().attempt_timeout(Duration::from_secs(5));
    let headers = sent(&config, second(&config, hasty));
    assert_eq!(headers[SDK_REQUEST], "ttl=20261123T150750Z; attempt=2; max=8");
    let patient = CallOptions::new().attempt_timeout(Duration::MAX);
    let headers = sent(&config, second(&config, patient));
    assert_eq!(headers[SDK_REQUEST], "attempt=2; max=8");
}

#[test]
fn each_call_has_the_trace_of_its_time() {
    let mut config = config();
    let calls = std::sync::atomic::AtomicU32::new(0);
    config.trace_id = Some(TraceId::new(move || {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (call > 0).then(|| format!("Root={call}"))
    }));
    let traces = [(); 3].map(|()| sent(&config, Request::new(())).remove(TRACE_ID));
    assert_eq!(traces, [None, Some("Root=1".parse().unwrap()), Some("Root=2".parse().unwrap())]);
}
