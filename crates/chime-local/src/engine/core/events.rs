//! Delivery of the events of all services.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::engine::core::Engine;
use crate::engine::document::InvalidDocument;
use crate::engine::events::{Delivered, EventRules, Outbox};
use crate::engine::world::World;

impl<W: World> Engine<W> {
    /// Applies what is due, and returns the delivered events after a sequence number.
    pub(crate) fn events(&self, after: u64) -> Vec<Delivered> {
        self.tick();
        let kept = self.kept_events(after);
        kept.iter().map(|delivered| Delivered::clone(delivered)).collect()
    }

    /// The delivered events after a sequence number.
    pub(crate) fn kept_events(&self, after: u64) -> Vec<Arc<Delivered>> {
        self.store().publisher.after(after)
    }

    /// Applies what is due, and sends events that wait to be reordered. Does not wait until the
    /// changes are saved, because it runs on the thread that serves the connections.
    pub(crate) fn tick(&self) {
        let mut store = self.0.store.lock();
        self.settle(&mut store);
        store.publisher.publish(Outbox::new());
        drop(store);
        self.0.store.wake();
    }

    /// Applies and saves what has become due, and sends all events that wait.
    pub(crate) fn send_waiting_events(&self) {
        self.settled().publisher.publish(Outbox::new());
    }

    /// Receives all events that are delivered from now on.
    pub(crate) fn subscribe(&self) -> UnboundedReceiver<Delivered> {
        self.store().publisher.subscribe()
    }

    pub(crate) fn event_rules(&self) -> EventRules {
        self.store().publisher.rules().clone()
    }

    pub(crate) fn set_event_rules(&self, rules: EventRules) -> Result<(), InvalidDocument> {
        rules.check()?;
        self.store().publisher.set_rules(rules);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chime_model::meetings::CreateMeetingRequest;
    use tokio::net::TcpListener;

    use super::*;
    use crate::testing::Bench;
    use crate::{Config, Rules};

    fn bench(events: EventRules) -> Bench {
        let rules = Rules { events, ..Rules::default() };
        Bench::new(Config { rules, ..Config::default() })
    }

    /// Creates a meeting, which causes an event.
    fn meet(bench: &Bench, number: usize) {
        let name = format!("meeting-{number}");
        let meeting = CreateMeetingRequest::new("us-east-1", &name).client_request_token(&name);
        bench.call(&meeting).unwrap();
    }

    #[test]
    fn a_reset_sends_what_waits_and_repeats_what_chance_does() {
        let bench =
            bench(EventRules { event_loss: 0.5, event_reorder: 4, ..EventRules::default() });
        let round = |after| {
            (0..20).for_each(|number| meet(&bench, number));
            bench.chime.reset().unwrap();
            let kept = bench.chime.engine().kept_events(after);
            kept.iter().map(|it| it.body.detail.clone()).collect::<Vec<_>>()
        };
        let first = round(0);
        assert!((1..20).contains(&first.len()));
        assert_eq!(round(first.len() as u64), first);
    }

    #[tokio::test]
    async fn events_that_wait_are_sent_when_a_server_stops_and_when_the_engine_is_dropped() {
        let bench = bench(EventRules { event_reorder: 5, ..EventRules::default() });
        let mut events = bench.chime.subscribe();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // The server stops as soon as the meeting is created.
        bench.chime.clone().serve(listener, async { meet(&bench, 1) }).await.unwrap();
        assert!(events.try_recv().is_ok());
        meet(&bench, 2);
        assert!(events.is_empty());
        drop(bench);
        assert!(events.try_recv().is_ok());
    }
}
