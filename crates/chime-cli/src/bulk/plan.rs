//! Plans the calls: one for each row, or one for several rows of a batch operation. Splits a response
//! into the results of the rows.

use std::collections::{HashMap, HashSet};

use chime_client::model::{OperationInfo, Shape, Structure};
use serde_json::{Map, Value};

use super::rows::Row;

/// The size of a batch where no limit is documented: the most common limit.
const COMMON_SIZE: usize = 50;

const ERROR_CODE: &str = "ErrorCode";
const ERROR_MESSAGE: &str = "ErrorMessage";

/// A call for one row or several.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) parts: Vec<Part>,
    pub(super) input: Map<String, Value>,
}

/// What a row contributes to a call.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) row: usize,
    /// The idempotency token that was generated for the row.
    pub(super) token: Option<String>,
    /// The ids of its items.
    ids: HashSet<String>,
}

/// Plans the calls, in the order of their first rows. Rows are merged if they differ only in their
/// items, and no two of them have an item with the same id.
pub(super) fn calls(
    info: &OperationInfo,
    rows: impl IntoIterator<Item = (Row, Option<String>)>,
) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    // The last call for all that is not an item.
    let mut open: HashMap<String, usize> = HashMap::new();
    let size = info.batch_size().unwrap_or(COMMON_SIZE);
    for (Row { number: row, mut input }, token) in rows {
        let Some((member, items, ids)) = take_items(info, &mut input) else {
            if let (Some(name), Some(token)) = (info.idempotency_token, &token) {
                input.insert(name.to_owned(), token.clone().into());
            }
            calls.push(Call { parts: vec![Part { row, token, ids: HashSet::new() }], input });
            continue;
        };
        let key = Value::Object(input.clone()).to_string();
        let part = Part { row, token, ids };
        let latest = open.get(&key).and_then(|at| calls.get_mut(*at));
        match latest.and_then(|call| call.items_with_room(member, size, &part.ids, items.len())) {
            Some((parts, all)) => {
                all.extend(items);
                parts.push(part);
            }
            None => {
                input.insert(member.to_owned(), Value::Array(items));
                open.insert(key, calls.len());
                calls.push(Call { parts: vec![part], input });
            }
        }
    }
    calls
}

impl Call {
    /// The parts and items of the call, if this many items of these ids can be added.
    fn items_with_room(
        &mut self,
        member: &str,
        size: usize,
        ids: &HashSet<String>,
        count: usize,
    ) -> Option<(&mut Vec<Part>, &mut Vec<Value>)> {
        let items = self.input.get_mut(member)?.as_array_mut()?;
        let fits = items.len() + count <= size;
        let is_new = self.parts.iter().all(|part| part.ids.is_disjoint(ids));
        (fits && is_new).then_some((&mut self.parts, items))
    }

    /// The result of each row. The response tells which items failed; everything that it lists by
    /// the items' ids goes to the rows of these ids.
    pub(super) fn split(
        &self,
        info: &OperationInfo,
        response: Map<String, Value>,
    ) -> Vec<RowResult> {
        let failures = info.batch.as_ref().map(|batch| batch.failures);
        let failed = |response: &Map<String, Value>| {
            let list = response.get(failures?)?.as_array()?;
            (!list.is_empty()).then(|| Value::Array(list.clone()))
        };
        let id_name = id_name(info);
        let (parts, Some(id_name)) = (self.parts.as_slice(), id_name) else {
            return vec![RowResult::of(failed(&response), response)];
        };
        if let [_] = parts {
            return vec![RowResult::of(failed(&response), response)];
        }
        let names_a_row = |failure: &Value| {
            let id = failure.get(id_name).and_then(Value::as_str).map(comparable);
            id.is_some_and(|id| parts.iter().any(|part| part.ids.contains(&id)))
        };
        let all = failed(&response).unwrap_or_default();
        let all_named = all.as_array().into_iter().flatten().all(names_a_row);
        let of_part = |part: &Part| {
            let own = only(id_name, &part.ids, &response);
            match failed(&own) {
                None if !all_named => RowResult::Unclear,
                failures => RowResult::of(failures, own),
            }
        };
        parts.iter().map(of_part).collect()
    }
}

/// The result of a row in a successful call.
#[derive(Debug, PartialEq)]
pub(super) enum RowResult {
    Done(Map<String, Value>),
    /// At least one item of the row failed.
    Failed(Value),
    /// An item of the call failed, and the response does not say which.
    Unclear,
}

impl RowResult {
    fn of(failures: Option<Value>, response: Map<String, Value>) -> Self {
        failures.map_or(Self::Done(response), Self::Failed)
    }
}

/// Takes the items out of the input if it can be merged with others. Returns the name of their member,
/// the items and their ids.
fn take_items(
    info: &OperationInfo,
    input: &mut Map<String, Value>,
) -> Option<(&'static str, Vec<Value>, HashSet<String>)> {
    // One token cannot serve several rows. No operation has both.
    let batch = info.batch.as_ref().filter(|_| info.idempotency_token.is_none())?;
    let name = id_name(info)?;
    let items = input.get_mut(batch.items)?.as_array_mut().filter(|items| !items.is_empty())?;
    let id = |item: &Value| item.as_str().or_else(|| item.get(name)?.as_str()).map(comparable);
    let ids = items.iter().map(id).collect::<Option<HashSet<_>>>()?;
    Some((batch.items, std::mem::take(items), ids))
}

/// The name of the id in a failure, which the items that are structures have too.
fn id_name(info: &OperationInfo) -> Option<&'static str> {
    let failures = info.output?.member(info.batch.as_ref()?.failures)?;
    let members = structure(failures.shape)?.members.iter().map(|member| member.name);
    members.into_iter().find(|name| ![ERROR_CODE, ERROR_MESSAGE].contains(name))
}

fn structure(list: &Shape) -> Option<&'static Structure> {
    match list {
        Shape::List(list) => match list.item {
            Shape::Structure(structure) => Some(structure),
            _ => None,
        },
        _ => None,
    }
}

/// An id in the one spelling in which ids are compared: services return the id of a phone number
/// with its plus sign encoded or not.
fn comparable(id: &str) -> String {
    id.replace("%2B", "+").replace("%2b", "+")
}

/// The response without the list items that have other ids.
fn only(id_name: &str, ids: &HashSet<String>, response: &Map<String, Value>) -> Map<String, Value> {
    let is_own = |item: &Value| match item.get(id_name).and_then(Value::as_str) {
        Some(id) => ids.contains(&comparable(id)),
        // A failure without an id may be that of any row.
        None => item.get(ERROR_CODE).is_none(),
    };
    let member = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Array(items) => items.iter().filter(|item| is_own(item)).cloned().collect(),
            value => value.clone(),
        };
        (name.clone(), value)
    };
    response.iter().map(member).collect()
}

#[cfg(test)]
mod tests;
