//! The headers that AWS clients add to say who calls and how often: none of them is signed.
//!
//! Position in the stack: those of the call outside the retries, so that every attempt has the
//! same invocation id; those of the attempt inside.

use std::time::Duration;

use http::Request;
use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use tower::util::MapRequestLayer;

use crate::retry::Attempt;
use crate::timeout::AttemptTimeout;
use crate::{Clock, Config, RetryMode, TraceId};

const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");
const AMZ_USER_AGENT: HeaderName = HeaderName::from_static("x-amz-user-agent");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// The headers of a call: who calls, an id that all attempts share, and the trace it belongs to.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::{Config, headers};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let config = Config::default();
/// let service = ServiceBuilder::new()
///     .layer(headers::call_layer(&config))
///     .layer(headers::attempt_layer(&config))
///     .service_fn(|request: http::Request<()>| async move {
///         Ok::<_, std::io::Error>(request.headers().clone())
///     });
/// let headers = service.oneshot(http::Request::new(())).await.unwrap();
/// assert!(headers.contains_key("amz-sdk-invocation-id"));
/// assert_eq!(headers["amz-sdk-request"], "attempt=1; max=3");
/// # });
/// ```
pub fn call_layer<B>(
    config: &Config,
) -> MapRequestLayer<impl Fn(Request<B>) -> Request<B> + Clone + Send + Sync + use<B>> {
    let user_agent = user_agent(config);
    let trace = config.trace_id.clone();
    let random = config.random.clone();
    MapRequestLayer::new(move |mut request: Request<B>| {
        let headers = request.headers_mut();
        set_if_absent(headers, USER_AGENT, &user_agent);
        set_if_absent(headers, AMZ_USER_AGENT, &user_agent);
        if let Ok(id) = HeaderValue::try_from(random.uuid()) {
            set(headers, INVOCATION_ID, id);
        }
        if let Some(trace) = trace.as_ref().and_then(TraceId::now).as_deref().and_then(trace_id) {
            set_if_absent(headers, TRACE_ID, &trace);
        }
        request
    })
}

/// The header of an attempt: which it is, how many there may be, and by when an answer to a
/// repeated one is of use. Inside [the retries](crate::retry::layer).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use chime_transport::{Config, headers, retry};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let config = Config::default();
/// let service = ServiceBuilder::new()
///     .layer(retry::layer(&config))
///     .layer(headers::attempt_layer(&config))
///     .service_fn(|request: http::Request<()>| async move {
///         let attempt = request.headers()["amz-sdk-request"].clone();
///         http::Response::builder().status(503).header("seen", attempt).body(())
///     });
/// let response = service.oneshot(http::Request::new(())).await.unwrap();
/// assert!(response.headers()["seen"].to_str().unwrap().ends_with("attempt=3; max=3"));
/// # });
/// ```
pub fn attempt_layer<B>(
    config: &Config,
) -> MapRequestLayer<impl Fn(Request<B>) -> Request<B> + Clone + Send + Sync + use<B>> {
    let (max, timeout, clock) =
        (config.max_attempts.max(1), config.attempt_timeout, config.clock.clone());
    MapRequestLayer::new(move |mut request: Request<B>| {
        let Attempt(attempt) = request.extensions().get().copied().unwrap_or_default();
        let own = request.extensions().get().map(|AttemptTimeout(own)| *own);
        let timeout = own.unwrap_or(timeout);
        let time_to_live = timeout.filter(|_| attempt > 1).map(|timeout| deadline(&clock, timeout));
        let value = format!("{}attempt={attempt}; max={max}", time_to_live.unwrap_or_default());
        if let Ok(value) = HeaderValue::try_from(value) {
            set(request.headers_mut(), ATTEMPT, value);
        }
        request
    })
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &HeaderValue) {
    if !headers.contains_key(&name) {
        set(headers, name, value.clone());
    }
}

/// Sets a header where there is room. Where there is none, the request is not signed.
fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    let _ = headers.try_insert(name, value);
}

fn deadline(clock: &Clock, timeout: Duration) -> String {
    let time = timestamp(clock, timeout);
    time.map(|time| format!("ttl={time}; ")).unwrap_or_default()
}

