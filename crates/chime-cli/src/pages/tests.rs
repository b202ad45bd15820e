//! Lists cut into pages in every way.

use super::*;
use crate::command::command;
use crate::services::operation;
use chime_client::model::chime::API;
use proptest::prelude::*;
use serde_json::json;
use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

/// The result of a future that waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

/// The pages that `list-rooms` follows with these flags, and its input.
fn list_rooms(line: &[&str]) -> Result<Result<Pages, Value>, String> {
    let words = ["chime", "list-rooms", "--account-id=a"].iter().chain(line);
    let matches = command().try_get_matches_from(words).unwrap();
    let (info, given) = operation(&matches).unwrap();
    let mut input = crate::input::read(info, given).unwrap();
    let paging = followed(info, given, &mut input).map_err(|failure| failure.to_string())?;
    Ok(match paging {
        Some(paging) => Ok(Pages::new(paging, given, input)),
        None => Err(input.into()),
    })
}

/// What becomes of these responses, and the tokens with which they were asked for.
fn merge(line: &[&str], responses: Vec<Value>) -> (Result<Value, String>, Vec<Value>) {
    let (count, responses) = (responses.len(), RefCell::new(responses.into_iter()));
    let tokens = RefCell::new(Vec::new());
    let pages = list_rooms(line).unwrap().ok().unwrap();
    let merged = ready(pages.merged(async |mut input: Map<String, Value>| {
        tokens.borrow_mut().push(input.remove("NextToken").unwrap_or_default());
        assert_eq!(input["AccountId"], "a");
        match responses.borrow_mut().next().expect("no page left") {
            Value::Null => Err(Failure::Setting("no".to_owned())),
            page => Ok(map(page)),
        }
    }));
    let tokens = tokens.into_inner();
    assert_eq!(tokens.len(), count, "a page was not asked for");
    (merged.map(Value::Object).map_err(|failure| failure.to_string()), tokens)
}

#[test]
fn pages_become_one_result_without_a_token() {
    let (merged, tokens) = merge(
        &[],
        vec![
            json!({"Rooms": [1, 2], "NextToken": "x", "Other": "first"}),
            json!({"Rooms": [], "NextToken": "y", "Other": "second"}),
            json!({"Rooms": [3]}),
        ],
    );
    assert_eq!(merged, Ok(json!({"Rooms": [1, 2, 3], "Other": "first"})));
    assert_eq!(tokens, [Value::Null, "x".into(), "y".into()]);
}

#[test]
fn null_absence_and_an_empty_token_end_the_list() {
    for last in [
        json!({"Rooms": [2], "NextToken": null}),
        json!({"Rooms": [2]}),
        json!({"Rooms": [2], "NextToken": ""}),
    ] {
        let first = json!({"Rooms": [1], "NextToken": "x"});
        assert_eq!(merge(&[], vec![first, last]).0, Ok(json!({"Rooms": [1, 2]})));
    }
}

#[test]
fn a_token_that_comes_again_is_an_error() {
    let page = |token: &str| json!({"Rooms": [token], "NextToken": token});
    for tokens in [&["x", "x"][..], &["x", "y", "x"]] {
        let (merged, _) = merge(&[], tokens.iter().copied().map(page).collect());
        assert!(merged.unwrap_err().contains("same next token was received twice"));
    }
    // Its page comes before it, and the limit may be reached before that.
    let pages = list_rooms(&[]).unwrap().ok();
    let mut pages = pages.unwrap();
    let call = async |_| Ok(map(page("x")));
    assert!(ready(pages.next(&call)).unwrap().is_some());
    assert!(ready(pages.next(&call)).unwrap().is_some());
    assert!(ready(pages.next(&call)).is_err());
    assert!(merge(&["--max-items=2"], vec![page("x"), page("x")]).0.is_ok());
}

