//! The events of all services, as they are delivered.

use tokio::sync::mpsc::UnboundedReceiver;

use crate::engine::core::Engine;
use crate::engine::events::{Delivered, EventRules, Outbox};
use crate::engine::world::World;

impl<W: World> Engine<W> {
    /// Returns what was delivered after a sequence number, once everything that is due has been done.
    pub(crate) fn events(&self, after: u64) -> Vec<Delivered> {
        self.tick();
        self.store().publisher.after(after)
    }

    /// Does what is due although nobody calls, and sends events that were held back. Does not wait
    /// until the changes are saved, so that it can run beside the connections.
    pub(crate) fn tick(&self) {
        let mut store = self.0.store.lock();
        self.settle(&mut store);
        store.publisher.publish(Outbox::new());
        drop(store);
        self.0.store.wake();
    }

    /// Receives everything that is delivered from now on.
    pub(crate) fn subscribe(&self) -> UnboundedReceiver<Delivered> {
        self.store().publisher.subscribe()
    }

    pub(crate) fn event_rules(&self) -> EventRules {
        self.store().publisher.rules().clone()
    }

    pub(crate) fn set_event_rules(&self, rules: EventRules) {
        self.store().publisher.set_rules(rules);
    }
}
