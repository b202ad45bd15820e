//! How the numbers and orders of an inventory are found without looking at all of them. All of it
//! follows from the rows.

use std::collections::{BTreeSet, HashMap};

use chime_model::chime::{
    PhoneNumberAssociationName, PhoneNumberId, PhoneNumberOrder, PhoneNumberOrderStatus,
    PhoneNumberStatus,
};
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::NumberRecord;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The positions of the numbers that have each association.
    associated: HashMap<(PhoneNumberAssociationName, String), BTreeSet<u64>>,
    /// The positions of the orders that are being processed, by when they were made: of two made at
    /// once, the first ends first.
    pub(super) orders: Waiting<u64>,
    /// The numbers whose calling name is about to change, by when that was asked for.
    pub(super) names: Waiting<PhoneNumberId>,
    /// The numbers in the deletion queue, by when they came there.
    pub(super) leaving: Waiting<PhoneNumberId>,
}

impl Index {
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
            let key = (name.clone(), value.clone());
            let positions = self.associated.entry(key.clone()).or_default();
            note(positions, position, here);
            if positions.is_empty() {
                self.associated.remove(&key);
            }
        }
        if let Some(change) = &record.name_change {
            note(&mut self.names.0, (change.since, id.clone()), here);
        }
        let leaves = record.is(&PhoneNumberStatus::DeleteInProgress);
        if let Some(since) = record.number.deletion_timestamp.filter(|_| leaves) {
            note(&mut self.leaving.0, (since, id.clone()), here);
        }
    }

    /// Notes that an order is there, or no longer there, as it is.
    pub(super) fn note_order(&mut self, position: u64, order: &PhoneNumberOrder, here: bool) {
        let processing = order.status == Some(PhoneNumberOrderStatus::Processing);
        if let Some(since) = order.created_timestamp.filter(|_| processing) {
            note(&mut self.orders.0, (since, position), here);
        }
    }

    /// The positions behind another of the numbers that have that association.
    pub(super) fn associated(
        &self,
        name: &PhoneNumberAssociationName,
        value: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = u64> {
        let start = after.map_or(0, |after| after.saturating_add(1));
        let positions = self.associated.get(&(name.clone(), value.to_owned())).into_iter();
        positions.flat_map(move |positions| positions.range(start..)).copied()
    }
}

/// What waits until some time has passed, by since when it does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Waiting<K>(BTreeSet<(OffsetDateTime, K)>);

impl<K> Default for Waiting<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<K: Ord> Waiting<K> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// When the first will have waited for so long.
    pub(super) fn next_due(&self, time: Duration) -> Option<OffsetDateTime> {
        self.0.first().map(|(since, _)| since.saturating_add(time))
    }

    /// Takes out the first that has waited for so long, with the moment when it had.
    pub(super) fn take_due(
        &mut self,
        now: OffsetDateTime,
        time: Duration,
    ) -> Option<(OffsetDateTime, K)> {
        self.next_due(time).filter(|due| *due <= now)?;
        self.0.pop_first().map(|(since, key)| (since.saturating_add(time), key))
    }
}

fn note<T: Ord>(set: &mut BTreeSet<T>, item: T, here: bool) {
    if here {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}
