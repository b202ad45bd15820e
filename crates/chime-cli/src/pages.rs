//! Fetches all pages of a list and merges them into one result.

use std::collections::HashSet;

use chime_client::model::{OperationInfo, Paging};
use serde_json::{Map, Value};

/// Returns the paging of the operation if all pages are to be fetched. If the input sets a page
/// token or a page size, only that page is fetched.
pub(crate) fn to_follow(
    info: &'static OperationInfo,
    input: &Map<String, Value>,
) -> Option<&'static Paging> {
    let paging = info.paging.as_ref()?;
    let limit = paging.limit.is_some_and(|limit| input.contains_key(limit));
    (!limit && !input.contains_key(paging.input_token)).then_some(paging)
}

/// Fetches all pages and merges them: the items of all pages, and every other member as in the first
/// page. The result has no token.
///
/// # Errors
/// Returns the first error and no items, since a partial list could be taken for the whole.
pub(crate) async fn merged<E>(
    paging: &Paging,
    mut input: Map<String, Value>,
    mut call: impl AsyncFnMut(Map<String, Value>) -> Result<Map<String, Value>, E>,
) -> Result<Map<String, Value>, E> {
    let mut whole = Map::new();
    let mut seen = HashSet::new();
    loop {
        let mut page = call(input.clone()).await?;
        let token = page.remove(paging.output_token);
        append(&mut whole, page, paging.items);
        match token {
            // A repeated token would lead to an endless loop.
            Some(Value::String(token)) if !token.is_empty() && seen.insert(token.clone()) => {
                input.insert(paging.input_token.to_owned(), Value::String(token));
            }
            _ => return Ok(whole),
        }
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
mod tests {
    use super::*;
    use chime_client::model::chime::API;
    use serde_json::json;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    fn list_rooms() -> &'static OperationInfo {
        API.operation("ListRooms").unwrap()
    }

    /// What becomes of these pages, and the tokens with which they were asked for.
    fn follow(pages: Vec<Result<Value, &str>>) -> (Result<Value, &str>, Vec<Value>) {
        let mut pages = pages.into_iter();
        let mut tokens = Vec::new();
        let input = map(json!({"AccountId": "a"}));
        let merged = {
            let paging = list_rooms().paging.as_ref().unwrap();
            let future = merged(paging, input, async |mut input: Map<String, Value>| {
                tokens.push(input.remove("NextToken").unwrap_or_default());
                assert_eq!(Value::Object(input), json!({"AccountId": "a"}));
                pages.next().expect("no page left").map(map)
            });
            match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(merged) => merged,
                Poll::Pending => panic!("nothing to wait for"),
            }
        };
        assert!(pages.next().is_none(), "a page was not asked for");
        (merged.map(Value::Object), tokens)
    }

    #[test]
    fn pages_become_one_result_without_a_token() {
        let (merged, tokens) = follow(vec![
            Ok(json!({"Rooms": [1, 2], "NextToken": "x", "Other": "first"})),
            Ok(json!({"Rooms": [], "NextToken": "y", "Other": "second"})),
            Ok(json!({"Rooms": [3]})),
        ]);
        assert_eq!(merged, Ok(json!({"Rooms": [1, 2, 3], "Other": "first"})));
        assert_eq!(tokens, [Value::Null, "x".into(), "y".into()]);
    }

    #[test]
    fn null_absence_an_empty_token_and_a_repeated_one_end_the_list() {
        for last in [
            json!({"Rooms": [2], "NextToken": null}),
            json!({"Rooms": [2]}),
            json!({"Rooms": [2], "NextToken": ""}),
            json!({"Rooms": [2], "NextToken": "x"}),
        ] {
            let first = json!({"Rooms": [1], "NextToken": "x"});
            let (merged, tokens) = follow(vec![Ok(first), Ok(last)]);
            assert_eq!(merged, Ok(json!({"Rooms": [1, 2]})));
            assert_eq!(tokens, [Value::Null, "x".into()]);
        }
    }

    #[test]
    fn a_circle_of_tokens_ends_too() {
        let page = |token: &str| Ok(json!({"Rooms": [token], "NextToken": token}));
        let (merged, _) = follow(vec![page("x"), page("y"), page("x")]);
        assert_eq!(merged, Ok(json!({"Rooms": ["x", "y", "x"]})));
    }

    #[test]
    fn a_failure_is_the_result() {
        let (merged, _) = follow(vec![Ok(json!({"Rooms": [1], "NextToken": "x"})), Err("no")]);
        assert_eq!(merged, Err("no"));
    }

    #[test]
    fn who_names_a_page_or_its_size_gets_that_page() {
        for (input, follows) in [
            (json!({"AccountId": "a"}), true),
            (json!({"AccountId": "a", "MaxResults": 1}), false),
            (json!({"AccountId": "a", "NextToken": "x"}), false),
        ] {
            assert_eq!(to_follow(list_rooms(), &map(input.clone())).is_some(), follows, "{input}");
        }
        let get_room = API.operation("GetRoom").unwrap();
        assert!(to_follow(get_room, &Map::new()).is_none());
    }
}
