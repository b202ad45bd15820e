//! The phone numbers of one AWS account, its orders for more, and what becomes of both by itself.

mod index;
mod number;

use chime_model::chime::*;
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::index::{Indexes, next_due, take_due};
use crate::chime::rules::ChimeRules;
use crate::engine::errors::{Result, not_found};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;

pub(crate) use number::{NameChange, NumberRecord, associated, canonical};

/// How long a deleted number can be restored.
const DELETION_QUEUE: Duration = Duration::days(7);

tables! {
    /// Numbers are known by their id as the service writes it, see [`canonical`].
    pub(crate) struct Inventory indexed by Inventory::fill {
        numbers: Table<PhoneNumberId, NumberRecord> = "phone-numbers",
        orders: Table<PhoneNumberOrderId, PhoneNumberOrder> = "phone-number-orders",
        index: Indexes = "",
    }
}

impl Inventory {
    pub(crate) fn numbers(&self) -> &Table<PhoneNumberId, NumberRecord> {
        &self.numbers
    }

    pub(crate) fn orders(&self) -> &Table<PhoneNumberOrderId, PhoneNumberOrder> {
        &self.orders
    }

    /// The number of that canonical id, or the error that there is none.
    pub(crate) fn number(&self, id: &PhoneNumberId) -> Result<&NumberRecord> {
        self.numbers.get(id).map(|row| &row.value).ok_or_else(|| not_found("Phone number"))
    }

    /// How many numbers there are, those not counted that are about to be deleted.
    pub(crate) fn in_use(&self) -> usize {
        self.numbers.len() - self.index.leaving.count(&())
    }

