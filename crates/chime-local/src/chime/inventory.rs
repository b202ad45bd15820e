//! The phone numbers and phone number orders of one AWS account, and their changes over time.

mod index;
mod number;

use chime_model::chime::{PhoneNumberAssociationName as Association, *};
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::index::{Indexes, next_due, take_due};
use crate::chime::rules::ChimeRules;
use crate::engine::errors::{Result, not_found};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;

pub(crate) use number::{NameChange, NumberRecord, canonical};

/// The time that a deleted number stays in the deletion queue, from which it can be restored.
const DELETION_QUEUE: Duration = Duration::days(7);

tables! {
    /// Phone numbers by their [`canonical`] id, and orders.
    pub(crate) struct Inventory indexed by Inventory::fill {
        numbers: Table<PhoneNumberId, NumberRecord> = "phone-numbers",
        orders: Table<PhoneNumberOrderId, PhoneNumberOrder> = "phone-number-orders",
        index: Indexes = index,
    }
}

impl Inventory {
    pub(crate) fn numbers(&self) -> &Table<PhoneNumberId, NumberRecord> {
        &self.numbers
    }

    pub(crate) fn orders(&self) -> &Table<PhoneNumberOrderId, PhoneNumberOrder> {
        &self.orders
    }

    /// The number with a canonical id.
    ///
    /// # Errors
    /// If it does not exist.
    pub(crate) fn number(&self, id: &PhoneNumberId) -> Result<&NumberRecord> {
        self.numbers.get(id).map(|row| &row.value).ok_or_else(|| not_found("Phone number"))
    }

    /// The number of phone numbers, not counting those in the deletion queue.
    pub(crate) fn in_use(&self) -> usize {
        self.numbers.len() - self.index.leaving.count(&())
    }

    /// The numbers after a position that have an association.
    pub(crate) fn associated(
        &self,
        name: &Association,
        value: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = (u64, &NumberRecord)> + use<'_> {
        let key = (name.clone(), value.to_owned());
        let positions = self.index.associated.after(&key, after);
        positions.filter_map(|position| Some((*position, &self.numbers.at(*position)?.value)))
    }

    /// The number that is assigned to a user of a Chime account.
    pub(crate) fn number_of(&self, account: &AccountId, user: &UserId) -> Option<&NumberRecord> {
        self.assigned(account, Some(user)).next()
    }

    /// The numbers that are assigned to a user of a Chime account, or to all its users.
    fn assigned(
        &self,
        account: &AccountId,
        user: Option<&UserId>,
    ) -> impl Iterator<Item = &NumberRecord> {
        let (name, value) = match user {
            Some(user) => (&Association::UserId, user.as_str()),
            None => (&Association::AccountId, account.as_str()),
        };
        let found = self.associated(name, value, None).map(|(_, record)| record);
        // User ids are unique only within an account.
        let of = Some(account.as_str());
        found.filter(move |record| record.associated(&Association::AccountId) == of)
    }

    /// Adds a number, or replaces the one of the same id.
    pub(crate) fn add(&mut self, id: PhoneNumberId, record: NumberRecord) {
        self.remove(&id);
        self.numbers.insert(id.clone(), record);
        self.index_number(&id, true);
    }

    pub(crate) fn remove(&mut self, id: &PhoneNumberId) {
        self.index_number(id, false);
        self.numbers.remove(id);
    }

    /// Changes a number, if it exists.
    pub(crate) fn change(&mut self, id: &PhoneNumberId, change: impl FnOnce(&mut NumberRecord)) {
        self.index_number(id, false);
        if let Some(record) = self.numbers.get_mut(id) {
            change(record);
        }
        self.index_number(id, true);
    }

    fn index_number(&mut self, id: &PhoneNumberId, present: bool) {
        if let Some((position, record)) = self.numbers.find(id) {
            self.index.set_number(id, position, record, present);
        }
    }

