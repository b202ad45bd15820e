//! The log of the last requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chime_model::timestamp::Iso8601;
use chime_model::{OperationInfo, SensitiveString};
use http::header::{HeaderMap, HeaderName, USER_AGENT};
use http::{Response, StatusCode};
use serde::{Serialize, Serializer};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::auth::Caller;
use crate::engine::faults::Cut;
use crate::engine::text::start;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// How many requests are kept.
const KEPT: usize = 200;

/// The header with the id of a request, in its response.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The maximum length of a logged text that comes from the request, in bytes. Most have a few hundred.
const MAX_TEXT: usize = 1024;

/// A callback that runs for each request before its response is sent.
pub type OnResponse = Arc<dyn Fn(&LoggedRequest) + Send + Sync>;

/// A request and its outcome, without path, query and body.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The time when it arrived, by the machine's clock.
    #[serde(with = "As::<Iso8601>")]
    pub time: OffsetDateTime,
    /// The id of the service, such as `Chime`; `None` if `operation` is `None`.
    pub service: Option<&'static str>,
    /// The operation; `None` if no operation has the method and path, or if the request is invalid.
    pub operation: Option<&'static str>,
    /// The HTTP status; `None` if the connection was cut.
    pub status: Option<u16>,
    /// The name of the exception, if the response is an error.
    pub exception: Option<String>,
    /// The message of the error, truncated to 1,024 bytes. It is not serialized, because it can quote
    /// the request.
    #[serde(skip_serializing)]
    pub message: Option<SensitiveString>,
    /// The time from the last byte of the request to the response. Serialized as `Millis`.
    #[serde(rename = "Millis", serialize_with = "millis")]
    pub duration: Duration,
    /// The access key id of the caller; `None` if the caller is not authenticated.
    pub access_key_id: Option<String>,
    /// The ARN of the caller; `None` if the caller is not authenticated.
    pub arn: Option<String>,
    /// The request id in the response; `None` if the connection was cut.
    pub request_id: Option<String>,
    /// The `User-Agent` header, truncated to 1,024 bytes.
    pub user_agent: Option<String>,
}

/// Serializes milliseconds with microseconds as the fraction.
fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    serializer.serialize_f64(f64::from(micros) / 1000.0)
}

/// Collects the data of a log entry while a request is handled.
pub(crate) struct Seen<'a> {
    pub(crate) time: OffsetDateTime,
    begun: Instant,
    agent: Option<&'a str>,
    pub(crate) operation: Option<&'static OperationInfo>,
    pub(crate) caller: Option<Arc<Caller>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(time: OffsetDateTime, headers: &'a HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self { time, begun: Instant::now(), agent, operation: None, caller: None }
    }

    /// The entry of the log.
    pub(crate) fn ended(self, outcome: Result<&Response<Bytes>, &Cut>) -> LoggedRequest {
        let response = outcome.ok();
        let is_error = |status: StatusCode| status.is_client_error() || status.is_server_error();
        let error = response.filter(|response| is_error(response.status()));
        let caller = self.caller.as_ref().map(|caller| &caller.credential);
        LoggedRequest {
            time: self.time,
            service: self.operation.map(|info| info.service.id),
            operation: self.operation.map(|info| info.name),
            status: response.map(|response| response.status().as_u16()),
            exception: error.and_then(|error| text(error, ERROR_TYPE)),
            message: error.and_then(message),
            duration: self.begun.elapsed(),
            access_key_id: caller.map(|caller| caller.access_key_id.clone()),
            arn: caller.map(|caller| caller.arn.clone()),
            request_id: response.and_then(|response| text(response, REQUEST_ID)),
            user_agent: self.agent.map(|agent| start(agent, MAX_TEXT).to_owned()),
        }
    }
}

