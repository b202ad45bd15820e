//! Limits on connections and large bodies, for callers that are not authenticated yet.
//!
//! The system may allow fewer connections than there are slots, because each one takes a file
//! descriptor. If none is left, a server closes the connection that has waited for a request for the
//! longest time, so that the control endpoint stays reachable.

use std::sync::Arc;
use std::time::Duration;

use chime_model::ServiceError;
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::engine::errors::common;

const MAX_CONNECTIONS: usize = 1024;
/// Additional connections, for requests to the control endpoint only.
const MAX_RESERVED: usize = 16;
/// Bodies up to this size need no slot, so that they never wait for larger ones.
const SMALL_BODY: u64 = 16 * 1024;
/// The maximum number of larger bodies in memory. It is limited because a body must be read before
/// the signature of its request can be verified.
const MAX_LARGE_BODIES: usize = 32;
/// How long a request with a large body waits for a slot. A body that stalls frees its slot earlier.
const BODY_SLOT_TIMEOUT: Duration = Duration::from_secs(35);

/// The slots of an engine, which all its servers share.
pub(crate) struct Slots {
    connections: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    large_bodies: Semaphore,
}

impl Default for Slots {
    fn default() -> Self {
        Self::new(MAX_CONNECTIONS, MAX_RESERVED, MAX_LARGE_BODIES)
    }
}

/// The slot of a connection.
pub(super) struct ConnectionSlot {
    pub(super) is_reserved: bool,
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(connections: usize, reserved: usize, large_bodies: usize) -> Self {
        let [connections, reserved] =
            [connections, reserved].map(|count| Arc::new(Semaphore::new(count)));
        Self { connections, reserved, large_bodies: Semaphore::new(large_bodies) }
    }

    /// Waits until a connection slot is free, reserved or not.
    pub(super) async fn free(&self) {
        // The permit is dropped at once: it depends on the peer which slot a connection gets.
        select! {
            _ = self.connections.acquire() => {}
            _ = self.reserved.acquire() => {}
        }
    }

    /// Takes a slot for a connection. If only reserved ones are free, peers on this machine get one:
    /// nobody else can reach the control endpoint.
    pub(super) fn connection(&self, is_loopback: bool) -> Option<ConnectionSlot> {
        let take = |slots: &Arc<Semaphore>| Arc::clone(slots).try_acquire_owned().ok();
        let (permit, is_reserved) = match take(&self.connections) {
            Some(permit) => (permit, false),
            None if is_loopback => (take(&self.reserved)?, true),
            None => return None,
        };
        Some(ConnectionSlot { is_reserved, _permit: permit })
    }

    /// Waits until a body may be read. `size` is its maximum size in bytes; `None` if unknown. Hold
    /// the returned permit while the body is in memory.
    ///
    /// # Errors
    /// Returns an error if no slot is free for 35 seconds.
    pub(super) async fn body(
        &self,
        size: Option<u64>,
    ) -> Result<Option<SemaphorePermit<'_>>, ServiceError> {
        if size.is_some_and(|size| size <= SMALL_BODY) {
            return Ok(None);
        }
        match timeout(BODY_SLOT_TIMEOUT, self.large_bodies.acquire()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(_)) | Err(_) => Err(unavailable("Too many large requests at the same time")),
        }
    }
}

/// The response of a server that is at its limit.
pub(super) fn unavailable(message: &str) -> ServiceError {
    common("ServiceUnavailableException", 503, message)
}
