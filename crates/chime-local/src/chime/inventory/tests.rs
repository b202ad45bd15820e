//! Properties of inventories.

use chime_model::chime::{CallingNameStatus, OrderedPhoneNumber, PhoneNumber};
use proptest::prelude::*;

use super::*;

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// A change of an inventory, with one of a few numbers and users.
#[derive(Clone, Debug)]
enum Step {
    Add(u8),
    Remove(u8),
    Assign(u8, u8, u8),
    Unassign(u8, Option<u8>),
    Rename(u8),
    Delete(u8),
    Restore(u8),
    Order(u8, Vec<u8>),
    Wait(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let few = || 0u8..3;
    let step = prop_oneof![
        few().prop_map(Step::Add),
        few().prop_map(Step::Remove),
        (few(), few(), few()).prop_map(|(number, a, u)| Step::Assign(number, a, u)),
        (few(), prop::option::of(few())).prop_map(|(a, u)| Step::Unassign(a, u)),
        few().prop_map(Step::Rename),
        few().prop_map(Step::Delete),
        few().prop_map(Step::Restore),
        (few(), prop::collection::vec(few(), 0..3)).prop_map(|(id, all)| Step::Order(id, all)),
        (0u32..700_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..30)
}

fn id(number: u8) -> PhoneNumberId {
    PhoneNumberId::from(format!("%2B1206555010{number}"))
}

fn add(
    inventory: &mut Inventory,
    owned: &mut Index<PhoneNumberId, ()>,
    number: u8,
    status: PhoneNumberStatus,
) {
    let number = id(number);
    owned.insert(number.clone(), ());
    let record = NumberRecord {
        number: PhoneNumber::default().phone_number_id(&number).status(status),
        name_change: None,
    };
    inventory.numbers.insert(number, record);
}

fn take(
    inventory: &mut Inventory,
    owned: &mut Index<PhoneNumberId, ()>,
    now: OffsetDateTime,
    step: Step,
) {
    match step {
        Step::Add(number) => add(inventory, owned, number, PhoneNumberStatus::Unassigned),
        Step::Remove(number) => {
            inventory.numbers.remove(&id(number));
            owned.remove(&id(number), &());
        }
        Step::Assign(number, a, u) => {
            inventory.assign(&id(number), &a.to_string().into(), &u.to_string().into(), now);
        }
        Step::Unassign(a, u) => {
            let user = u.map(|user| UserId::from(user.to_string()));
            inventory.unassign(&a.to_string().into(), user.as_ref(), now);
        }
        Step::Rename(number) => {
            inventory.numbers.change(&id(number), |record| {
                record.name_change = Some(NameChange { name: "Name".into(), since: now });
                record.number.calling_name_status = Some(CallingNameStatus::UpdateInProgress);
            });
        }
        Step::Delete(number) => {
            inventory.numbers.change(&id(number), |record| {
                record.move_to(PhoneNumberStatus::DeleteInProgress, now);
                record.number.deletion_timestamp = Some(now);
            });
        }
        Step::Restore(number) => {
            inventory.numbers.change(&id(number), |record| {
                record.move_to(PhoneNumberStatus::Unassigned, now);
                record.number.deletion_timestamp = None;
            });
        }
        Step::Order(order, numbers) => {
            let item = |number: &u8| {
                OrderedPhoneNumber::default()
                    .e164_phone_number(id(*number).to_e164().unwrap())
                    .status(OrderedPhoneNumberStatus::Processing)
            };
            let ordered: Vec<OrderedPhoneNumber> = numbers.iter().map(item).collect();
            for number in numbers {
                if !owned.contains(&id(number)) {
                    add(inventory, owned, number, PhoneNumberStatus::AcquireInProgress);
                }
            }
            let order_id = PhoneNumberOrderId::from(order.to_string());
            let order = PhoneNumberOrder::default()
                .phone_number_order_id(&order_id)
                .status(PhoneNumberOrderStatus::Processing)
                .ordered_phone_numbers(ordered)
                .created_timestamp(now);
            inventory.orders.insert(order_id, order);
        }
        Step::Wait(_) => {}
    }
}

/// Compares what the indexes find with the rows.
fn check_lookups(inventory: &Inventory, rules: &ChimeRules) {
    let numbers = || inventory.numbers.values();
    for account in (0..3).map(|a| AccountId::from(a.to_string())) {
        let of = |record: &&NumberRecord| {
            record.associated(&Association::AccountId) == Some(account.as_str())
        };
        assert_eq!(inventory.assigned(&account, None).count(), numbers().filter(of).count());
        for user in (0..3).map(|u| UserId::from(u.to_string())) {
            let found = inventory.number_of(&account, &user);
            let user = Some((account.clone(), user));
            let expected = numbers().find(|record| record.user() == user);
            let id = |record: &NumberRecord| record.number.phone_number_id.clone();
            assert_eq!(found.map(id), expected.map(id));
        }
    }
    let seconds = |rule: u32| Duration::seconds(rule.into());
    let orders = inventory.orders.values().filter_map(|order| {
        let pending = order.status == Some(PhoneNumberOrderStatus::Processing);
        order.created_timestamp.filter(|_| pending).map(|at| at + seconds(rules.order_seconds))
    });
    let changes = numbers().filter_map(|record| record.name_change.as_ref());
    let names = changes.map(|change| change.since + seconds(rules.calling_name_seconds));
    let leaving = || numbers().filter(|record| record.is(&PhoneNumberStatus::DeleteInProgress));
    assert_eq!(inventory.in_use(), inventory.numbers.len() - leaving().count());
    let leaving =
        leaving().filter_map(|record| Some(record.number.deletion_timestamp? + DELETION_QUEUE));
    assert_eq!(inventory.next_due(rules), orders.chain(names).chain(leaving).min());
}

proptest! {
    #[test]
    fn lookups_match_the_rows_and_no_work_is_overdue(steps in steps()) {
        let rules = ChimeRules::default();
        let (mut inventory, mut owned, mut now) =
            (Inventory::default(), Index::default(), START);
        for step in steps {
            if let Step::Wait(seconds) = step {
                now += Duration::seconds(seconds.into());
            }
            inventory.settle(now, &rules, &mut owned);
            prop_assert!(inventory.next_due(&rules).is_none_or(|due| due > now));
            take(&mut inventory, &mut owned, now, step);
            prop_assert!(inventory.numbers.ids().all(|id| owned.contains(id)));
            check_lookups(&inventory, &rules);
        }
    }
}

#[test]
fn all_forms_of_an_id_have_the_same_canonical_form() {
    for spelling in ["%2B12065550100", "%2b12065550100", "+12065550100", "12065550100"] {
        assert_eq!(canonical(&spelling.into()).unwrap().as_str(), "%2B12065550100");
    }
    for none in ["", "abc", "%252B12065550100", "+0"] {
        assert_eq!(canonical(&none.into()).unwrap_err().status, 404, "{none}");
    }
}

#[test]
fn users_of_two_accounts_can_have_the_same_id() {
    let (mut inventory, mut owned) = (Inventory::default(), Index::default());
    for number in 0..3 {
        add(&mut inventory, &mut owned, number, PhoneNumberStatus::Unassigned);
    }
    inventory.assign(&id(0), &"a".into(), &"u".into(), START);
    inventory.assign(&id(1), &"b".into(), &"u".into(), START);
    inventory.assign(&id(2), &"b".into(), &"v".into(), START);
    let assigned = |inventory: &Inventory| -> Vec<bool> {
        inventory.numbers.values().map(|record| record.is(&PhoneNumberStatus::Assigned)).collect()
    };
    inventory.unassign(&"a".into(), Some(&"u".into()), START);
    assert_eq!(assigned(&inventory), [false, true, true]);
    inventory.unassign(&"a".into(), None, START);
    assert_eq!(assigned(&inventory), [false, true, true]);
    inventory.unassign(&"b".into(), None, START);
    assert_eq!(assigned(&inventory), [false, false, false]);
}

#[test]
fn a_number_can_be_associated_with_an_account_alone() {
    let (mut inventory, mut owned) = (Inventory::default(), Index::default());
    add(&mut inventory, &mut owned, 0, PhoneNumberStatus::Assigned);
    let account = PhoneNumberAssociation::default().name(Association::AccountId).value("a");
    inventory.numbers.change(&id(0), |record| record.number.associations = Some(vec![account]));
    inventory.unassign(&"a".into(), Some(&"u".into()), START);
    assert!(inventory.number(&id(0)).unwrap().is(&PhoneNumberStatus::Assigned));
    inventory.unassign(&"a".into(), None, START);
    assert!(inventory.number(&id(0)).unwrap().is(&PhoneNumberStatus::Unassigned));
}

#[test]
fn of_two_orders_with_the_same_time_the_first_completes_first() {
    let (mut inventory, mut owned) = (Inventory::default(), Index::default());
    for order in [1, 0] {
        take(&mut inventory, &mut owned, START, Step::Order(order, vec![0]));
    }
    inventory.settle(START + Duration::DAY, &ChimeRules::default(), &mut owned);
    let states = inventory.orders.values().map(|order| order.status.clone().unwrap());
    let expected = [PhoneNumberOrderStatus::Successful, PhoneNumberOrderStatus::Failed];
    assert_eq!(states.collect::<Vec<_>>(), expected);
}

#[test]
fn a_user_has_at_most_one_number() {
    let (mut inventory, mut owned) = (Inventory::default(), Index::default());
    for number in 0..2 {
        add(&mut inventory, &mut owned, number, PhoneNumberStatus::Unassigned);
        inventory.assign(&id(number), &"a".into(), &"u".into(), START);
        let found = inventory.number_of(&"a".into(), &"u".into()).unwrap();
        assert_eq!(found.number.phone_number_id, Some(id(number)));
    }
    let former = inventory.number(&id(0)).unwrap();
    assert!(former.is(&PhoneNumberStatus::Unassigned) && former.associations().is_empty());
}

#[test]
fn a_number_record_can_be_serialized_and_restored() {
    let record = NumberRecord {
        number: PhoneNumber::default().phone_number_id(id(1)),
        name_change: Some(NameChange { name: "Example Corp".into(), since: START }),
    };
    let text = serde_json::to_string(&record).unwrap();
    let back: NumberRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(back.number, record.number);
    let change = back.name_change.unwrap();
    assert_eq!((change.name.expose(), change.since), ("Example Corp", START));
    assert!(!format!("{record:?}").contains("Example Corp"));
}