#[test]
fn a_failure_is_the_result() {
    let first = json!({"Rooms": [1], "NextToken": "x"});
    assert_eq!(merge(&[], vec![first, Value::Null]).0, Err("no".to_owned()));
}

#[test]
fn a_limit_cuts_a_page_or_ends_behind_one() {
    let page = |rooms: Value| json!({"Rooms": rooms, "NextToken": "t"});
    let inside = "eyJOZXh0VG9rZW4iOiAidCIsICJib3RvX3RydW5jYXRlX2Ftb3VudCI6IDF9";
    let behind = "eyJOZXh0VG9rZW4iOiAidCJ9";
    let last = json!({"Rooms": [3, 4]});
    for (limit, pages, expected) in [
        ("2", vec![page(json!([1, 2]))], json!({"Rooms": [1, 2], "NextToken": behind})),
        (
            "3",
            vec![page(json!([1, 2])), last.clone()],
            json!({"Rooms": [1, 2, 3], "NextToken": inside}),
        ),
        ("4", vec![page(json!([1, 2])), last.clone()], json!({"Rooms": [1, 2, 3, 4]})),
    ] {
        assert_eq!(merge(&["--max-items", limit], pages).0, Ok(expected), "{limit}");
    }
    let (merged, tokens) = merge(&["--starting-token", inside], vec![last]);
    assert_eq!(merged, Ok(json!({"Rooms": [4]})));
    assert_eq!(tokens, ["t"]);
}

#[test]
fn who_names_a_page_or_its_size_gets_that_page() {
    for (line, follows) in [
        (&[][..], true),
        (&["--page-size=1"], true),
        (&["--max-results=1"], false),
        (&["--next-token=x"], false),
        (&["--cli-input-json={\"NextToken\":\"x\"}"], false),
        (&["--no-paginate"], false),
    ] {
        assert_eq!(list_rooms(line).unwrap().is_ok(), follows, "{line:?}");
    }
    for line in [["--no-paginate", "--max-items=1"], ["--max-results=1", "--starting-token=x"]] {
        let Err(error) = list_rooms(&line) else { panic!("{line:?}") };
        assert!(error.contains("cannot be used with --no-paginate"), "{error}");
    }
    let get_room = API.operation("GetRoom").unwrap();
    let matches = command().try_get_matches_from(["chime", "get-room"]).unwrap();
    let (_, given) = operation(&matches).unwrap();
    assert!(followed(get_room, given, &mut Map::new()).unwrap().is_none());
}

proptest! {
    /// However a list is cut into pages and commands, its items are printed once and in order.
    #[test]
    fn tokens_lead_through_the_whole_list(
        cuts in prop::collection::vec(0_usize..4, 1..6), limit in 1_usize..5
    ) {
        let mut total = 0;
        let sizes: Vec<_> = cuts.iter().map(|size| { total += size; (total - size)..total }).collect();
        let call = async |input: Map<String, Value>| {
            let page: usize = input.get("NextToken").map_or(0, |t| t.as_str().unwrap().parse().unwrap());
            let items: Vec<usize> = sizes[page].clone().collect();
            let next = (page + 1 < sizes.len()).then(|| (page + 1).to_string());
            Ok(map(json!({"Rooms": items, "NextToken": next})))
        };
        let (mut printed, mut token) = (Vec::new(), None);
        for _ in 0..=total + 1 {
            let mut line = vec![format!("--max-items={limit}")];
            line.extend(token.map(|token| format!("--starting-token={token}")));
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            let pages = list_rooms(&line).unwrap().ok().unwrap();
            let result = ready(pages.merged(call)).unwrap();
            let items = result["Rooms"].as_array().unwrap().clone();
            prop_assert!(items.len() <= limit);
            printed.extend(items);
            token = result.get("NextToken").map(|token| token.as_str().unwrap().to_owned());
            if token.is_none() {
                break;
            }
        }
        prop_assert_eq!(printed, (0..total).map(Value::from).collect::<Vec<_>>());
    }
}
