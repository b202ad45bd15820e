//! Runs the work of calls, and all other changes, on the state.

use std::sync::MutexGuard;

use chime_model::{Exception, ServiceError};
use time::OffsetDateTime;

use crate::engine::core::Engine;
use crate::engine::credential::Credential;
use crate::engine::dispatch::Context;
use crate::engine::errors::Result;
use crate::engine::store::shared::Saved;
use crate::engine::store::{Intent, State, Store, StoreError};
use crate::engine::world::World;

impl<W: World> Engine<W> {
    /// Runs work with the state locked. If it fails, or if the intent is to read, its changes are undone.
    /// Also returns a receiver that completes when everything that the work saw and changed is saved, if
    /// that is still to be done.
    pub(crate) fn run<T>(
        &self,
        caller: &Credential,
        region: &str,
        intent: Intent,
        work: impl FnOnce(&mut W, &W::Rules, Context<'_>) -> Result<T>,
    ) -> (Result<T>, Option<Saved>) {
        let inner = &*self.0;
        let mut store = inner.store.lock();
        let now = self.settle(&mut store);
        let outcome = store.attempt(self.clock().mode(), intent, |state| {
            let (world, at) = state.at(now);
            work(world, self.rules(), Context { caller, region, at })
        });
        let saved = store.saved();
        drop(store);
        if saved.is_some() {
            inner.store.wake();
        }
        (outcome, saved)
    }

    /// Makes a change that is not a call of the API, and saves it. If the change fails or cannot be saved,
    /// it is undone.
    pub(crate) fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut State<W>, OffsetDateTime) -> Result<T, E>,
    ) -> Result<T, E> {
        self.change_locked(&mut self.store(), change)
    }

    /// Does the same with a store that is locked.
    pub(super) fn change_locked<T, E: From<StoreError>>(
        &self,
        store: &mut Store<W>,
        change: impl FnOnce(&mut State<W>, OffsetDateTime) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.settle(store);
        let outcome = store.attempt(self.clock().mode(), Intent::Write, |state| change(state, now));
        // One save, so that no change is made to a state whose due work is then undone.
        store.flush()?;
        outcome
    }

    /// Locks the store after applying and saving what has become due.
    pub(crate) fn settled(&self) -> MutexGuard<'_, Store<W>> {
        self.settled_now().0
    }

    /// Does the same, and returns the time.
    pub(super) fn settled_now(&self) -> (MutexGuard<'_, Store<W>>, OffsetDateTime) {
        let mut store = self.store();
        let now = self.settle(&mut store);
        // If this fails, the changes are undone, and applied again the next time.
        let _ = store.flush();
        (store, now)
    }

    /// Reads the time and applies what has become due. The caller holds the lock of the store, so
    /// that this is atomic.
    pub(super) fn settle(&self, store: &mut Store<W>) -> OffsetDateTime {
        let now = self.clock().now();
        store.settle(now, self.rules());
        now
    }
}

/// Waits until everything that an outcome depends on is saved. If that fails, it is the outcome.
pub(super) async fn after_save<T>(outcome: Result<T>, saved: Option<Saved>) -> Result<T> {
    match saved {
        Some(saved) => saved.await.unwrap_or_else(|_| Err(unsaved())).and(outcome),
        None => outcome,
    }
}

/// The error of a call if the writer stopped, so that it is unknown whether the change is saved.
fn unsaved() -> ServiceError {
    ServiceError::new(Exception::ServiceFailure, "The server stopped before the change was saved")
}
