//! Queries as the AWS CLI evaluates them, and any expression at all.

use super::*;
use crate::tree::Times;
use chime_client::model::chime::API;
use proptest::prelude::*;
use serde_json::Value;

/// A result of `list-accounts`, and expressions with what the AWS CLI makes of it.
const CASES: &str = include_str!("../../tests/data/queries.tsv");

fn accounts(json: &str) -> Tree {
    let Ok(Value::Object(members)) = serde_json::from_str(json) else { panic!("{json}") };
    let output = API.operation("ListAccounts").unwrap().output.unwrap();
    Tree::of(output, members, Times::Wire)
}

fn searched(expression: &str, data: &Tree) -> Result<Tree, String> {
    Query::parse(expression)?.search(data)
}

#[test]
fn every_expression_gives_what_the_aws_cli_prints() {
    let (data, cases) = CASES.split_once('\n').unwrap();
    let data = accounts(data);
    let mut count = 0;
    for (expression, expected) in cases.lines().map(|line| line.split_once('\t').unwrap()) {
        let found = searched(expression, &data).map(|tree| serde_json::to_string(&tree).unwrap());
        match expected {
            "refused" => assert!(found.is_err(), "{expression}: {found:?}"),
            // As text, since the order of members counts.
            expected => assert_eq!(found.as_deref(), Ok(expected), "{expression}"),
        }
        count += 1;
    }
    assert_eq!(count, 109);
}

#[test]
fn an_error_names_the_place_or_the_function() {
    let data = accounts("{}");
    for (expression, expected) in [
        ("Accounts..Name", "(character 10)"),
        ("sort(@)", "sort(list of numbers or of strings)"),
        ("sum()", "sum(list of numbers)"),
        ("nosuch(@)", "unknown function nosuch()"),
        ("&Name", "must be an argument"),
        ("`[1]`[::0]", "step"),
    ] {
        let error = searched(expression, &data).unwrap_err();
        assert!(error.contains(expected), "{expression}: {error}");
    }
}

#[test]
fn an_expression_that_would_exhaust_the_stack_is_refused() {
    let nested = |count| "[".repeat(count) + &"]".repeat(count);
    for (expression, is_read) in [
        ("(".repeat(151), false),
        ("a.".repeat(151) + "a", false),
        (nested(151), false),
        ("!".repeat(150) + "a", true),
        ("(".repeat(150) + "a" + &")".repeat(150), true),
        ("a.".repeat(150) + "a", true),
        ("a[].".repeat(75) + "a", true),
        ("[]".repeat(150), true),
    ] {
        let query = Query::parse(&expression);
        assert_eq!(query.is_ok(), is_read, "{expression}");
        let _ = query.map(|query| query.search(&Tree::Null));
    }
}

proptest! {
    #[test]
    fn no_expression_panics(expression in "[\\[\\](){}a-c.*?&|!<>=@,:0-9'\"` -]{0,24}|\\PC{0,12}") {
        let data = accounts(CASES.lines().next().unwrap());
        let _ = searched(&expression, &data);
    }

    #[test]
    fn no_call_of_a_function_panics(
        name in prop::sample::select(vec!["sort", "sort_by", "max_by", "join", "merge", "map", "sum",
            "reverse", "contains", "to_number", "not_null", "avg", "ceil", "abs", "length"]),
        arguments in prop::collection::vec(
            prop::sample::select(vec!["@", "&a", "`[1, 2.5, -3]`", "`[\"b\", \"a\"]`",
                "`{\"a\":1}`", "'x'", "`-9223372036854775808`", "`1e308`", "`[1e308,1e308]`"]),
            0..4,
        ),
    ) {
        let _ = searched(&format!("{name}({})", arguments.join(", ")), &Tree::Null);
    }

    #[test]
    fn slices_are_those_of_python(
        start: Option<i8>, stop: Option<i8>, step in prop_oneof![-4_i32..0, 1..5], length in 0_usize..9
    ) {
        let items: Vec<Tree> = (0..length).map(|i| Tree::from(Value::from(i))).collect();
        let found = slice(&items, start.map(Into::into), stop.map(Into::into), step).unwrap();
        // Python: walk from start to stop, both moved into the bounds.
        let (n, step) = (length as i64, i64::from(step));
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let bound = |index: Option<i8>, default: i64| index.map_or(default, |index| {
            let index = i64::from(index);
            (if index < 0 { index + n } else { index }).clamp(low, high)
        });
        let first = bound(start, if step > 0 { low } else { high });
        let last = bound(stop, if step > 0 { high } else { low });
        let mut expected = Vec::new();
        let mut i = first;
        while if step > 0 { i < last } else { i > last } {
            expected.push(Tree::from(Value::from(i)));
            i += step;
        }
        prop_assert_eq!(found, expected.into_iter().collect::<Tree>());
    }
}
