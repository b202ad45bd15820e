//! The phone numbers and phone number orders of one AWS account, and their changes over time.

mod index;
mod number;

use chime_model::chime::{PhoneNumberAssociationName as Association, *};
use time::{Duration, OffsetDateTime};

use crate::chime::inventory::index::{NumberIndexes, OrderIndexes, Waiting};
use crate::chime::rules::ChimeRules;
use crate::engine::errors::{Result, not_found};
use crate::engine::index::Index;
use crate::engine::indexed::Indexed;
use crate::engine::rows::tables;

pub(crate) use number::{NameChange, NumberRecord, canonical};

/// The time that a deleted number stays in the deletion queue, from which it can be restored.
const DELETION_QUEUE: Duration = Duration::days(7);

tables! {
    /// Phone numbers by their [`canonical`] id, and orders.
    pub(crate) struct Inventory {
        pub(crate) numbers: Indexed<PhoneNumberId, NumberRecord, NumberIndexes> = "phone-numbers",
        pub(crate) orders:
            Indexed<PhoneNumberOrderId, PhoneNumberOrder, OrderIndexes> = "phone-number-orders",
    }
}

/// Work that takes time.
enum Work<'a> {
    /// An order completes.
    Order(&'a PhoneNumberOrderId),
    /// A calling name takes effect.
    Name(&'a PhoneNumberId),
    /// A number leaves the deletion queue.
    Release(&'a PhoneNumberId),
}

impl Inventory {
    /// The number with a canonical id.
    ///
    /// # Errors
    /// If it does not exist.
    pub(crate) fn number(&self, id: &PhoneNumberId) -> Result<&NumberRecord> {
        self.numbers.get(id).map(|row| &row.value).ok_or_else(|| not_found("Phone number"))
    }

    /// The number of phone numbers, not counting those in the deletion queue.
    pub(crate) fn in_use(&self) -> usize {
        self.numbers.len() - self.numbers.indexes().leaving.count(&())
    }

    /// The number that is assigned to a user of a Chime account.
    pub(crate) fn number_of(&self, account: &AccountId, user: &UserId) -> Option<&NumberRecord> {
        self.number(self.assigned(account, Some(user)).next()?).ok()
    }

    /// The numbers that are assigned to a user of a Chime account, or to all its users.
    fn assigned(
        &self,
        account: &AccountId,
        user: Option<&UserId>,
    ) -> impl Iterator<Item = &PhoneNumberId> + use<'_> {
        self.numbers.indexes().assigned.after(&(account.clone(), user.cloned()), None)
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
        self.numbers.change(id, |record| {
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
        use PhoneNumberStatus::{Assigned, Unassigned};

        for id in self.assigned(account, user).cloned().collect::<Vec<_>>() {
            self.numbers.change(&id, |record| {
                let rest = record.number.associations.get_or_insert_default();
                rest.retain(|one| {
                    !matches!(one.name, Some(Association::AccountId | Association::UserId))
                });
                let status = if rest.is_empty() { Unassigned } else { Assigned };
                record.move_to(status, now);
            });
        }
    }

    /// The time at which more work becomes due, if any is pending.
    pub(crate) fn next_due(&self, rules: &ChimeRules) -> Option<OffsetDateTime> {
        self.next(rules).map(|(due, _)| due)
    }

    /// The next work, and when it is due.
    fn next(&self, rules: &ChimeRules) -> Option<(OffsetDateTime, Work<'_>)> {
        let (orders, numbers) = (self.orders.indexes(), self.numbers.indexes());
        let seconds = |rule: u32| Duration::seconds(rule.into());
        let order = first(&orders.processing, seconds(rules.order_seconds));
        let name = first(&numbers.names, seconds(rules.calling_name_seconds));
        let release = first(&numbers.leaving, DELETION_QUEUE);
        let next = [
            order.map(|(due, (_, id))| (due, Work::Order(id))),
            name.map(|(due, id)| (due, Work::Name(id))),
            release.map(|(due, id)| (due, Work::Release(id))),
        ];
        next.into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    /// Does the work that is due, with the timestamps at which it became due.
    pub(crate) fn settle(
        &mut self,
        now: OffsetDateTime,
        rules: &ChimeRules,
        owned: &mut Index<PhoneNumberId, ()>,
    ) {
        while let Some((then, work)) = self.next(rules)
            && then <= now
        {
            match work {
                Work::Order(id) => self.finish_order(&id.clone(), then),
                Work::Name(id) => {
                    self.numbers.change(&id.clone(), |record| record.finish_name_change(then));
                }
                Work::Release(id) => {
                    owned.remove(id, &());
                    self.numbers.remove(&id.clone());
                }
            }
        }
    }

    /// Completes an order: it acquires the numbers that `CreatePhoneNumberOrder` reserved for it.
    fn finish_order(&mut self, id: &PhoneNumberOrderId, then: OffsetDateTime) {
        use OrderedPhoneNumberStatus::{Acquired, Failed, Processing};

        let Self { numbers, orders } = self;
        orders.change(id, |order| {
            let ordered = order.ordered_phone_numbers.get_or_insert_default();
            for item in ordered.iter_mut().filter(|item| item.status == Some(Processing)) {
                let number = item.e164_phone_number.as_ref();
                let id = number.and_then(|number| PhoneNumberId::from_e164(number.expose()).ok());
                let is_acquired = id.and_then(|id| numbers.change(&id, |it| it.acquire(then)));
                item.status = Some(if is_acquired == Some(true) { Acquired } else { Failed });
            }
            let acquired = ordered.iter().filter(|item| item.status == Some(Acquired)).count();
            order.status = Some(match acquired {
                0 => PhoneNumberOrderStatus::Failed,
                all if all == ordered.len() => PhoneNumberOrderStatus::Successful,
                _ => PhoneNumberOrderStatus::Partial,
            });
            order.updated_timestamp = Some(then);
        });
    }
}

/// The first item that waits, and when it has waited for `time`.
fn first<K: Clone + Ord>(waiting: &Waiting<K>, time: Duration) -> Option<(OffsetDateTime, &K)> {
    let (since, item) = waiting.first(&())?;
    Some((since.saturating_add(time), item))
}

#[cfg(test)]
mod tests;
