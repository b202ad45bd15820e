//! The lock of the store, which concurrent calls share.

#[cfg(any(test, feature = "durable"))]
mod writer;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::Store;
use crate::engine::world::World;

pub(crate) use super::group::Saved;

/// A store behind a lock. While a group of changes is being saved, calls continue and add changes to
/// the next group.
pub(crate) struct SharedStore<W: World> {
    inner: Arc<Inner<W>>,
    /// The thread that saves groups; `None` if the store is not durable.
    writer: Option<JoinHandle<()>>,
}

struct Inner<W> {
    store: Mutex<Store<W>>,
    /// Wakes the writer: there are changes to save, or the store was closed.
    wake: Condvar,
    /// Signals that a group was finished.
    finished: Condvar,
}

impl<W: World> SharedStore<W> {
    pub(crate) fn in_memory(store: Store<W>) -> Self {
        let (wake, finished) = (Condvar::new(), Condvar::new());
        let inner = Inner { store: Mutex::new(store), wake, finished };
        Self { inner: Arc::new(inner), writer: None }
    }

    /// Locks the store, which can have unsaved changes that may still be undone. A caller that
    /// reveals them must wait for [`Store::saved`] first.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Store<W>> {
        self.inner.lock()
    }

    /// Locks the store after all changes are saved.
    pub(crate) fn lock_saved(&self) -> MutexGuard<'_, Store<W>> {
        let mut store = self.lock();
        store.exclusive_waiters += 1;
        while store.is_saving() {
            store = wait(&self.inner.finished, store);
        }
        store.exclusive_waiters -= 1;
        // If this fails, the changes are undone, and the waiting calls get the error.
        let _ = store.flush();
        store
    }

    /// Wakes the writer to save changes.
    pub(crate) fn wake(&self) {
        self.inner.wake.notify_one();
    }
}

impl<W: World> Drop for SharedStore<W> {
    /// Waits until the writer has saved all changes and released the storage.
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            self.lock().is_closed = true;
            self.wake();
            // The writer has stopped, with or without a panic.
            let _ = writer.join();
        }
    }
}

impl<W: World> Inner<W> {
    fn lock(&self) -> MutexGuard<'_, Store<W>> {
        // Ignores poisoning, so that a panic in one call does not stop the service.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
