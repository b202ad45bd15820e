//! Indexes of the numbers and orders of an inventory.

use chime_model::chime::*;
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::NumberRecord;
use crate::engine::index::Index;
use crate::engine::rows::tables;

/// Items with pending work, ordered by the time at which it started.
type Waiting<K> = Index<(), (OffsetDateTime, K)>;

tables! {
    #[cfg_attr(test, derive(Debug))]
    pub(super) struct Indexes {
        /// The positions of the numbers with an association.
        pub(super) associated: Index<(PhoneNumberAssociationName, String), u64> = index,
        /// The positions of the orders in status `Processing`, by their time of creation. Of two
        /// with the same time, the first completes first.
        pub(super) orders: Waiting<u64> = index,
        /// The numbers with a pending calling name, by the time of the request.
        pub(super) names: Waiting<PhoneNumberId> = index,
        /// The numbers in the deletion queue, by their time of deletion.
        pub(super) leaving: Waiting<PhoneNumberId> = index,
    }
}

impl Indexes {
    /// Adds a number to the indexes, or removes it, in its current state.
    pub(super) fn set_number(
        &mut self,
        id: &PhoneNumberId,
        position: u64,
        record: &NumberRecord,
        present: bool,
    ) {
        for association in record.associations() {
            let (Some(name), Some(value)) = (&association.name, &association.value) else {
                continue;
            };
            self.associated.set((name.clone(), value.clone()), position, present);
        }
        if let Some(change) = &record.name_change {
            self.names.set((), (change.since, id.clone()), present);
        }
        let leaves = record.is(&PhoneNumberStatus::DeleteInProgress);
        if let Some(since) = record.number.deletion_timestamp.filter(|_| leaves) {
            self.leaving.set((), (since, id.clone()), present);
        }
    }

    /// Adds an order to the indexes, or removes it, in its current state.
    pub(super) fn set_order(&mut self, position: u64, order: &PhoneNumberOrder, present: bool) {
        let processing = order.status == Some(PhoneNumberOrderStatus::Processing);
        if let Some(since) = order.created_timestamp.filter(|_| processing) {
            self.orders.set((), (since, position), present);
        }
    }
}

/// The time at which the first item has waited for `time`.
pub(super) fn next_due<K: Clone + Ord>(
    waiting: &Waiting<K>,
    time: Duration,
) -> Option<OffsetDateTime> {
    waiting.first(&()).map(|(since, _)| since.saturating_add(time))
}

/// Removes the first item if it has waited for `time`. Returns it with the time at which it was
/// due.
pub(super) fn take_due<K: Clone + Ord>(
    waiting: &mut Waiting<K>,
    now: OffsetDateTime,
    time: Duration,
) -> Option<(OffsetDateTime, K)> {
    let due = next_due(waiting, time).filter(|due| *due <= now)?;
    let first = waiting.first(&())?.clone();
    waiting.remove(&(), &first);
    Some((due, first.1))
}
