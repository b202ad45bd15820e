//! Operations outside of the API: seed, export, reset, snapshots and actions.

use serde_json::Value;

use crate::engine::clock::Clock;
use crate::engine::core::{Engine, lock, seeds};
use crate::engine::dispatch::Moment;
use crate::engine::faults::Injector;
use crate::engine::seeding::{Seed, Seeding};
use crate::engine::store::{Intent, State, Store, StoreError};
use crate::engine::world::{ActionError, Refusal, Verb, World};

impl<W: World> Engine<W> {
    pub(crate) fn seed(&self, seed: W::Seed) -> Result<(), StoreError> {
        let credentials = seed.credentials().to_vec();
        self.change(|State { root, world, .. }, now| -> Result<(), StoreError> {
            let mut seeding = Seeding::new(now, &mut root.ids);
            Ok(seeds::apply(&mut seeding, world, self.rules(), seed)?)
        })?;
        self.admit(&credentials);
        Ok(())
    }

    pub(crate) fn export(&self) -> W::Seed {
        self.settled().state.world.export()
    }

    /// Moves the clock and saves its mode, so that no call sees a time that is then set back.
    pub(crate) fn move_clock(&self, set: impl FnOnce(&Clock)) -> Result<(), StoreError> {
        let mut store = self.store();
        self.or_restore_clock(|clock| {
            set(clock);
            self.save_clock(&mut store)
        })
    }

    /// Saves the mode of the clock, which every change saves.
    fn save_clock(&self, store: &mut Store<W>) -> Result<(), StoreError> {
        self.change_locked(store, |_, _| Ok(()))
    }

    /// Runs a change that moves the clock. If it fails, the clock is set back.
    fn or_restore_clock<T, E>(&self, change: impl FnOnce(&Clock) -> Result<T, E>) -> Result<T, E> {
        let before = self.clock().mode();
        change(self.clock()).inspect_err(|_| self.clock().set_mode(before))
    }

    pub(crate) fn reset(&self) -> Result<(), StoreError> {
        let inner = &*self.0;
        let mut store = self.store();
        self.or_restore_clock(|clock| {
            clock.set_mode(inner.initial_clock);
            store.replace(inner.setup.initial_state()?)
        })?;
        store.publisher.reset(W::event_rules(self.rules()), inner.setup.random_seed);
        inner.callers.replace(inner.setup.callers());
        *lock(&inner.faults) = Injector::new(inner.setup.faults.clone());
        *lock(&inner.fault_rng) = fastrand::Rng::with_seed(inner.setup.random_seed);
        Ok(())
    }

    pub(crate) fn take_snapshot(&self, name: &str) -> Result<(), StoreError> {
        let mut store = self.store();
        self.save_clock(&mut store)?;
        store.take_snapshot(name)
    }

    pub(crate) fn restore_snapshot(&self, name: &str) -> Result<(), StoreError> {
        let mut store = self.store();
        store.restore_snapshot(name)?;
        self.clock().set_mode(store.state.root.clock);
        Ok(())
    }

    /// Runs an action that no call of the API can cause.
    pub(crate) fn act<T>(
        &self,
        act: impl FnOnce(&mut W, Moment<'_>, &W::Rules) -> Result<T, ActionError>,
    ) -> Result<T, ActionError> {
        self.change(|state, now| {
            let (world, at) = state.at(now);
            act(world, at, &self.0.setup.rules)
        })
    }

    /// Handles a control request of a service. Returns the body of the response, if it has one.
    pub(crate) fn control(&self, verb: &Verb<'_>) -> Result<Option<Value>, Refusal> {
        let control = |state: &mut State<W>, now| {
            let (world, at) = state.at(now);
            world.control(verb, at, self.rules())
        };
        match Intent::of(verb.method.as_str()) {
            Intent::Write => self.change(control),
            // It also works when nothing can be saved.
            Intent::Read => {
                let (mut store, now) = self.settled_now();
                store.attempt(self.clock().mode(), Intent::Read, |state| control(state, now))
            }
        }
    }
}

#[cfg(test)]
mod tests;
