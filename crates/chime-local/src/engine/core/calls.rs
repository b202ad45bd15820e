//! Runs the handlers of a request on the state.

use std::cell::Cell;

use chime_model::{Exception, ServiceError};

use crate::engine::core::Engine;
use crate::engine::credential::Credential;
use crate::engine::dispatch::{Context, Exchange, Run};
use crate::engine::errors::Result;
use crate::engine::store::keeper::Saved;
use crate::engine::world::World;

/// Runs the handlers of one request, and keeps the pending save that its response must wait for.
pub(super) struct Calls<'a, W: World> {
    engine: &'a Engine<W>,
    saved: Cell<Option<Saved>>,
}

impl<'a, W: World> Calls<'a, W> {
    pub(super) fn of(engine: &'a Engine<W>) -> Self {
        Self { engine, saved: Cell::new(None) }
    }

    /// Runs `work`, which calls handlers. Also returns a receiver that completes when everything
    /// that the handlers read and changed is saved.
    pub(super) fn make<T>(self, work: impl FnOnce(&Self) -> T) -> (T, Option<Saved>) {
        let value = work(&self);
        (value, self.saved.into_inner())
    }

    /// Runs a handler with the state locked. If the handler fails, or if `reads` is set, its changes
    /// are undone.
    fn call<T>(
        &self,
        caller: &Credential,
        region: &str,
        reads: bool,
        handler: impl FnOnce(&mut W, &W::Rules, Context<'_>) -> Result<T>,
    ) -> Result<T> {
        let inner = &*self.engine.0;
        let rules = &inner.setup.rules;
        let mut store = inner.store.lock();
        let now = self.engine.settle(&mut store);
        let mode = self.engine.clock().mode();
        let outcome = store.attempt(mode, !reads, |state| {
            let (world, at) = state.at(now);
            handler(world, rules, Context { caller, region, at })
        });
        let saved = store.saved();
        drop(store);
        if saved.is_some() {
            inner.store.wake();
        }
        self.saved.set(saved);
        outcome
    }
}

impl<W: World> Run<W, W::Rules> for Calls<'_, W> {
    fn rules(&self) -> &W::Rules {
        &self.engine.0.setup.rules
    }

    fn run(
        &self,
        exchange: &Exchange<'_>,
        reads: bool,
        work: &mut dyn FnMut(&mut W, &W::Rules, Context<'_>) -> Result<()>,
    ) -> Result<()> {
        self.call(exchange.caller, exchange.region, reads, work)
    }
}

#[cfg(test)]
impl<W: World> Engine<W> {
    /// Runs a handler without waiting until its changes are saved.
    pub(crate) fn call<T>(
        &self,
        caller: &Credential,
        region: &str,
        reads: bool,
        handler: impl FnOnce(&mut W, &W::Rules, Context<'_>) -> Result<T>,
    ) -> Result<T> {
        Calls::of(self).call(caller, region, reads, handler)
    }
}

/// The error of a call if the writer stopped, so that it is unknown whether the change is saved.
pub(super) fn unsaved() -> ServiceError {
    ServiceError::new(Exception::ServiceFailure, "The server stopped before the change was saved")
}
