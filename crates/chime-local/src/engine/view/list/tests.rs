//! Tests of the rows of a list that a page shows, and of the links to the others.

use proptest::prelude::*;
use time::OffsetDateTime;

use super::*;

/// A list of `total` rows that are named `row 0.`, `row 1.`, ….
fn listing(total: usize) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = (0..total).map(|i| vec![Cell::from(format!("row {i}."))]);
    Listing { heads: &["Name"], total, rows }
}

/// The page for a query, with one list.
fn shown(query: &str, total: usize) -> String {
    let mut page = Page::new(query, OffsetDateTime::UNIX_EPOCH);
    page.list("Some Things", listing(total));
    page.end_lists();
    page.html.finish()
}

fn count(html: &str) -> usize {
    html.matches("<td>").count()
}

#[test]
fn the_overview_shows_first_rows_and_a_link_to_all() {
    let html = shown("a=1", 250);
    assert_eq!(count(&html), PREVIEW);
    assert!(html.contains("Some Things <small>250</small>") && html.contains("row 9."));
    assert!(html.contains("<a href=\"/?a=1&#38;list=some-things\">Show all 250</a>"), "{html}");
    assert!(!shown("", PREVIEW).contains("<a "));
    assert!(shown("", 0).contains("None yet."));
    assert_eq!(shown("list=others", 250), "");
}

#[test]
fn pages_link_to_the_previous_and_the_next() {
    let first = shown("list=some-things&b=%26+x", 250);
    assert!(first.contains("1–100 of 250") && !first.contains("Previous"));
    let next = "/?list=some-things&#38;b=%26%20x&#38;from=100\">Next</a>";
    assert!(first.contains(next), "{first}");
    let last = shown("list=some-things&from=200", 250);
    assert!(last.contains("201–250 of 250") && !last.contains("Next"));
    assert!(last.contains("from=100\">Previous</a>") && count(&last) == 50);
    let gone = shown("list=some-things&from=900", 250);
    assert!(gone.contains("from=150\">Previous</a>") && count(&gone) == 0, "{gone}");
    assert!(!shown("list=some-things", 100).contains("class=\"pager\""));
}

#[test]
fn the_filter_selects_rows_with_all_words() {
    let html = shown("q=ROW+7", 250);
    assert!(html.contains("<small>43 of 250</small>") && html.contains("row 7."), "{html}");
    assert_eq!(count(&html), PREVIEW);
    assert!(html.contains("q=ROW%207&#38;list=some-things\">Show all 43</a>"), "{html}");
    let html = shown("q=row+249.", 250);
    assert!(count(&html) == 1 && html.contains("row 249."));
    assert!(shown("q=column", 250).contains("No row matches the filter."));
}

#[test]
fn lists_without_a_match_are_shown_only_alone() {
    let shown = |query: &str| {
        let mut page = Page::new(query, OffsetDateTime::UNIX_EPOCH);
        page.list("Few", listing(1));
        page.list("Many", listing(9));
        page.list_of_matches("More", listing(8));
        page.end_lists();
        page.html.finish()
    };
    let headings = |query: &str| {
        let html = shown(query);
        let sections = html.split("<h2>").skip(1).map(|rest| rest.split(' ').next().unwrap());
        (sections.collect::<Vec<_>>().join(" "), html.matches(NO_MATCH).count())
    };
    for (query, expected) in [
        ("", ("Few Many", 0)),
        ("q=row", ("Few Many More", 0)),
        ("q=7", ("Many More", 0)),
        ("q=8", ("Many", 0)),
        ("q=none", ("", 1)),
        ("q=7&list=few", ("Few", 1)),
        ("list=more", ("More", 0)),
        ("q=7&list=more", ("More", 0)),
    ] {
        assert_eq!(headings(query), (expected.0.to_owned(), expected.1), "{query}");
    }
}

#[test]
fn the_filter_finds_failures_and_details() {
    let row = [Cell::failure("404"), Cell::detail("Event", "The Body".to_owned())];
    let found = |word: &str| row.iter().any(|cell| cell.has(word));
    assert!(found("404") && found("failed") && found("the body") && !found("200"));
}

proptest! {
    #[test]
    fn every_row_is_on_one_page(total in 0..350usize, word in "[0-9]?") {
        let mut seen = 0;
        let mut target = format!("list=some-things&q={word}");
        loop {
            let html = shown(&target, total);
            seen += count(&html);
            let Some((before, _)) = html.split_once("\">Next</a>") else { break };
            let (_, next) = before.rsplit_once("<a href=\"/?").unwrap();
            target = next.replace("&#38;", "&");
        }
        let expected = (0..total).filter(|i| i.to_string().contains(&word)).count();
        prop_assert_eq!(seen, expected);
    }
}
