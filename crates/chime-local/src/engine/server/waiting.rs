//! How long a connection has waited for its client.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::select;
use tokio::sync::Notify;

/// How many seconds a client may take to send a head, and to read more of a response. This is also the
/// idle timeout of a connection.
const HEAD_TIMEOUT: u32 = 30;
/// The same for a connection that is reserved for the control endpoint.
const RESERVED_HEAD_TIMEOUT: u32 = 5;
/// How many seconds a body may take.
const BODY_TIMEOUT: u32 = 30;

/// The wait of one connection for its client. The server checks all connections each second, because a
/// timer for each request costs more.
pub(super) struct Waiting {
    head_timeout: u32,
    wait: Mutex<Wait>,
    body_is_late: Notify,
}

enum Wait {
    /// For the client to send a head. Counts the checks since.
    Head(u32),
    /// For the client to read a response. Counts the checks since it has read a part.
    Response(u32),
    /// For the body of a request. Counts the checks since.
    Body(u32),
    /// The server is handling a request and does not wait for its client.
    None,
    /// The connection is being closed, because its client took too long or to make room.
    Over,
}

impl Waiting {
    /// Creates a wait for the first head.
    pub(super) fn new(is_reserved: bool) -> Self {
        let head_timeout = if is_reserved { RESERVED_HEAD_TIMEOUT } else { HEAD_TIMEOUT };
        let wait = Mutex::new(Wait::Head(0));
        Self { head_timeout, wait, body_is_late: Notify::new() }
    }

    /// Ends the wait for a head: the server begins to handle a request. Returns whether it may; if not,
    /// the connection is being closed.
    pub(super) fn end(&self) -> bool {
        let mut wait = self.lock();
        if matches!(*wait, Wait::Over) {
            return false;
        }
        *wait = Wait::None;
        true
    }

    /// Begins the wait for the client to read a response.
    pub(super) fn for_reading(&self) {
        *self.lock() = Wait::Response(0);
    }

    /// Restarts the wait for a client that has read more of a response.
    pub(super) fn restart(&self) {
        if let Wait::Response(checks) = &mut *self.lock() {
            *checks = 0;
        }
    }

    /// Begins the wait for the next head if a response was sent.
    pub(super) fn for_head(&self) {
        let mut wait = self.lock();
        if matches!(*wait, Wait::Response(_)) {
            *wait = Wait::Head(0);
        }
    }

    /// Waits for a body. Returns `None` after 30 seconds.
    pub(super) async fn for_body<T>(&self, body: impl Future<Output = T>) -> Option<T> {
        *self.lock() = Wait::Body(0);
        let outcome = select! {
            biased;
            outcome = body => Some(outcome),
            () = self.body_is_late.notified() => None,
        };
        *self.lock() = Wait::None;
        outcome
    }

    /// Checks the wait, once a second. Returns whether the connection must be closed. If a body is
    /// late, ends the wait for it instead.
    pub(super) fn is_over(&self) -> bool {
        let mut wait = self.lock();
        match &mut *wait {
            Wait::Head(checks) | Wait::Response(checks) if *checks == self.head_timeout => {
                *wait = Wait::Over;
            }
            Wait::Body(checks) if *checks == BODY_TIMEOUT => self.body_is_late.notify_waiters(),
            Wait::Head(checks) | Wait::Response(checks) | Wait::Body(checks) => *checks += 1,
            Wait::None | Wait::Over => {}
        }
        matches!(*wait, Wait::Over)
    }

    /// How many checks the wait for a head has lasted; `None` if there is no such wait.
    pub(super) fn idle(&self) -> Option<u32> {
        match *self.lock() {
            Wait::Head(checks) => Some(checks),
            _ => None,
        }
    }

    /// Ends a wait for a head early. Returns whether there was one; then the connection must be closed.
    pub(super) fn give_up(&self) -> bool {
        let mut wait = self.lock();
        let is_idle = matches!(*wait, Wait::Head(_));
        if is_idle {
            *wait = Wait::Over;
        }
        is_idle
    }

    fn lock(&self) -> MutexGuard<'_, Wait> {
        self.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
