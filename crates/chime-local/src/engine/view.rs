//! Building blocks with which services show their state on the page.

pub(crate) mod ago;
pub(crate) mod cell;
pub(crate) mod html;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use time::OffsetDateTime;

pub(crate) use self::cell::Cell;
pub(crate) use self::html::{Button, Html};

/// The number of rows of a list that is shown with other lists.
const PREVIEW: usize = 10;
/// The number of rows per page of a list that is shown alone.
const ROWS: usize = 100;

/// The characters to encode in a path or a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The kind of content that a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Lists of all resources.
    Overview,
    /// One resource, such as an account.
    Part,
}

/// A list. Its rows are computed only if they are shown or filtered.
pub(crate) struct Listing<R> {
    pub(crate) heads: &'static [&'static str],
    /// The number of all rows.
    pub(crate) total: usize,
    pub(crate) rows: R,
}

/// A page being written, and the query that selects its content.
///
/// The query parameter `list` names the only list to show, `from` is the first row to show, and `q`
/// has the words that rows must contain.
pub(crate) struct Page<'a> {
    query: &'a str,
    now: OffsetDateTime,
    words: Vec<String>,
    pub(crate) html: Html,
    /// All lists with their totals, including those that are not shown.
    pub(super) lists: Vec<(&'static str, usize)>,
    /// The name of the list of the overview that is shown, or that the shown part is in.
    pub(super) within: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(query: &'a str, now: OffsetDateTime) -> Self {
        let (words, html, lists, within) = (vec![], Html::default(), vec![], String::new());
        let mut page = Self { query, now, words, html, lists, within };
        page.within = page.asked("list").unwrap_or_default();
        let words = page.asked("q").unwrap_or_default().to_lowercase();
        page.words = words.split_whitespace().map(str::to_owned).collect();
        page
    }

    /// The value of a query parameter.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&');
        let pair = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        Some(decode(pair?))
    }

    /// Writes breadcrumbs, which start with a list of the overview, and the heading of a part.
    pub(crate) fn title(&mut self, list: &str, crumbs: &[(&str, &str)], title: &str) {
        self.html.markup("<nav class=\"crumbs\" aria-label=\"Breadcrumbs\">").link("Overview", "/");
        self.within = slug(list);
        self.html.markup(" / ").link(list, &target(&[("list", &self.within)]));
        for (name, target) in crumbs {
            self.html.markup(" / ").link(name, target);
        }
        if self.asked("list").is_some() {
            let whole = self.with(&[], &["list", "q"]);
            self.html.markup(" / ").link(title, &whole);
        }
        self.html.markup("</nav>\n<h1>").text(title).markup("</h1>\n");
    }

    /// Writes names and values, without the empty ones, unless the query asks for a list.
    pub(crate) fn facts(&mut self, facts: &[(&'static str, Cell)]) {
        if self.asked("list").is_none() {
            self.html.facts(facts, self.now);
        }
    }

    /// Writes buttons for what no operation causes, unless the query asks for a list. An action has a
    /// label, a name, and whether it is possible. The path of the resource is below `/_chime/`, with
    /// encoded ids.
    pub(crate) fn actions(&mut self, resource: &str, actions: &[(&str, &str, bool)]) {
        if self.asked("list").is_some() {
            return;
        }
        self.html.markup("<section><h2>Actions</h2><p class=\"row\">");
        for (label, action, is_possible) in actions {
            let verb = format!("POST {resource}/{action}");
            let is_disabled = !is_possible;
            self.html.button(&Button { label, verb: &verb, is_disabled, ..Button::default() });
        }
        self.html.markup("</p></section>\n");
    }

    /// Writes a list under a heading: its first rows, or a page of it if the query asks for the
    /// list.
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
            let nothing = if total == 0 { "None yet." } else { "No row matches the filter." };
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

    /// Writes links to the previous and next page of a list.
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

    /// A link to this page with some parameters replaced and others removed. `from` is removed
    /// unless it is replaced.
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

/// Some rows of a list, and the number of all rows that match.
struct Cut {
    rows: Vec<Vec<Cell>>,
    found: usize,
}

/// Selects the rows to show. Without words it computes only those, because a large state would
/// delay other calls.
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

/// The name of a list in a query parameter.
pub(super) fn slug(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

fn decode(text: &str) -> String {
    // Browsers encode spaces in forms as `+`.
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Percent-encodes a path segment or a query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A link to the page with a query.
pub(crate) fn target(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests;
