//! The store as many calls share it.

#[cfg(any(test, feature = "durable"))]
mod writer;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::Store;
use crate::engine::world::World;

pub(crate) use super::group::Saved;

/// A store behind a lock. While a group of changes is being saved, calls go on and make the next one.
pub(crate) struct Keeper<W: World> {
    shared: Arc<Shared<W>>,
    /// Only for a durable store.
    writer: Option<JoinHandle<()>>,
}

struct Shared<W> {
    store: Mutex<Store<W>>,
    /// There is something to save, or the store was closed.
    wake: Condvar,
    /// A group was finished.
    finished: Condvar,
}

impl<W: World> Keeper<W> {
    pub(crate) fn in_memory(store: Store<W>) -> Self {
        let (wake, finished) = (Condvar::new(), Condvar::new());
        let shared = Shared { store: Mutex::new(store), wake, finished };
        Self { shared: Arc::new(shared), writer: None }
    }

    /// Locks the store as it is, with changes in it that may be undone. Whoever shows something of them
    /// waits for [`Store::saved`].
    pub(crate) fn lock(&self) -> MutexGuard<'_, Store<W>> {
        self.shared.lock()
    }

    /// Locks the store with everything in it saved.
    pub(crate) fn lock_saved(&self) -> MutexGuard<'_, Store<W>> {
        let mut store = self.lock();
        store.claims += 1;
        while store.is_saving() {
            store = wait(&self.shared.finished, store);
        }
        store.claims -= 1;
        // If it fails, those who wait for it are told, and nothing is left to save.
        let _ = store.flush();
        store
    }

    /// Has what was changed saved.
    pub(crate) fn wake(&self) {
        self.shared.wake.notify_one();
    }
}

impl<W: World> Drop for Keeper<W> {
    /// Saves what is not saved yet, and waits until the storage is free for others.
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            self.lock().is_closed = true;
            self.wake();
            // Whatever it ended with, it has ended.
            let _ = writer.join();
        }
    }
}

impl<W: World> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, Store<W>> {
        // What panics while it holds the lock must not take the service down with it.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
