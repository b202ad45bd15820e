//! Which rows are sent together, and what each of them gets.

use super::*;
use chime_client::model::{APIS, Place, chime};
use serde_json::json;

fn info(name: &str) -> &'static OperationInfo {
    chime::API.operation(name).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// The calls for these inputs: their rows and inputs.
fn planned(name: &str, inputs: &[Value]) -> Vec<(Vec<usize>, Value)> {
    let rows = (1..).zip(inputs).map(|(number, input)| {
        (Row { number, input: map(input.clone()) }, Some(format!("token {number}")))
    });
    let calls = calls(info(name), rows).into_iter();
    calls
        .map(|call| (call.parts.iter().map(|part| part.row).collect(), call.input.into()))
        .collect()
}

#[test]
fn every_batch_names_its_items_as_its_failures_do_and_has_no_token() {
    let mut count = 0;
    for info in APIS.iter().flat_map(|api| api.operations) {
        let Some(batch) = &info.batch else { continue };
        count += 1;
        assert_eq!(info.idempotency_token, None, "{}", info.name);
        let name = id_name(info).unwrap();
        let items = info.input.member(batch.items).unwrap();
        assert_eq!(items.place, Place::Body);
        match structure(items.shape) {
            Some(item) => assert!(item.member(name).is_some(), "{}: {name}", info.name),
            None => assert!(name.ends_with("Id") || name.ends_with("Arn"), "{}: {name}", info.name),
        }
    }
    assert_eq!(count, 14);
}

#[test]
fn rows_that_differ_in_their_items_only_are_one_call() {
    let row = |account: &str, ids: &[&str]| json!({"AccountId": account, "UserIdList": ids});
    let calls = planned(
        "BatchSuspendUser",
        &[
            row("a", &["u"]),
            row("b", &["u"]),
            row("a", &["v", "w"]),
            // The id is in the first call already.
            row("a", &["w"]),
            row("a", &["x"]),
        ],
    );
    let expected = vec![
        (vec![1, 3], row("a", &["u", "v", "w"])),
        (vec![2], row("b", &["u"])),
        (vec![4, 5], row("a", &["w", "x"])),
    ];
    assert_eq!(calls, expected);
}

#[test]
fn a_call_has_no_more_items_than_the_service_takes() {
    let size = info("BatchSuspendUser").batch_size().unwrap();
    let row = |number: usize| json!({"AccountId": "a", "UserIdList": [number.to_string()]});
    let calls = planned("BatchSuspendUser", &(0..size * 2 + 1).map(row).collect::<Vec<_>>());
    let sizes: Vec<usize> = calls.iter().map(|(rows, _)| rows.len()).collect();
    assert_eq!(sizes, [size, size, 1]);
}

#[test]
fn rows_that_cannot_be_merged_are_calls_of_their_own() {
    let gets = [json!({"AccountId": "a"}), json!({"AccountId": "a"})];
    assert_eq!(
        planned("GetAccount", &gets),
        [(vec![1], gets[0].clone()), (vec![2], gets[1].clone())]
    );
    // An item without an id.
    let row = json!({"AccountId": "a", "RoomId": "r", "MembershipItemList": [{"Role": "Member"}]});
    assert_eq!(planned("BatchCreateRoomMembership", &[row.clone(), row]).len(), 2);
}

#[test]
fn a_token_is_sent_with_its_row() {
    let [call] =
        planned("CreateRoom", &[json!({"AccountId": "a", "Name": "n"})]).try_into().unwrap();
    let expected = json!({"AccountId": "a", "Name": "n", "ClientRequestToken": "token 1"});
    assert_eq!(call, (vec![1], expected));
}

/// What the rows get of a response to `BatchUpdatePhoneNumber`.
fn split(ids: &[&[&str]], response: Value) -> Vec<RowResult> {
    let rows = (1..).zip(ids).map(|(number, ids)| {
        let items: Vec<Value> = ids.iter().map(|id| json!({"PhoneNumberId": id})).collect();
        let input = map(json!({"UpdatePhoneNumberRequestItems": items}));
        (Row { number, input }, None)
    });
    let info = info("BatchUpdatePhoneNumber");
    let [call] = calls(info, rows).try_into().unwrap();
    call.split(info, map(response))
}

#[test]
fn a_failure_belongs_to_the_row_of_its_item() {
    let failure = |id: &str| json!({"PhoneNumberId": id, "ErrorCode": "NotFound"});
    let done = |failures: Value| RowResult::Done(map(json!({"PhoneNumberErrors": failures})));
    for (ids, failures, expected) in [
        (&[&["+1"][..], &["+2"]][..], json!([]), vec![done(json!([])), done(json!([]))]),
        (
            &[&["+1"], &["+2", "+3"], &["+4"]],
            json!([failure("%2B3"), failure("+4")]),
            vec![
                done(json!([])),
                RowResult::Failed(json!([failure("%2B3")])),
                RowResult::Failed(json!([failure("+4")])),
            ],
        ),
        // The failure has no id.
        (
            &[&["+1"], &["+2"]],
            json!([failure("+2"), failure("+9")]),
            vec![RowResult::Unclear, RowResult::Failed(json!([failure("+2")]))],
        ),
        (
            &[&["+1"], &["+2"]],
            json!([{"ErrorCode": "NotFound"}]),
            vec![RowResult::Unclear, RowResult::Unclear],
        ),
        // Only one row can have failed.
        (&[&["+1"]], json!([failure("+9")]), vec![RowResult::Failed(json!([failure("+9")]))]),
    ] {
        assert_eq!(split(ids, json!({"PhoneNumberErrors": failures})), expected, "{failures}");
    }
    assert_eq!(
        split(&[&["+1"], &["+2"]], json!({})),
        [RowResult::Done(Map::new()), RowResult::Done(Map::new())]
    );
}

#[test]
fn a_row_gets_the_successes_of_its_items() {
    let ids = |id: &str| HashSet::from([id.to_owned()]);
    let response = map(json!({"Attendees": [{"ExternalUserId": "a"}, {"ExternalUserId": "b"}],
        "Errors": [], "Other": {"ExternalUserId": "c"}, "Names": ["d"]}));
    let expected = map(json!({"Attendees": [{"ExternalUserId": "b"}], "Errors": [],
        "Other": {"ExternalUserId": "c"}, "Names": ["d"]}));
    assert_eq!(only("ExternalUserId", &ids("b"), &response), expected);
}
