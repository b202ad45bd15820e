//! What a service shows of its state in a browser: a part of the page.

pub(crate) mod ago;
pub(crate) mod cell;
pub(crate) mod html;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use time::OffsetDateTime;

pub(crate) use self::cell::Cell;
pub(crate) use self::html::{Button, Html};

/// How many rows of a list are shown beside other lists.
const PREVIEW: usize = 10;
/// How many rows of a list are shown at once if it is the only one.
const ROWS: usize = 100;

/// What is encoded in a path or a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// What a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Everything there is, in short.
    Overview,
    /// A part of it, such as one account.
    Part,
}

/// A list. Its rows are made only if they are looked at.
pub(crate) struct Listing<R> {
    pub(crate) heads: &'static [&'static str],
    /// How many rows there are in all.
    pub(crate) total: usize,
    pub(crate) rows: R,
}

/// The page in the making, and what it is to show.
///
/// Of its query, `list` names the only list to show, `from` the row to begin with, and `q` the words
/// that rows must have.
pub(crate) struct Page<'a> {
    query: &'a str,
    now: OffsetDateTime,
    words: Vec<String>,
    pub(crate) html: Html,
    /// All lists with their totals, those that are not shown included.
    pub(super) lists: Vec<(&'static str, usize)>,
}

impl<'a> Page<'a> {
    pub(super) fn new(query: &'a str, now: OffsetDateTime) -> Self {
        let mut page = Self { query, now, words: vec![], html: Html::default(), lists: vec![] };
        let words = page.asked("q").unwrap_or_default().to_lowercase();
        page.words = words.split_whitespace().map(str::to_owned).collect();
        page
    }

    /// A parameter of the query.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&');
        let pair = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        Some(decode(pair?))
    }

    /// The heading of a part, with the way to it, which begins with a list of the overview.
    pub(crate) fn title(&mut self, list: &str, way: &[(&str, &str)], title: &str) {
        self.html.markup("<nav class=\"way\" aria-label=\"Way\">").link("Overview", "/");
        self.html.markup(" / ").link(list, &target(&[("list", &slug(list))]));
        for (name, target) in way {
            self.html.markup(" / ").link(name, target);
        }
        if self.asked("list").is_some() {
            let whole = self.with(&[], &["list", "q"]);
            self.html.markup(" / ").link(title, &whole);
        }
        self.html.markup("</nav>\n<h1>").text(title).markup("</h1>\n");
    }

    /// Names and values, of those that there are, unless the query asks for a list.
    pub(crate) fn facts(&mut self, facts: &[(&'static str, Cell)]) {
        if self.asked("list").is_none() {
            self.html.facts(facts, self.now);
        }
    }

    /// A list under a heading: its first rows, or a page of it if the query asks for it.
    pub(crate) fn list<R: Iterator<Item = Vec<Cell>>>(
        &mut self,
        heading: &'static str,
        listing: Listing<R>,
    ) {
        let Listing { heads, total, rows } = listing;
        self.lists.push((heading, total));
        let (asked, slug) = (self.asked("list"), slug(heading));
        let is_alone = asked.is_some();
        if asked.is_some_and(|asked| asked != slug) {
            return;
        }
        let from = self.asked("from").filter(|_| is_alone);
        let from = from.and_then(|from| from.parse().ok()).unwrap_or(0);
        let cut = cut(rows, total, &self.words, from, if is_alone { ROWS } else { PREVIEW });
        self.html.markup("<section><h2>").markup(heading).markup(" <small>");
        if !self.words.is_empty() {
            self.html.text(&cut.found.to_string()).markup(" of ");
        }
        self.html.text(&total.to_string()).markup("</small></h2>\n");
        if cut.rows.is_empty() {
            let nothing = if total == 0 { "None yet." } else { "No row has all these words." };
            self.html.markup("<p class=\"none\">").markup(nothing).markup("</p>\n");
        } else {
            self.html.table(heads, &cut.rows, self.now);
        }
        if is_alone {
            self.pager(from, &cut);
        } else if cut.found > cut.rows.len() {
            let target = self.with(&[("list", &slug)], &[]);
            self.html
                .markup("<p class=\"pager\">")
                .link(&format!("Show all {}", cut.found), &target);
            self.html.markup("</p>\n");
        }
        self.html.markup("</section>\n");
    }

    /// The heading of the only list that is shown, or `Overview`; `None` if there is no such list.
    pub(super) fn heading(&self) -> Option<&'static str> {
        let Some(asked) = self.asked("list") else { return Some("Overview") };
        let mut headings = self.lists.iter().map(|(heading, _)| *heading);
        headings.find(|heading| slug(heading) == asked)
    }

    /// The way to the rows before and after.
    fn pager(&mut self, from: usize, Cut { rows, found }: &Cut) {
        if from == 0 && rows.len() == *found {
            return;
        }
        let to = from + rows.len();
        self.html.markup("<p class=\"pager\">");
        if !rows.is_empty() {
            self.html.text(&format!("{}–{to} of {found} ", from + 1));
        }
        if from > 0 {
            let before = from.min(*found).saturating_sub(ROWS).to_string();
            let target = self.with(&[("from", &before)], &[]);
            self.html.link("Previous", &target).markup(" ");
        }
        if to < *found && !rows.is_empty() {
            let target = self.with(&[("from", &to.to_string())], &[]);
            self.html.link("Next", &target);
        }
        self.html.markup("</p>\n");
    }

    /// A link to this page with these parameters and without those, from its first row if nothing
    /// else is said.
    fn with(&self, these: &[(&str, &str)], without: &[&str]) -> String {
        let is_kept = |name: &str| {
            name != "from" && !without.contains(&name) && !these.iter().any(|(new, _)| name == *new)
        };
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let kept = pairs.filter(|(name, _)| is_kept(name));
        let kept: Vec<_> = kept.map(|(name, value)| (name, decode(value))).collect();
        let kept = kept.iter().map(|(name, value)| (*name, value.as_str()));
        target(&kept.chain(these.iter().copied()).collect::<Vec<_>>())
    }
}

/// A part of the rows of a list, and how many there are of those that have all words.
struct Cut {
    rows: Vec<Vec<Cell>>,
    found: usize,
}

/// Looks at no more rows than it has to, so that a large state does not hold up the calls of others.
fn cut(
    rows: impl Iterator<Item = Vec<Cell>>,
    total: usize,
    words: &[String],
    from: usize,
    count: usize,
) -> Cut {
    if words.is_empty() {
        return Cut { rows: rows.skip(from).take(count).collect(), found: total };
    }
    let has_all = |row: &Vec<Cell>| words.iter().all(|word| row.iter().any(|cell| cell.has(word)));
    let mut cut = Cut { rows: Vec::new(), found: 0 };
    for row in rows.filter(has_all) {
        if cut.found >= from && cut.rows.len() < count {
            cut.rows.push(row);
        }
        cut.found += 1;
    }
    cut
}

/// The name of a list in a query.
pub(super) fn slug(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

fn decode(text: &str) -> String {
    // A form of a browser writes spaces as `+`.
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A text as a segment of a path or a value in a query.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A link to the page with that query.
pub(crate) fn target(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests;