/// `20261123T150815Z`, from the seconds since 1970.
fn timestamp(clock: &Clock, ahead: Duration) -> Option<String> {
    let since = clock.now().duration_since(std::time::UNIX_EPOCH).ok()?.checked_add(ahead)?;
    let time =
        time::OffsetDateTime::from_unix_timestamp(i64::try_from(since.as_secs()).ok()?).ok()?;
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = time.to_hms();
    Some(format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"))
}

/// `chime-client/0.1.0 ua/2.1 api/chime/2018-05-01 os/linux lang/rust … app/name`.
fn user_agent(config: &Config) -> HeaderValue {
    let mut text = format!(
        "chime-client/{} ua/2.1 {}os/{} lang/rust md/arch#{}",
        env!("CARGO_PKG_VERSION"),
        config.api.as_deref().map(|api| format!("api/{} ", versioned(api))).unwrap_or_default(),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    if let Some(environment) = &config.execution_env {
        text += &format!(" exec-env/{}", token(environment));
    }
    // How it retries: by the standard, or adaptively.
    text += if config.retry_mode == RetryMode::Adaptive { " m/F" } else { " m/E" };
    if let Some(app) = &config.app_id {
        text += &format!(" app/{}", token(app));
    }
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("chime-client"))
}

/// A name and its version.
fn versioned(text: &str) -> String {
    text.split('/').map(token).collect::<Vec<_>>().join("/")
}

/// Text with everything replaced that cannot stand in one word of a user agent.
fn token(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.chars().map(|c| if allowed(c) { c } else { '-' }).collect()
}

/// A trace id of the Lambda runtime, with its control characters percent-encoded.
fn trace_id(text: &str) -> Option<HeaderValue> {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_control() => encoded += &format!("%{:02X}", c as u32),
            c => encoded.push(c),
        }
    }
    HeaderValue::try_from(encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;
    use std::time::UNIX_EPOCH;

    fn config() -> Config {
        let mut config = Config::default();
        config.clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_795_446_465));
        config.random = Random::new(|| 0x1234_5678_9abc_def0);
        config
    }

    fn pass<L>(layer: L, request: Request<()>) -> Request<()>
    where
        L: tower::Layer<Echo>,
        L::Service: tower::Service<Request<()>, Response = Request<()>, Error = std::io::Error>,
    {
        use tower::ServiceExt as _;
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(layer.layer(Echo).oneshot(request))
            .unwrap()
    }

    #[derive(Clone)]
    struct Echo;

    impl tower::Service<Request<()>> for Echo {
        type Response = Request<()>;
        type Error = std::io::Error;
        type Future = std::future::Ready<std::io::Result<Request<()>>>;

        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            std::future::ready(Ok(request))
        }
    }

    #[test]
    fn a_call_says_who_it_is() {
        let mut config = config();
        config.api = Some("chime/2018-05-01".to_owned());
        config.app_id = Some("my/own app".to_owned());
        config.trace_id = Some(TraceId::new(|| Some("Root=1-5\n;é".to_owned())));
        let request = pass(call_layer(&config), Request::new(()));
        let agent = request.headers()[USER_AGENT].to_str().unwrap();
        assert!(agent.starts_with("chime-client/"), "{agent}");
        assert!(agent.contains(" ua/2.1 api/chime/2018-05-01 os/"), "{agent}");
        assert!(agent.ends_with(" m/E app/my-own-app"), "{agent}");
        assert_eq!(request.headers()[AMZ_USER_AGENT], agent);
        assert_eq!(request.headers()[INVOCATION_ID], "12345678-9abc-4ef0-9234-56789abcdef0");
        assert_eq!(request.headers()[TRACE_ID].as_bytes(), "Root=1-5%0A;é".as_bytes());
    }

    #[test]
    fn headers_of_the_caller_stay() {
        let mut config = config();
        config.trace_id = Some(TraceId::new(|| Some("mine".to_owned())));
        config.retry_mode = RetryMode::Adaptive;
        let request = Request::builder().header(TRACE_ID, "yours").body(()).unwrap();
        let request = pass(call_layer(&config), request);
        assert_eq!(request.headers()[TRACE_ID], "yours");
        assert!(request.headers()[USER_AGENT].to_str().unwrap().ends_with(" m/F"));
    }

    #[test]
    fn an_attempt_says_which_it_is() {
        let mut config = config();
        config.attempt_timeout = Some(Duration::from_secs(30));
        let first = pass(attempt_layer(&config), Request::new(()));
        assert_eq!(first.headers()[ATTEMPT], "attempt=1; max=3");
        let mut request = Request::new(());
        request.extensions_mut().insert(Attempt(2));
        let second = pass(attempt_layer(&config), request);
        assert_eq!(second.headers()[ATTEMPT], "ttl=20261123T150815Z; attempt=2; max=3");
        let mut request = Request::new(());
        request.extensions_mut().insert(Attempt(2));
        request.extensions_mut().insert(AttemptTimeout(Some(Duration::from_secs(5))));
        let hasty = pass(attempt_layer(&config), request);
        assert_eq!(hasty.headers()[ATTEMPT], "ttl=20261123T150750Z; attempt=2; max=3");
    }

    #[test]
    fn each_call_has_the_trace_of_its_time() {
        let mut config = config();
        let calls = std::sync::atomic::AtomicU32::new(0);
        config.trace_id = Some(TraceId::new(move || {
            let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (call > 0).then(|| format!("Root={call}"))
        }));
        let layer = call_layer(&config);
        let trace = |request: Request<()>| request.headers().get(TRACE_ID).cloned();
        let traces = [(); 3].map(|()| trace(pass(layer.clone(), Request::new(()))));
        assert_eq!(
            traces,
            [None, Some("Root=1".parse().unwrap()), Some("Root=2".parse().unwrap())]
        );
    }
}
