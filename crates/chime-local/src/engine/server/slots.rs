//! How much a server takes on at once, from callers that it does not know yet.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chime_model::ServiceError;
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::engine::errors::common;

const MAX_CONNECTIONS: usize = 1024;
/// Connections beyond those, for requests to the control endpoint alone.
const MAX_RESERVED: usize = 16;
/// The size of bodies that every connection may send, so that large ones hold up no small one.
const SMALL_BODY: u64 = 16 * 1024;
/// How many larger bodies may be in memory: the signature of a request can be verified only when its
/// body is there.
const MAX_LARGE_BODIES: usize = 32;
/// How long a request waits until it may send a large body.
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

    /// Waits for the slot of a connection, a reserved one if there is no other.
    pub(super) async fn connection(&self) -> io::Result<ConnectionSlot> {
        let (permit, is_reserved) = select! {
            biased;
            permit = Arc::clone(&self.connections).acquire_owned() => (permit, false),
            permit = Arc::clone(&self.reserved).acquire_owned() => (permit, true),
        };
        Ok(ConnectionSlot { is_reserved, _permit: permit.map_err(io::Error::other)? })
    }

    /// Waits until a body of up to that size may be read; `None` as the size if it is not known. What
    /// is returned is to be held while the body is in memory.
    ///
    /// # Errors
    /// If others keep all slots for too long.
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
