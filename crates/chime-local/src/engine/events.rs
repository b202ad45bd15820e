//! Delivers the events that the services send, such as to EventBridge.
//!
//! A call collects its events in an [`Outbox`]. They are sent in that order once its changes are
//! saved, unless [`EventRules`] set another order.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::iter::repeat_n;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use chime_model::events::Event;
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::engine::document::InvalidDocument;
use crate::engine::ids::Ids;
use crate::engine::rules::rules;

/// The number of events that are kept for later reading.
const KEPT: usize = 10_000;
/// The maximum total size of the kept events as JSON, in bytes.
const MAX_KEPT_BYTES: usize = 32 << 20;

rules! {
    /// How events are delivered. AWS may lose, repeat and reorder events. The defaults deliver each
    /// event once and in order.
    pub struct EventRules {
        /// The probability that an event is lost, from 0 to 1. Default: 0.
        event_loss: f64 = 0.0,
        /// The probability that an event is delivered twice, from 0 to 1. Default: 0.
        event_duplicates: f64 = 0.0,
        /// The number of events within which the order is random. Default: 0, in order.
        event_reorder: usize = 0,
    }
}

impl EventRules {
    /// Checks the probabilities.
    ///
    /// # Errors
    /// Returns all members that are out of range.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        let members = [("EventLoss", self.event_loss), ("EventDuplicates", self.event_duplicates)];
        let invalid = members.iter().filter(|(_, value)| !(0.0..=1.0).contains(value));
        let problems = invalid.map(|(name, _)| format!("{name}: must be between 0 and 1"));
        InvalidDocument::unless_none(problems.collect())
    }
}

/// A destination of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "Channel", content = "Arn")]
#[non_exhaustive]
pub enum Channel {
    /// The default event bus of the AWS account and region.
    EventBridge,
    /// An SQS queue, by its ARN.
    Sqs(String),
    /// An SNS topic, by its ARN.
    Sns(String),
    /// A Lambda function, by its ARN.
    Lambda(String),
}

/// An event as it was delivered to one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Delivered {
    /// The sequence number of this delivery. It starts with 1 in every process.
    pub sequence: u64,
    /// The destination.
    #[serde(flatten)]
    pub channel: Channel,
    /// The event as it arrives: the EventBridge event, the body of the SQS message, the message of
    /// the SNS notification or the payload of the Lambda function.
    pub body: Event,
}

/// An effect of a change, which waits until the change is saved.
#[allow(clippy::large_enum_variant, reason = "nearly all of them are events")]
pub(crate) enum Effect {
    /// An event to send, with its channels.
    Event(Vec<Channel>, Event),
    /// Work that may take a while, such as writing files. It runs on a thread of its own, so that it
    /// holds up no call.
    Work(Box<dyn FnOnce() + Send>),
}

/// Effects in the order of their causes.
pub(crate) type Outbox = Vec<Effect>;

/// Delivers events and keeps the last ones.
pub(crate) struct Publisher {
    rules: EventRules,
    rng: fastrand::Rng,
    ids: Ids,
    sent: u64,
    /// The last events, each with its size.
    kept: VecDeque<(Arc<Delivered>, usize)>,
    kept_bytes: usize,
    /// Events that wait for others to be reordered with.
    pending: Vec<(Channel, Event)>,
    subscribers: Vec<UnboundedSender<Delivered>>,
    /// The threads of work that may not be done yet.
    workers: Vec<JoinHandle<()>>,
}

impl Drop for Publisher {
    /// Sends the events that wait, and waits until all work is done.
    fn drop(&mut self) {
        self.publish(Outbox::new());
        for worker in self.workers.drain(..) {
            // A panic in the work affects nothing else.
            let _ = worker.join();
        }
    }
}