    /// The numbers behind a position that have that association.
    pub(crate) fn associated(
        &self,
        name: &PhoneNumberAssociationName,
        value: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = (u64, &NumberRecord)> {
        let positions = self.index.associated(name, value, after);
        positions.filter_map(|position| Some((position, &self.numbers.at(position)?.value)))
    }

    /// Adds a number. It replaces one of the same id.
    pub(crate) fn add(&mut self, id: PhoneNumberId, record: NumberRecord) {
        self.remove(&id);
        self.numbers.insert(id.clone(), record);
        self.note(&id, true);
    }

    pub(crate) fn remove(&mut self, id: &PhoneNumberId) -> Option<NumberRecord> {
        self.note(id, false);
        self.numbers.remove(id).map(|row| row.value.clone())
    }

    /// Changes a number, if it is there.
    pub(crate) fn change(&mut self, id: &PhoneNumberId, change: impl FnOnce(&mut NumberRecord)) {
        self.note(id, false);
        if let Some(record) = self.numbers.get_mut(id) {
            change(record);
        }
        self.note(id, true);
    }

    fn note(&mut self, id: &PhoneNumberId, here: bool) {
        if let Some((position, record)) = self.numbers.find(id) {
            self.index.note_number(id, position, record, here);
        }
    }

    /// Adds an order. It replaces one of the same id.
    pub(crate) fn add_order(&mut self, id: PhoneNumberOrderId, order: PhoneNumberOrder) {
        self.note_order(&id, false);
        self.orders.insert(id.clone(), order);
        self.note_order(&id, true);
    }

    fn note_order(&mut self, id: &PhoneNumberOrderId, here: bool) {
        if let Some((position, order)) = self.orders.find(id) {
            self.index.note_order(position, order, here);
        }
    }

    /// Gives a number to a user of a Chime account.
    pub(crate) fn assign(
        &mut self,
        id: &PhoneNumberId,
        account: &AccountId,
        user: &UserId,
        now: OffsetDateTime,
    ) {
        let association = |name, value: &str| {
            PhoneNumberAssociation::default().name(name).value(value).associated_timestamp(now)
        };
        self.change(id, |record| {
            record.number.associations.get_or_insert_default().extend([
                association(PhoneNumberAssociationName::AccountId, account.as_str()),
                association(PhoneNumberAssociationName::UserId, user.as_str()),
            ]);
            record.move_to(PhoneNumberStatus::Assigned, now);
        });
    }

    /// Takes the numbers away from a user of a Chime account, or from all of its users.
    pub(crate) fn unassign(
        &mut self,
        account: &AccountId,
        user: Option<&UserId>,
        now: OffsetDateTime,
    ) {
        use PhoneNumberAssociationName as Name;

        let (name, value) = match user {
            Some(user) => (Name::UserId, user.as_str()),
            None => (Name::AccountId, account.as_str()),
        };
        let found = self.associated(&name, value, None);
        // An id of a user need not be one of its kind in two accounts.
        let found = found
            .filter(|(_, record)| record.associated(&Name::AccountId) == Some(account.as_str()));
        let ids: Vec<PhoneNumberId> =
            found.filter_map(|(_, record)| record.number.phone_number_id.clone()).collect();
        for id in ids {
            self.change(&id, |record| {
                let left = record.number.associations.get_or_insert_default();
                left.retain(|one| !matches!(one.name, Some(Name::AccountId | Name::UserId)));
                let free = left.is_empty();
                let status =
                    if free { PhoneNumberStatus::Unassigned } else { PhoneNumberStatus::Assigned };
                record.move_to(status, now);
            });
        }
    }

    /// When something becomes due, if anything waits.
    pub(crate) fn next_due(&self, rules: &ChimeRules) -> Option<OffsetDateTime> {
        let Indexes { orders, names, leaving, .. } = &self.index;
        let due = [
            next_due(orders, order_time(rules)),
            next_due(names, name_time(rules)),
            next_due(leaving, DELETION_QUEUE),
        ];
        due.into_iter().flatten().min()
    }

    /// Does what has become due: ends orders and changes of calling names, and lets numbers go that
    /// were deleted long enough ago. All of it is as of the moment when it was due.
    pub(crate) fn settle(
        &mut self,
        now: OffsetDateTime,
        rules: &ChimeRules,
        owned: &mut Index<PhoneNumberId, ()>,
    ) {
        while let Some((then, position)) = take_due(&mut self.index.orders, now, order_time(rules))
        {
            self.finish_order(position, then);
        }
        while let Some((then, id)) = take_due(&mut self.index.names, now, name_time(rules)) {
            self.change(&id, |record| record.finish_name_change(then));
        }
        while let Some((_, id)) = take_due(&mut self.index.leaving, now, DELETION_QUEUE) {
            self.remove(&id);
            owned.remove(&id, &());
        }
    }

    /// Ends an order. It got the numbers that were set aside for it when it was made.
    fn finish_order(&mut self, position: u64, then: OffsetDateTime) {
        let Some(order) = self.orders.at(position) else { return };
        let Some(id) = order.phone_number_order_id.clone() else { return };
        let mut ordered = order.ordered_phone_numbers.clone().unwrap_or_default();
        for item in &mut ordered {
            if item.status != Some(OrderedPhoneNumberStatus::Processing) {
                continue;
            }
            let id = item.e164_phone_number.as_ref().map(|number| number.expose().into());
            let id = id.and_then(|id| canonical(&id).ok());
            let aside = PhoneNumberStatus::AcquireInProgress;
            let got = id.filter(|id| self.numbers.get(id).is_some_and(|record| record.is(&aside)));
            item.status = Some(match got {
                Some(id) => {
                    self.change(&id, |record| record.move_to(PhoneNumberStatus::Unassigned, then));
                    OrderedPhoneNumberStatus::Acquired
                }
                None => OrderedPhoneNumberStatus::Failed,
            });
        }
        let acquired = |item: &_| *item == Some(OrderedPhoneNumberStatus::Acquired);
        let count = ordered.iter().filter(|item| acquired(&item.status)).count();
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.status = Some(match count {
            0 => PhoneNumberOrderStatus::Failed,
            all if all == ordered.len() => PhoneNumberOrderStatus::Successful,
            _ => PhoneNumberOrderStatus::Partial,
        });
        order.ordered_phone_numbers = Some(ordered);
        order.updated_timestamp = Some(then);
    }

    fn fill(&mut self) {
        let Self { numbers, orders, index } = self;
        for (position, record) in numbers.after(None) {
            if let Some(id) = &record.number.phone_number_id {
                index.note_number(id, position, record, true);
            }
        }
        for (position, order) in orders.after(None) {
            index.note_order(position, order, true);
        }
    }
}

fn order_time(rules: &ChimeRules) -> Duration {
    Duration::seconds(rules.order_seconds.into())
}

fn name_time(rules: &ChimeRules) -> Duration {
    Duration::seconds(rules.calling_name_seconds.into())
}

#[cfg(test)]
mod tests;
