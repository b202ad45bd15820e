//! The thread that saves the changes of calls.

use std::io;
use std::sync::Arc;
use std::thread::Builder;

use super::{Keeper, Shared, wait};
use crate::engine::store::Store;
use crate::engine::world::World;

impl<W: World> Keeper<W> {
    /// Creates a keeper with a writer thread.
    ///
    /// # Errors
    /// Returns an error if the system cannot start a thread.
    pub(crate) fn durable(store: Store<W>) -> io::Result<Self> {
        let mut keeper = Self::in_memory(store);
        let shared = Arc::clone(&keeper.shared);
        let writer = Builder::new().name("local-chime-writer".to_owned());
        keeper.writer = Some(writer.spawn(move || shared.write())?);
        Ok(keeper)
    }
}

impl<W: World> Shared<W> {
    /// Saves one group after the other until the store is closed.
    fn write(&self) {
        let mut store = self.lock();
        loop {
            // A thread with a claim saves the changes itself.
            if !store.has_group() || store.claims > 0 {
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