impl Publisher {
    /// Creates a publisher. The seed determines which events are lost, delivered twice and reordered.
    pub(crate) fn new(rules: EventRules, random_seed: u64, ids: Ids) -> Self {
        Self {
            rules,
            rng: fastrand::Rng::with_seed(random_seed),
            ids,
            sent: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            pending: Vec::new(),
            subscribers: Vec::new(),
            workers: Vec::new(),
        }
    }

    pub(crate) fn rules(&self) -> &EventRules {
        &self.rules
    }

    pub(crate) fn set_rules(&mut self, rules: EventRules) {
        self.rules = rules;
    }

    /// Sends the events that wait, and then delivers as a new publisher does. Ids and sequence numbers
    /// continue.
    pub(crate) fn reset(&mut self, rules: EventRules, random_seed: u64) {
        self.publish(Outbox::new());
        self.rules = rules;
        self.rng = fastrand::Rng::with_seed(random_seed);
    }

    /// Sends new events, and earlier ones that waited to be reordered. Without new events, it sends
    /// all that wait.
    pub(crate) fn publish(&mut self, effects: Outbox) {
        let is_idle = effects.is_empty();
        for effect in effects {
            let (channels, event) = match effect {
                Effect::Event(channels, event) => (channels, event),
                Effect::Work(work) => {
                    self.workers.retain(|worker| !worker.is_finished());
                    // If no thread can be started, the work is skipped: no call depends on it.
                    self.workers.extend(thread::Builder::new().spawn(work));
                    continue;
                }
            };
            let copies = repeat_n((event, self.ids.guid()), channels.len());
            for (channel, (event, id)) in channels.into_iter().zip(copies) {
                if self.happens(self.rules.event_loss) {
                    continue;
                }
                let event = body(&channel, event, id);
                if self.happens(self.rules.event_duplicates) {
                    self.pending.push((channel.clone(), event.clone()));
                }
                self.pending.push((channel, event));
            }
        }
        let open = if is_idle { 0 } else { self.rules.event_reorder };
        while self.pending.len() > open {
            let among = self.rules.event_reorder.clamp(1, self.pending.len());
            let next = if among > 1 { self.rng.usize(..among) } else { 0 };
            let (channel, body) = self.pending.remove(next);
            self.send(channel, body);
        }
    }

    fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.rng.f64() < probability
    }

    fn send(&mut self, channel: Channel, body: Event) {
        self.sent += 1;
        let delivered = Delivered { sequence: self.sent, channel, body };
        self.subscribers.retain(|subscriber| subscriber.send(delivered.clone()).is_ok());
        let size = size(&delivered.body);
        self.kept_bytes += size;
        self.kept.push_back((Arc::new(delivered), size));
        while self.kept.len() > KEPT || self.kept_bytes > MAX_KEPT_BYTES {
            let Some((_, size)) = self.kept.pop_front() else { break };
            self.kept_bytes -= size;
        }
    }

    /// The kept events after a sequence number. They are shared, so that the store is locked for a short
    /// time.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Arc<Delivered>> {
        let first = self.kept.partition_point(|(delivered, _)| delivered.sequence <= sequence);
        self.kept.range(first..).map(|(delivered, _)| delivered.clone()).collect()
    }

    /// Receives all events that are delivered from now on.
    pub(crate) fn subscribe(&mut self) -> UnboundedReceiver<Delivered> {
        let (sender, receiver) = unbounded_channel();
        self.subscribers.push(sender);
        receiver
    }
}

/// The size of an event as JSON, which is about that in memory.
fn size(event: &Event) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Writing to a counter cannot fail, and an event can always be serialized.
    let _ = serde_json::to_writer(&mut count, event);
    count.0
}

/// Converts an event to the form of its destination. EventBridge and Lambda events have an id, and
/// times in whole seconds.
fn body(channel: &Channel, mut event: Event, id: String) -> Event {
    if let Channel::EventBridge | Channel::Lambda(_) = channel {
        event.time = event.time.truncate_to_second();
        return event.id(id).resources(Vec::new());
    }
    event
}

#[cfg(test)]
mod tests;
