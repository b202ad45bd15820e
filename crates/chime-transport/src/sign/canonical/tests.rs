//! Paths and queries in canonical form.

use super::*;

fn path(path: &str) -> String {
    let mut buffer = Vec::new();
    push_path(&mut buffer, path).unwrap();
    String::from_utf8(buffer).unwrap()
}

fn query(query: &str) -> String {
    let mut buffer = Vec::new();
    push_query(&mut buffer, query);
    String::from_utf8(buffer).unwrap()
}

#[test]
fn paths_are_normalized_and_encoded_once_more() {
    for (given, expected) in [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a%2Fb/.c", "/a%252Fb/.c"),
        ("//a//b/", "/a/b/"),
        ("/a/./b/../c/..", "/a/"),
        ("/../..", "/"),
        ("/a:b~", "/a%3Ab~"),
    ] {
        assert_eq!(path(given), expected, "{given}");
    }
    assert_eq!(push_path(&mut Vec::new(), "*"), Err(NO_PATH));
}

#[test]
fn queries_are_encoded_anew_and_sorted() {
    for (given, expected) in [
        ("", ""),
        ("operation=add", "operation=add"),
        ("b=2&a&&a=1", "a=&a=1&b=2"),
        ("a=x+y%20z%2B", "a=x%20y%20z%2B"),
        ("%C3%A9=%ff", "%C3%A9=%FF"),
        ("a=b=c", "a=b%3Dc"),
    ] {
        assert_eq!(query(given), expected, "{given}");
    }
}
