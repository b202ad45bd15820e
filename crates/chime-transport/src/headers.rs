//! The headers that AWS clients send with every request. None of them is signed.
//!
//! | header | value |
//! | --- | --- |
//! | `amz-sdk-invocation-id` | a UUID, the same for all attempts of a call |
//! | `amz-sdk-request` | the number of the request and the maximum, and for retries the time at which the attempt times out: `ttl=20261123T150815Z; attempt=2; max=8` |
//! | `user-agent` | this library, the API, the platform and the application, unless the request has one |
//! | `x-amzn-trace-id` | the trace of the invocation, in AWS Lambda, unless the request has one |
//! | `accept-encoding` | `identity`: responses are not decompressed; unless the request has one |
//!
//! Position in the stack: inside the [retry layer](crate::retry), which counts the attempts.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Extensions, Request};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tower::{Layer, Service};

use crate::call::Call;
use crate::sign::timestamp;
use crate::{CallOptions, Clock, Config, Random, RetryMode, TraceId};

const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
const SDK_REQUEST: HeaderName = HeaderName::from_static("amz-sdk-request");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Adds the headers that AWS clients send: see the [module](self).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::{Config, headers::HeadersLayer};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new()
///     .layer(HeadersLayer::from_config(&Config::default()))
///     .service_fn(|request: http::Request<()>| async move {
///         Ok::<_, std::io::Error>(request.headers().clone())
///     });
/// let headers = service.oneshot(http::Request::new(())).await.unwrap();
/// assert!(headers.contains_key("amz-sdk-invocation-id"));
/// assert_eq!(headers["amz-sdk-request"], "attempt=1; max=1");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct HeadersLayer(Arc<Settings>);

#[derive(Debug)]
struct Settings {
    user_agent: HeaderValue,
    trace_id: Option<TraceId>,
    attempt_timeout: Option<Duration>,
    clock: Clock,
    random: Random,
}

impl HeadersLayer {
    /// Creates a layer with the user agent, clock and attempt timeout of `config`.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        Self(Arc::new(Settings {
            user_agent: user_agent(config, config.api.as_deref()),
            trace_id: config.trace_id.clone(),
            attempt_timeout: config.attempt_timeout,
            clock: config.clock.clone(),
            random: config.random.clone(),
        }))
    }
}

impl<S> Layer<S> for HeadersLayer {
    type Service = Headers<S>;

    fn layer(&self, inner: S) -> Headers<S> {
        Headers { inner, settings: self.0.clone() }
    }
}

/// The service of a [`HeadersLayer`].
#[derive(Clone, Debug)]
pub struct Headers<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S, B> Service<Request<B>> for Headers<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        self.settings.add(&mut request);
        self.inner.call(request)
    }
}

impl Settings {
    fn add<B>(&self, request: &mut Request<B>) {
        let call = Call::of(request.extensions());
        let invocation_id = match call {
            Some(call) => call.invocation_id.clone(),
            None => self.random.uuid_header(),
        };
        let sdk_request = self.sdk_request(request.extensions());
        let headers = request.headers_mut();
        set(headers, INVOCATION_ID, invocation_id);
        set(headers, SDK_REQUEST, sdk_request);
        if !headers.contains_key(USER_AGENT) {
            set(headers, USER_AGENT, self.user_agent.clone());
        }
        if !headers.contains_key(ACCEPT_ENCODING) {
            set(headers, ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(source) = &self.trace_id
            && !headers.contains_key(TRACE_ID)
            && let Some(id) = source.now().as_deref().and_then(trace_id)
        {
            set(headers, TRACE_ID, id);
        }
    }

    fn sdk_request(&self, extensions: &Extensions) -> HeaderValue {
        let call = Call::of(extensions);
        let (attempt, max) = call.map_or((1, 1), |call| (call.requests(), call.max_requests));
        if (attempt, max) == (1, 8) {
            return HeaderValue::from_static("attempt=1; max=8");
        }
        let ttl = self.ttl(extensions).filter(|_| attempt > 1).unwrap_or_default();
        let text = format!("{ttl}attempt={attempt}; max={max}");
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }

    /// Returns the time at which an attempt that starts now times out, if that can be written.
    fn ttl(&self, extensions: &Extensions) -> Option<String> {
        let own = CallOptions::of(extensions).and_then(|options| options.attempt_timeout);
        let until = timestamp(self.clock.now().checked_add(own.or(self.attempt_timeout)?)?)?;
        Some(format!("ttl={}; ", str::from_utf8(&until).ok()?))
    }
}

/// Parses a header that contains an HTTP date. Its two obsolete formats are not read.
pub(crate) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(OffsetDateTime::parse(text, &Rfc2822).ok()?.into())
}

/// Sets a header. If the map is full, signing reports the error.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    let _ = headers.try_insert(name, value);
}

/// Returns the header `user-agent` for calls of `api`, such as `chime/2018-05-01`:
/// `chime-client/0.1.0 ua/2.1 api/chime/2018-05-01 os/linux lang/rust … app/name`.
///
/// A client of several services sets it for each request.
#[must_use]
pub fn user_agent(config: &Config, api: Option<&str>) -> HeaderValue {
    let mut text = format!(
        "chime-client/{} ua/2.1 {}os/{} lang/rust md/arch#{}",
        env!("CARGO_PKG_VERSION"),
        api.map(|api| format!("api/{} ", versioned(api))).unwrap_or_default(),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    if let Some(environment) = &config.execution_env {
        text += &format!(" exec-env/{}", token(environment));
    }
    // The AWS ids of the retry modes `adaptive` and `standard`.
    text += if config.retry_mode == RetryMode::Adaptive { " m/F" } else { " m/E" };
    if let Some(app) = &config.app_id {
        text += &format!(" app/{}", token(app));
    }
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("chime-client"))
}

/// Replaces invalid characters in a name and its version.
fn versioned(text: &str) -> String {
    text.split('/').map(token).collect::<Vec<_>>().join("/")
}

/// Replaces the characters that a word of a user agent cannot contain.
fn token(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.chars().map(|c| if allowed(c) { c } else { '-' }).collect()
}

/// Converts a trace id of the Lambda runtime into a header value. Control characters and those outside
/// of ASCII are percent-encoded.
fn trace_id(text: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(utf8_percent_encode(text, CONTROLS).to_string()).ok()
}

#[cfg(test)]
mod tests;