fn text(response: &Response<Bytes>, name: HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// The message in the body of an error.
fn message(error: &Response<Bytes>) -> Option<SensitiveString> {
    let message = chime_wire::decode_error(error).message?;
    Some(start(&message, MAX_TEXT).into())
}

/// The log of the last requests.
#[derive(Default)]
pub(crate) struct Requests(Mutex<VecDeque<LoggedRequest>>);

impl Requests {
    pub(crate) fn note(&self, logged: LoggedRequest) {
        let mut kept = self.lock();
        kept.truncate(KEPT - 1);
        kept.push_front(logged);
    }

    /// The requests, newest first.
    pub(crate) fn list(&self) -> Vec<LoggedRequest> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LoggedRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::Config;
    use crate::faults::{Fault, FaultError, Faults};
    use crate::sample::*;
    use crate::testing::{Bench, request, sign};

    #[test]
    fn the_last_requests_are_kept_newest_first() {
        let bench = Bench::sample();
        for _ in 0..KEPT {
            bench.send("GET", "/nowhere", "");
        }
        bench.send("GET", "/accounts", "");
        let requests = bench.chime.requests();
        assert_eq!(requests.len(), KEPT);
        assert_eq!(requests[0].operation, Some("ListAccounts"));
        assert_eq!((requests[0].status, requests[1].status), (Some(200), Some(404)));
    }

    #[test]
    fn a_long_message_is_truncated() {
        let message = format!("x{}", "é".repeat(MAX_TEXT));
        let error = FaultError { message: Some(message.clone()), ..FaultError::new("Long") };
        let fault = Fault { error: Some(error), ..Fault::default() };
        let faults = Faults { faults: vec![fault], ..Faults::default() };
        let bench = Bench::new(Config { faults, ..Config::sample() });
        assert_eq!(bench.send("GET", "/accounts", "").json()["Message"], message);
        let requests = bench.chime.requests();
        let kept = requests[0].message.as_ref().map(SensitiveString::expose);
        assert_eq!(kept, message.get(..MAX_TEXT - 1));
    }

    #[test]
    fn the_log_has_operation_caller_and_outcome() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = told.clone();
        let on_response = Arc::new(move |logged: &LoggedRequest| {
            lines.lock().unwrap().push(logged.clone());
        });
        let bench = Bench::new(Config { on_response: Some(on_response), ..Config::sample() });
        let target = format!("/accounts/{TEAM_ACCOUNT_ID}/rooms");
        let mut signed = request("POST", &target, r#"{"Name":"secret-name"}"#);
        signed.headers_mut().insert("user-agent", "x".repeat(2_000).parse().unwrap());
        sign(&mut signed, &bench.caller, bench.clock.now());
        let answer = bench.handle(&signed);
        bench.handle(&request("GET", "/accounts", ""));

        let requests = bench.chime.requests();
        assert_eq!(*told.lock().unwrap(), [requests[1].clone(), requests[0].clone()]);
        let refused = &requests[1];
        assert_eq!(refused.operation, Some("CreateRoom"));
        assert_eq!(refused.exception.as_deref(), Some("ForbiddenException"));
        let message = refused.message.as_ref().map(SensitiveString::expose);
        assert_eq!(message, answer.json()["Message"].as_str());
        assert_eq!(refused.access_key_id.as_deref(), Some(ACCESS_KEY_ID));
        assert_eq!(refused.request_id.as_deref(), answer.header(REQUEST_ID.as_str()));
        assert_eq!(refused.user_agent.as_ref().unwrap().len(), MAX_TEXT);
        let unsigned = serde_json::to_value(&requests[0]).unwrap();
        assert_eq!(unsigned["Time"], "2025-03-05T12:00:00.000Z");
        assert_eq!(unsigned["Arn"], serde_json::Value::Null);
        assert!(unsigned["Millis"].as_f64().unwrap() < 60_000.0);
        let shown = format!("{requests:?}");
        assert!(!shown.contains(TEAM_ACCOUNT_ID) && !shown.contains("secret-name"), "{shown}");
    }
}