    /// Adds an order, or replaces the one of the same id.
    pub(crate) fn add_order(&mut self, id: PhoneNumberOrderId, order: PhoneNumberOrder) {
        self.index_order(&id, false);
        self.orders.insert(id.clone(), order);
        self.index_order(&id, true);
    }

    fn index_order(&mut self, id: &PhoneNumberOrderId, present: bool) {
        if let Some((position, order)) = self.orders.find(id) {
            self.index.set_order(position, order, present);
        }
    }

    /// Assigns a number to a user of a Chime account. The user's former number becomes unassigned.
    pub(crate) fn assign(
        &mut self,
        id: &PhoneNumberId,
        account: &AccountId,
        user: &UserId,
        now: OffsetDateTime,
    ) {
        self.unassign(account, Some(user), now);
        let association = |name, value: &str| {
            PhoneNumberAssociation::default().name(name).value(value).associated_timestamp(now)
        };
        self.change(id, |record| {
            record.number.associations.get_or_insert_default().extend([
                association(Association::AccountId, account.as_str()),
                association(Association::UserId, user.as_str()),
            ]);
            record.move_to(PhoneNumberStatus::Assigned, now);
        });
    }

    /// Unassigns the numbers of a user of a Chime account, or of all its users.
    pub(crate) fn unassign(
        &mut self,
        account: &AccountId,
        user: Option<&UserId>,
        now: OffsetDateTime,
    ) {
        let found = self.assigned(account, user);
        let ids = found.filter_map(|record| record.number.phone_number_id.clone());
        for id in ids.collect::<Vec<PhoneNumberId>>() {
            self.change(&id, |record| {
                let rest = record.number.associations.get_or_insert_default();
                rest.retain(|one| {
                    !matches!(one.name, Some(Association::AccountId | Association::UserId))
                });
                let is_free = rest.is_empty();
                let status = if is_free {
                    PhoneNumberStatus::Unassigned
                } else {
                    PhoneNumberStatus::Assigned
                };
                record.move_to(status, now);
            });
        }
    }

    /// The time at which more work becomes due, if any is pending.
    pub(crate) fn next_due(&self, rules: &ChimeRules) -> Option<OffsetDateTime> {
        let Indexes { orders, names, leaving, .. } = &self.index;
        let due = [
            next_due(orders, order_time(rules)),
            next_due(names, name_time(rules)),
            next_due(leaving, DELETION_QUEUE),
        ];
        due.into_iter().flatten().min()
    }

    /// Does the work that is due, with the timestamps at which it became due: completes orders and
    /// changes of calling names, and removes numbers whose time in the deletion queue is over.
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

    /// Completes an order: it acquires the numbers that `CreatePhoneNumberOrder` reserved for it.
    fn finish_order(&mut self, position: u64, then: OffsetDateTime) {
        let Some(order) = self.orders.at(position) else { return };
        let Some(id) = order.phone_number_order_id.clone() else { return };
        let mut ordered = order.ordered_phone_numbers.clone().unwrap_or_default();
        for item in &mut ordered {
            if item.status != Some(OrderedPhoneNumberStatus::Processing) {
                continue;
            }
            let number = item.e164_phone_number.as_ref();
            let id = number.and_then(|number| PhoneNumberId::from_e164(number.expose()).ok());
            let status = PhoneNumberStatus::AcquireInProgress;
            let is_reserved =
                |id: &PhoneNumberId| self.numbers.get(id).is_some_and(|record| record.is(&status));
            item.status = Some(match id.filter(is_reserved) {
                Some(id) => {
                    self.change(&id, |record| record.move_to(PhoneNumberStatus::Unassigned, then));
                    OrderedPhoneNumberStatus::Acquired
                }
                None => OrderedPhoneNumberStatus::Failed,
            });
        }
        let acquired = Some(OrderedPhoneNumberStatus::Acquired);
        let count = ordered.iter().filter(|item| item.status == acquired).count();
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
                index.set_number(id, position, record, true);
            }
        }
        for (position, order) in orders.after(None) {
            index.set_order(position, order, true);
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
