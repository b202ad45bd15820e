//! Follows the pages of a list, with the limits and tokens of the AWS CLI.

mod token;

use std::collections::HashSet;

use chime_client::model::{OperationInfo, Paging, check};
use clap::ArgMatches;
use serde_json::{Map, Value};

use self::token::Position;
use crate::failure::Failure;
use crate::flags::{self, MAX_ITEMS, NO_PAGINATE, PAGE_SIZE, STARTING_TOKEN};

/// Returns the paging of the operation if its pages are to be followed, with the page size set in the
/// input. With `--no-paginate`, or if the input sets a page token or a page size, only that page is
/// fetched.
///
/// # Errors
/// Returns an error if only one page is fetched and a flag for several pages is set, and if the page size is
/// out of range.
pub(crate) fn followed(
    info: &'static OperationInfo,
    given: &ArgMatches,
    input: &mut Map<String, Value>,
) -> Result<Option<&'static Paging>, Failure> {
    let Some(paging) = info.paging.as_ref() else { return Ok(None) };
    let sized = paging.limit.is_some_and(|limit| input.contains_key(limit));
    if given.get_flag(NO_PAGINATE) || sized || input.contains_key(paging.input_token) {
        let is_set = |flag: &&str| given.try_contains_id(flag).unwrap_or_default();
        let Some(flag) = [STARTING_TOKEN, PAGE_SIZE, MAX_ITEMS].into_iter().find(is_set) else {
            return Ok(None);
        };
        let reason = "cannot be used with --no-paginate, nor with the operation's own parameters for \
            a page";
        return Err(Failure::flag(flag, reason));
    }
    if let Some(limit) = paging.limit
        && let Some(size) = given.get_one::<u32>(PAGE_SIZE)
    {
        let sized = Map::from_iter([(limit.to_owned(), (*size).into())]);
        let violations = check(info.input, &sized).err();
        let of_size = violations.iter().flatten().find(|violation| violation.path == limit);
        if let Some(violation) = of_size {
            return Err(Failure::flag(PAGE_SIZE, violation.rule.to_string()));
        }
        input.extend(sized);
    }
    Ok(Some(paging))
}

/// The pages of a list, fetched one after the other.
pub(crate) struct Pages {
    paging: &'static Paging,
    input: Map<String, Value>,
    next: Position,
    /// The number of items that may still be printed.
    left: Option<usize>,
    seen: HashSet<String>,
    end: Option<End>,
}

enum End {
    /// All requested items were fetched.
    Reached,
    /// The service returned a token for the second time.
    Repeated,
}

impl Pages {
    pub(crate) fn new(
        paging: &'static Paging,
        given: &ArgMatches,
        input: Map<String, Value>,
    ) -> Self {
        let token = flags::text(given, STARTING_TOKEN);
        let left = given.get_one::<u64>(MAX_ITEMS);
        Self {
            paging,
            input,
            next: token.map_or_else(Position::default, |token| {
                Position::decode(paging.input_token, token)
            }),
            left: left.map(|items| usize::try_from(*items).unwrap_or(usize::MAX)),
            seen: HashSet::new(),
            end: None,
        }
    }

    /// Fetches the next page; `None` if that was all. Items before the starting token and beyond the
    /// limit are left out.
    ///
    /// # Errors
    /// Returns the error of the call, or an error if the service returned a page token twice: the
    /// list would never end.
    pub(crate) async fn next(
        &mut self,
        call: impl AsyncFnOnce(Map<String, Value>) -> Result<Map<String, Value>, Failure>,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        match self.end {
            Some(End::Reached) => return Ok(None),
            Some(End::Repeated) => return Err(Failure::RepeatedToken),
            None => {}
        }
        let mut input = self.input.clone();
        if let Some(token) = &self.next.token {
            input.insert(self.paging.input_token.to_owned(), token.as_str().into());
        }
        let mut page = call(input).await?;
        let items = page.get_mut(self.paging.items).and_then(Value::as_array_mut);
        let mut none = Vec::new();
        let items = items.unwrap_or(&mut none);
        let printed = self.next.printed.unwrap_or_default();
        items.drain(..printed.min(items.len()));
        match &mut self.left {
            Some(left) if items.len() > *left => {
                items.truncate(*left);
                self.next.printed = Some(printed + *left);
                self.end = Some(End::Reached);
                return Ok(Some(page));
            }
            Some(left) => *left -= items.len(),
            None => {}
        }
        self.next = Position::default();
        match page.get(self.paging.output_token) {
            Some(Value::String(token)) if !token.is_empty() => {
                self.next.token = Some(token.clone());
                if self.left == Some(0) {
                    self.end = Some(End::Reached);
                } else if !self.seen.insert(token.clone()) {
                    self.end = Some(End::Repeated);
                }
            }
            _ => self.end = Some(End::Reached),
        }
        Ok(Some(page))
    }

    /// Returns the token that continues the list; `None` if it ended.
    pub(crate) fn resume_token(&self) -> Option<String> {
        (self.next != Position::default()).then(|| self.next.encode(self.paging.input_token))
    }

    /// Fetches all pages and merges them: the items of all pages, and every other member as in the
    /// first page. Its token is the one that continues the list.
    ///
    /// # Errors
    /// Returns the first error and no items, since a partial list could be taken for the whole.
    pub(crate) async fn merged(
        mut self,
        call: impl AsyncFn(Map<String, Value>) -> Result<Map<String, Value>, Failure>,
    ) -> Result<Map<String, Value>, Failure> {
        let mut whole = Map::new();
        while let Some(mut page) = self.next(&call).await? {
            page.remove(self.paging.output_token);
            append(&mut whole, page, self.paging.items);
        }
        if let Some(token) = self.resume_token() {
            whole.insert(self.paging.output_token.to_owned(), token.into());
        }
        Ok(whole)
    }

    /// Leaves those members of a page that text output shows: the items, and on the first page all
    /// but the token.
    pub(crate) fn shown(&self, page: Map<String, Value>, is_first: bool) -> Map<String, Value> {
        let is_shown = |name: &str| name == self.paging.items || is_first;
        page.into_iter()
            .filter(|(name, _)| name != self.paging.output_token && is_shown(name))
            .collect()
    }
}

fn append(whole: &mut Map<String, Value>, page: Map<String, Value>, items: &str) {
    for (name, value) in page {
        match (whole.get_mut(&name), value) {
            (Some(Value::Array(all)), Value::Array(more)) if name == items => all.extend(more),
            (Some(_), _) => {}
            (None, value) => {
                whole.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
