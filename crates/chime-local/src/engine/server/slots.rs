//! Limits on connections and large bodies, for callers that are not authenticated yet.

use std::io;
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
/// How long a request with a large body waits for a slot.
const BODY_SLOT_TIMEOUT: Duration = Duration::from_secs(30);

/// The slots of one server.
pub(super) struct Slots {
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

    /// Waits for a connection slot. A reserved one is used only if all others are taken.
    pub(super) async fn connection(&self) -> io::Result<ConnectionSlot> {
        let (permit, is_reserved) = select! {
            biased;
            permit = Arc::clone(&self.connections).acquire_owned() => (permit, false),
            permit = Arc::clone(&self.reserved).acquire_owned() => (permit, true),
        };
        Ok(ConnectionSlot { is_reserved, _permit: permit.map_err(io::Error::other)? })
    }

    /// Waits until a body may be read. `size` is its maximum size in bytes; `None` if unknown. Hold
    /// the returned permit while the body is in memory.
    ///
    /// # Errors
    /// Returns an error if no slot is free for 30 seconds.
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
