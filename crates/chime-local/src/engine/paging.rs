//! Pages of a list, and page tokens.

use std::cell::OnceCell;
use std::hash::{Hash, Hasher};

use chime_model::PagedOperation;
use rustc_hash::FxHasher;

use crate::engine::errors::{Result, bad_request};
use crate::engine::hex;

/// The maximum number of rows that one page examines, so that a filter that matches few rows does
/// not make a call slow. A page that ends at this limit can be short or empty and has a token,
/// which callers of AWS must expect.
const MAX_EXAMINED: usize = 1_000;

/// A list of which a request reads a page.
///
/// Caller, operation and all members of the request except the token and the page size identify it.
pub(crate) struct List<'a, O> {
    request: &'a O,
    limit: usize,
    after: Option<u64>,
    /// A checksum over caller and operation.
    begun: FxHasher,
    /// A checksum over the list, once a token needs it.
    check: OnceCell<FxHasher>,
}

impl<'a, O: PagedOperation> List<'a, O> {
    /// Opens the list of a request, at its token or at the start. `owner` is whose resources the list
    /// has: the AWS account of the caller, and the region if the resources are regional.
    ///
    /// # Errors
    /// If the token is invalid or belongs to another list.
    pub(crate) fn open(owner: impl Hash, request: &'a O, default_size: usize) -> Result<Self> {
        let size = request.page_size().and_then(|size| usize::try_from(size).ok());
        // With a size of 0, a caller would read empty pages for ever.
        let limit = size.unwrap_or(default_size).max(1);
        let mut begun = FxHasher::default();
        (O::INFO.service.id, O::INFO.name, owner).hash(&mut begun);
        let mut list = Self { request, limit, after: None, begun, check: OnceCell::new() };
        if let Some(token) = request.token() {
            let position = token.get(..16).and_then(|text| u64::from_str_radix(text, 16).ok());
            let position = position.filter(|position| list.token(*position) == token);
            let problem = "NextToken: is invalid or belongs to another list";
            list.after = Some(position.ok_or_else(|| bad_request(problem))?);
        }
        Ok(list)
    }

    /// The position of the last item of the previous page.
    pub(crate) fn after(&self) -> Option<u64> {
        self.after
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
        let mut items = Vec::new();
        let mut last = None;
        for (examined, (position, row)) in rows.into_iter().enumerate() {
            let is_match = matches(&row);
            if examined == MAX_EXAMINED || is_match && items.len() == self.limit {
                return O::page(items, last.map(|last| self.token(last)));
            }
            if is_match {
                items.push(item(row));
            }
            last = Some(position);
        }
        O::page(items, None)
    }

    /// A token of a position, with a checksum over the list and the position.
    fn token(&self, position: u64) -> String {
        let mut check = self.check.get_or_init(|| self.checksum()).clone();
        position.hash(&mut check);
        hex::encode([position, check.finish()].map(u64::to_be_bytes).as_flattened())
    }

    /// A checksum over the list. It only has to differ between lists, so it is not cryptographic.
    fn checksum(&self) -> FxHasher {
        let mut list = self.request.clone();
        list.set_token(None);
        list.set_page_size(None);
        // A request can always be written.
        let members = serde_json::to_string(&list).unwrap_or_default();
        let mut check = self.begun.clone();
        members.hash(&mut check);
        check
    }
}

#[cfg(test)]
mod tests {
    use chime_model::chime::{ListRoomsRequest, Room};

    use super::*;

    fn request(token: Option<&str>) -> ListRoomsRequest {
        ListRoomsRequest::new("account").set_next_token(token.map(str::to_owned))
    }

    /// The rows of a page of a list with these rows, and the token of the next page.
    fn page_of(
        request: &ListRoomsRequest,
        rows: impl IntoIterator<Item = u64>,
        matches: impl Fn(&u64) -> bool,
    ) -> (Vec<u64>, Option<String>) {
        let list = List::open("owner", request, 2).unwrap();
        let rest = rows.into_iter().filter(|row| list.after().is_none_or(|after| *row > after));
        let room = |row: u64| Room::default().name(row.to_string());
        let page = list.page_of(rest.map(|row| (row, row)), matches, room);
        let token = <ListRoomsRequest as PagedOperation>::next_token(&page).map(str::to_owned);
        let rows = ListRoomsRequest::items(page).into_iter().map(|room| room.name.unwrap());
        (rows.map(|name| name.expose().parse().unwrap()).collect(), token)
    }

    fn page(token: Option<&str>, rows: &[u64]) -> (Vec<u64>, Option<String>) {
        page_of(&request(token), rows.iter().copied(), |_| true)
    }

    #[test]
    fn a_token_continues_after_the_previous_page() {
        let (rows, token) = page(None, &[1, 2, 3]);
        assert_eq!(rows, [1, 2]);
        assert_eq!(page(token.as_deref(), &[1, 2, 3]), (vec![3], None));
    }

    #[test]
    fn a_full_last_page_has_no_token() {
        assert_eq!(page(None, &[1, 2]).1, None);
    }

    #[test]
    fn a_page_has_the_requested_size_but_is_never_empty_by_request() {
        for (size, rows) in [(1, vec![1]), (3, vec![1, 2, 3]), (0, vec![1]), (-1, vec![1, 2])] {
            let request = request(None).max_results(size);
            assert_eq!(page_of(&request, 1..9, |_| true).0, rows, "{size}");
        }
    }

    #[test]
    fn a_page_ends_early_if_few_rows_match() {
        let rows = 0..3 * MAX_EXAMINED as u64;
        let (mut found, mut sizes, mut token) = (Vec::new(), Vec::new(), None);
        loop {
            let request = request(token.as_deref()).max_results(1);
            let (page, next) = page_of(&request, rows.clone(), |row| row % 1_500 == 1_499);
            sizes.push(page.len());
            found.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!((found, sizes), (vec![1_499, 2_999], vec![0, 1, 1]));
    }

    #[test]
    fn a_token_stays_valid_when_rows_are_added_or_removed() {
        let (_, token) = page(None, &[1, 2, 3]);
        assert_eq!(page(token.as_deref(), &[3, 4]).0, [3, 4]);
    }

    #[test]
    fn a_token_stays_valid_with_another_page_size() {
        let (_, token) = page(None, &[1, 2, 3]);
        let request = request(token.as_deref()).max_results(1);
        assert_eq!(page_of(&request, [3, 4], |_| true).0, [3]);
    }

    #[test]
    fn a_damaged_token_or_one_of_another_list_is_refused() {
        let token = page(None, &[1, 2, 3]).1.unwrap();
        let is_refused =
            |owner: &str, request: &ListRoomsRequest| List::open(owner, request, 2).is_err();
        let same = request(Some(&token));
        assert!(!is_refused("owner", &same));
        assert!(is_refused("another", &same));
        assert!(is_refused("owner", &same.clone().member_id("member")));
        let moved = token.replacen("0000000000000002", "0000000000000001", 1);
        for damaged in [&moved, &token[1..], &token.to_uppercase(), "", "é", "+00000000000000002"]
        {
            assert!(is_refused("owner", &request(Some(damaged))), "{damaged}");
        }
    }
}
