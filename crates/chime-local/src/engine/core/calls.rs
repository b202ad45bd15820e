//! Runs the work of calls on the state.

use chime_model::{Exception, ServiceError};

use crate::engine::core::Engine;
use crate::engine::credential::Credential;
use crate::engine::dispatch::Context;
use crate::engine::errors::Result;
use crate::engine::store::Intent;
use crate::engine::store::shared::Saved;
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
