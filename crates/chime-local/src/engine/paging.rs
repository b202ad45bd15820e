//! Pages of a list, and page tokens.

use std::marker::PhantomData;

use chime_model::PagedOperation;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::engine::errors::{Result, bad_request};
use crate::engine::hex;

/// The maximum number of rows that one page examines, so that a filter that matches few rows does
/// not make a call slow. A page that ends at this limit can be short or empty and has a token,
/// which callers of AWS must expect.
const MAX_EXAMINED: usize = 1_000;

/// A list of which a request reads a page.
pub(crate) struct List<O> {
    cursor: Cursor,
    limit: usize,
    request: PhantomData<O>,
}

impl<O: PagedOperation> List<O> {
    /// Opens the list of a request, at its token or at the start. Caller, operation and all members
    /// except the token and the page size identify the list.
    ///
    /// # Errors
    /// If the token is invalid or belongs to another list.
    pub(crate) fn open(owner: &str, request: &O, default_size: usize) -> Result<Self> {
        let mut members = match serde_json::to_value(request) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let mut size = None;
        if let Some(paging) = &O::INFO.paging {
            members.remove(paging.input_token);
            size = paging.limit.and_then(|limit| members.remove(limit)?.as_u64());
        }
        let list = json!([O::INFO.service.id, O::INFO.name, owner, members]);
        let cursor = Cursor::open(list, request.token())?;
        // With a size of 0, a caller would read empty pages for ever.
        let limit = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(default_size).max(1);
        Ok(Self { cursor, limit, request: PhantomData })
    }

    /// The position of the last item of the previous page.
    pub(crate) fn after(&self) -> Option<u64> {
        self.cursor.after
    }

    /// The response with one page of rows. `rows` must start after [`after`](Self::after).
    pub(crate) fn page<T>(
        &self,
        rows: impl IntoIterator<Item = (u64, T)>,
        item: impl Fn(T) -> O::Item,
    ) -> O::Output {
        self.page_of(rows, |_| true, item)
    }

    /// The response with one page of the rows that match.
    pub(crate) fn page_of<T>(
        &self,
        rows: impl IntoIterator<Item = (u64, T)>,
        matches: impl Fn(&T) -> bool,
        item: impl Fn(T) -> O::Item,
    ) -> O::Output {
        let Page { items, next_token } = self.cursor.page(rows, matches, self.limit);
        O::page(items.into_iter().map(item).collect(), next_token)
    }
}

/// A position in a list.
struct Cursor {
    /// Everything that identifies the list.
    list: Value,
    after: Option<u64>,
}

struct Page<T> {
    items: Vec<T>,
    next_token: Option<String>,
}

impl Cursor {
    fn open(list: Value, token: Option<&str>) -> Result<Self> {
        let mut cursor = Self { list, after: None };
        if let Some(token) = token {
            let position = token.get(..16).and_then(|text| u64::from_str_radix(text, 16).ok());
            let position = position.filter(|position| cursor.token(*position) == token);
            let problem = "NextToken: is invalid or belongs to another list";
            cursor.after = Some(position.ok_or_else(|| bad_request(problem))?);
        }
        Ok(cursor)
    }

    fn page<T>(
        &self,
        rows: impl IntoIterator<Item = (u64, T)>,
        matches: impl Fn(&T) -> bool,
        limit: usize,
    ) -> Page<T> {
        let mut items = Vec::new();
        let mut last = None;
        for (examined, (position, item)) in rows.into_iter().enumerate() {
            let is_match = matches(&item);
            if examined == MAX_EXAMINED || is_match && items.len() == limit {
                return Page { items, next_token: last.map(|last| self.token(last)) };
            }
            if is_match {
                items.push(item);
            }
            last = Some(position);
        }
        Page { items, next_token: None }
    }

    /// A token of a position, with a checksum over the list and the position.
    fn token(&self, position: u64) -> String {
        // A JSON value can always be written.
        let list = Sha256::new_with_prefix(serde_json::to_vec(&self.list).unwrap_or_default());
        let check = list.chain_update(position.to_be_bytes()).finalize();
        format!("{position:016x}{}", hex::encode(check.get(..8).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[&str] = &["ListRooms", "{}"];

    fn page(list: &[&str], token: Option<&str>, rows: &[u64]) -> Page<u64> {
        let cursor = Cursor::open(json!(list), token).unwrap();
        let rest = rows.iter().filter(|row| cursor.after.is_none_or(|after| **row > after));
        cursor.page(rest.map(|row| (*row, *row)), |_| true, 2)
    }

    #[test]
    fn a_token_continues_after_the_previous_page() {
        let first = page(LIST, None, &[1, 2, 3]);
        assert_eq!(first.items, [1, 2]);
        let second = page(LIST, first.next_token.as_deref(), &[1, 2, 3]);
        assert_eq!((second.items, second.next_token), (vec![3], None));
    }

    #[test]
    fn a_full_last_page_has_no_token() {
        assert_eq!(page(LIST, None, &[1, 2]).next_token, None);
    }

    #[test]
    fn a_page_ends_early_if_few_rows_match() {
        let rows = 0..3 * MAX_EXAMINED as u64;
        let (mut found, mut sizes, mut token) = (Vec::new(), Vec::new(), None);
        loop {
            let cursor = Cursor::open(json!(LIST), token.as_deref()).unwrap();
            let rest = rows.clone().filter(|row| cursor.after.is_none_or(|after| *row > after));
            let page = cursor.page(rest.map(|row| (row, row)), |row| row % 1_500 == 1_499, 1);
            sizes.push(page.items.len());
            found.extend(page.items);
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!((found, sizes), (vec![1_499, 2_999], vec![0, 1, 1]));
    }

    #[test]
    fn a_token_stays_valid_when_rows_are_added_or_removed() {
        let token = page(LIST, None, &[1, 2, 3]).next_token;
        assert_eq!(page(LIST, token.as_deref(), &[3, 4]).items, [3, 4]);
    }

    #[test]
    fn a_damaged_token_or_one_of_another_list_is_refused() {
        let token = page(LIST, None, &[1, 2, 3]).next_token.unwrap();
        let other_filter = ["ListRooms", r#"{"MemberId":""}"#];
        let other_list = ["ListUsers", "{}"];
        assert!(Cursor::open(json!(other_filter), Some(&token)).is_err());
        assert!(Cursor::open(json!(other_list), Some(&token)).is_err());
        let moved = token.replacen("0000000000000002", "0000000000000001", 1);
        for damaged in [&moved, &token[1..], &token.to_uppercase(), "", "é", "+00000000000000002"]
        {
            assert!(Cursor::open(json!(LIST), Some(damaged)).is_err(), "{damaged}");
        }
    }
}
