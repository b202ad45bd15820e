//! Indexes of the numbers and orders of an inventory.

use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::inventory::NumberRecord;
use crate::engine::index::Index;
use crate::engine::indexed::IndexesOf;
use crate::engine::rows::tables;

/// Items with pending work, ordered by the time at which it started.
pub(super) type Waiting<K> = Index<(), (OffsetDateTime, K)>;

tables! {
    pub(crate) struct NumberIndexes {
        /// The numbers of each Chime account, and of each of its users.
        pub(super) assigned: Index<(AccountId, Option<UserId>), PhoneNumberId> = index,
        /// The numbers with a pending calling name, by the time of the request.
        pub(super) names: Waiting<PhoneNumberId> = index,
        /// The numbers in the deletion queue, by their time of deletion.
        pub(super) leaving: Waiting<PhoneNumberId> = index,
    }
}

tables! {
    pub(crate) struct OrderIndexes {
        /// The orders in status `Processing`, by their time of creation. Of two with the same time,
        /// the one with the first position completes first.
        pub(super) processing: Waiting<(u64, PhoneNumberOrderId)> = index,
    }
}

impl IndexesOf<PhoneNumberId, NumberRecord> for NumberIndexes {
    fn set(&mut self, id: &PhoneNumberId, _: u64, record: &NumberRecord, present: bool) {
        // A seed can associate a number with an account alone.
        if let Some(account) = record.associated(&PhoneNumberAssociationName::AccountId) {
            self.assigned.set((account.into(), None), id.clone(), present);
        }
        if let Some((account, user)) = record.user() {
            self.assigned.set((account, Some(user)), id.clone(), present);
        }
        if let Some(change) = &record.name_change {
            self.names.set((), (change.since, id.clone()), present);
        }
        let leaves = record.is(&PhoneNumberStatus::DeleteInProgress);
        if let Some(since) = record.number.deletion_timestamp.filter(|_| leaves) {
            self.leaving.set((), (since, id.clone()), present);
        }
    }
}

impl IndexesOf<PhoneNumberOrderId, PhoneNumberOrder> for OrderIndexes {
    fn set(
        &mut self,
        id: &PhoneNumberOrderId,
        position: u64,
        order: &PhoneNumberOrder,
        present: bool,
    ) {
        let is_processing = order.status == Some(PhoneNumberOrderStatus::Processing);
        if let Some(since) = order.created_timestamp.filter(|_| is_processing) {
            self.processing.set((), (since, (position, id.clone())), present);
        }
    }
}
