//! How the numbers and orders of an inventory are found without looking at all of them. All of it
//! follows from the rows.

use chime_model::chime::*;
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::NumberRecord;
use crate::engine::index::Index;
use crate::engine::rows::tables;

/// What waits until some time has passed, by since when it does.
type Waiting<K> = Index<(), (OffsetDateTime, K)>;

tables! {
    #[cfg_attr(test, derive(Debug))]
    pub(super) struct Indexes {
        /// The positions of the numbers that have each association.
        associated: Index<(PhoneNumberAssociationName, String), u64> = "",
        /// The positions of the orders that are being processed, by when they were made: of two made
        /// at once, the first ends first.
        pub(super) orders: Waiting<u64> = "",
        /// The numbers whose calling name is about to change, by when that was asked for.
        pub(super) names: Waiting<PhoneNumberId> = "",
        /// The numbers in the deletion queue, by when they came there.
        pub(super) leaving: Waiting<PhoneNumberId> = "",
    }
}

impl Indexes {
    /// Notes that a number is there, or no longer there, as it is.
    pub(super) fn note_number(
        &mut self,
        id: &PhoneNumberId,
        position: u64,
        record: &NumberRecord,
        here: bool,
    ) {
        for association in record.associations() {
            let (Some(name), Some(value)) = (&association.name, &association.value) else {
                continue;
            };
            self.associated.set((name.clone(), value.clone()), position, here);
        }
        if let Some(change) = &record.name_change {
            self.names.set((), (change.since, id.clone()), here);
        }
        let leaves = record.is(&PhoneNumberStatus::DeleteInProgress);
        if let Some(since) = record.number.deletion_timestamp.filter(|_| leaves) {
            self.leaving.set((), (since, id.clone()), here);
        }
    }

    /// Notes that an order is there, or no longer there, as it is.
    pub(super) fn note_order(&mut self, position: u64, order: &PhoneNumberOrder, here: bool) {
        let processing = order.status == Some(PhoneNumberOrderStatus::Processing);
        if let Some(since) = order.created_timestamp.filter(|_| processing) {
            self.orders.set((), (since, position), here);
        }
    }

    /// The positions behind another of the numbers that have that association.
    pub(super) fn associated(
        &self,
        name: &PhoneNumberAssociationName,
        value: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = u64> {
        let key = (name.clone(), value.to_owned());
        self.associated.after(&key, after).copied()
    }
}

/// When the first will have waited for so long.
pub(super) fn next_due<K: Clone + Ord>(
    waiting: &Waiting<K>,
    time: Duration,
) -> Option<OffsetDateTime> {
    waiting.first(&()).map(|(since, _)| since.saturating_add(time))
}

/// Takes out the first that has waited for so long, with the moment when it had.
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
