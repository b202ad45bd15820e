//! The laws that hold for every call, regardless of the faults of its server.

use chime_client::model::chime::CreateAccountResponse;
use chime_client::{Error, ErrorKind, TransportErrorKind};
use proptest::prelude::*;

use super::message::Message;
use super::script::{Delivery, Protocol};
use super::server::{Event, ReceivedRequest};

pub(super) type CallResult = Result<CreateAccountResponse, Error>;

/// A call, with the events of its server.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) protocol: Protocol,
    pub(super) idempotent: bool,
    /// Its requests, and all failed and slow connections since it began.
    pub(super) events: Vec<Event>,
    /// Whether other calls were made at the same time, or concurrently before it: a connection that
    /// one call opened, another may use.
    pub(super) is_concurrent: bool,
    /// The number of connections on which a request may have been lost, because they were closing or because
    /// another call on them ended them.
    pub(super) stale_connections: u32,
}

impl Call {
    fn requests(&self) -> impl DoubleEndedIterator<Item = &ReceivedRequest> {
        self.events.iter().filter_map(|event| match event {
            Event::Request(request) => Some(request),
            Event::Connect(_) => None,
        })
    }

    /// The maximum number of throttled requests.
    pub(super) fn throttled(&self) -> u32 {
        let is_throttled = |request: &&ReceivedRequest| {
            let response = &request.response;
            // The head of a response may arrive though the rest does not.
            let may_arrive =
                matches!(response.delivery, Delivery::Cut(..) | Delivery::ResetStream(..));
            response.message.is_throttling() && (may_arrive || response.delivery.is_whole())
        };
        self.requests().filter(is_throttled).count() as u32
    }

    fn failed_connects(&self) -> u32 {
        let is_failed =
            |event: &&Event| matches!(event, Event::Connect(connect) if connect.fails());
        self.events.iter().filter(is_failed).count() as u32
    }

    /// The minimum number of attempts. It does not count failed connections of concurrent calls: it is unknown
    /// which call they belong to, and they cost no attempt if a connection of another call opens in time.
    pub(super) fn attempts(&self) -> u32 {
        let connects = if self.is_concurrent { 0 } else { self.failed_connects() };
        self.requests().count() as u32 + connects
    }

    /// Whether the service refused a signature that another one could replace, which allows one more
    /// attempt.
    fn was_resigned(&self) -> bool {
        let is_refused = |request: &ReceivedRequest| {
            matches!(request.response.message, Message::Expired | Message::ClockJumps)
        };
        self.requests().any(is_refused)
    }

    fn acts(&self) -> Vec<u32> {
        self.requests().filter_map(|request| request.act).collect()
    }

    /// Checks what the call did, however it ended.
    pub(super) fn check_requests(&self) -> Result<(), TestCaseError> {
        let acts = self.acts().len();
        prop_assert!(self.idempotent || acts <= 1, "it acted {} times", acts);
        let mut ids: Vec<_> = self.requests().map(|request| &request.invocation).collect();
        ids.dedup();
        prop_assert!(ids.len() <= 1, "one call, one id");
        // Retrying a throttled request does not use up an attempt.
        let most = 3 + self.throttled() + u32::from(self.was_resigned());
        let attempts = self.attempts();
        prop_assert!(attempts <= most.min(8 + self.stale_connections), "{} attempts", attempts);
        Ok(())
    }

    /// Checks the result of the call.
    pub(super) fn check_result(&self, result: &CallResult) -> Result<(), TestCaseError> {
        match result {
            Ok(response) => self.check_response(response),
            Err(error) => self.check_error(error),
        }
    }

    fn check_response(&self, response: &CreateAccountResponse) -> Result<(), TestCaseError> {
        let Some(account) = &response.account else {
            // Over HTTP/1.1, a body without a length looks complete wherever it is cut.
            let last = self.requests().next_back();
            let is_cut = |last: &ReceivedRequest| last.response.message == Message::NoLength;
            prop_assert!(self.protocol != Protocol::Http2 && last.is_some_and(is_cut));
            return Ok(());
        };
        let act = account.account_id.as_str().parse().unwrap();
        let acts = self.acts();
        prop_assert_eq!((&account.name, acts.last()), (&self.name, Some(&act)));
        Ok(())
    }

    /// Whether the client may take the response for a complete one that it cannot decode.
    fn is_undecodable(&self, request: &ReceivedRequest) -> bool {
        match request.response.message {
            Message::Html | Message::HalfJson | Message::TooShort => true,
            Message::NoLength | Message::Bytes(_) => self.protocol != Protocol::Http2,
            _ => false,
        }
    }

    fn check_error(&self, error: &Error) -> Result<(), TestCaseError> {
        let (acts, attempts) = (self.acts(), self.attempts());
        // Another call may have ended the connection under a concurrent call.
        if !self.is_concurrent || self.stale_connections == 0 {
            let is_fine = |request: &ReceivedRequest| request.response.is_fine(self.protocol);
            let last = self.events.last();
            prop_assert!(!matches!(last, Some(Event::Request(request)) if is_fine(request)));
        }
        prop_assert!(error.may_have_acted() || acts.is_empty(), "it acted");
        if matches!(error.kind(), ErrorKind::Undecodable(_)) {
            let last = self.requests().next_back();
            prop_assert!(last.is_some_and(|last| self.is_undecodable(last)), "it was cut off");
        }
        let is_refused = self.events.iter().all(|event| match event {
            Event::Connect(connect) => connect.fails(),
            Event::Request(request) => request.response.is_refusal(),
        });
        let is_certain = is_refused && self.stale_connections == 0;
        prop_assert!(!(is_certain && error.may_have_acted()), "nothing was done");
        // The server does not see a request on a closed connection, or one that waits for a
        // connection. After a slow response about expired credentials, the next request may be late.
        let is_slow = |request: &&ReceivedRequest| {
            let response = &request.response;
            response.message == Message::Expired && !response.delivery.is_prompt()
        };
        let slow = self.requests().filter(is_slow).count() as u32;
        let connects = if self.is_concurrent { self.failed_connects() } else { 0 };
        let unseen = self.stale_connections + slow + connects + u32::from(has_timed_out(error));
        let made = error.attempts().map_or(1, |attempts| attempts.made);
        prop_assert!((attempts..=attempts + unseen).contains(&made), "{} made", made);
        Ok(())
    }
}

fn has_timed_out(error: &Error) -> bool {
    use TransportErrorKind::{AttemptTimeout, OperationTimeout};
    matches!(error.kind(), ErrorKind::Transport(error)
        if matches!(error.kind(), AttemptTimeout | OperationTimeout))
}
