//! The thread that saves the changes of calls.

use std::io;
use std::sync::Arc;
use std::thread::Builder;

use super::{Inner, SharedStore, wait};
use crate::engine::store::Store;
use crate::engine::world::World;

impl<W: World> SharedStore<W> {
    /// Creates a store with a writer thread.
    ///
    /// # Errors
    /// Returns an error if the system cannot start a thread.
    pub(crate) fn durable(store: Store<W>) -> io::Result<Self> {
        let mut shared = Self::in_memory(store);
        let inner = Arc::clone(&shared.inner);
        let writer = Builder::new().name("local-chime-writer".to_owned());
        shared.writer = Some(writer.spawn(move || inner.write())?);
        Ok(shared)
    }
}

impl<W: World> Inner<W> {
    /// Saves one group after the other until the store is closed.
    fn write(&self) {
        let mut store = self.lock();
        loop {
            // A thread that waits for the store saves the changes itself.
            if !store.has_group() || store.exclusive_waiters > 0 {
                if store.is_closed {
                    return;
                }
                store = wait(&self.wake, store);
                continue;
            }
            // If `begin` fails, the waiting calls get the error.
            let Ok(Some(mut group)) = store.begin() else { continue };
            drop(store);
            let outcome = group.save();
            store = self.lock();
            let _ = store.finish(group, outcome);
            self.finished.notify_all();
        }
    }
}
