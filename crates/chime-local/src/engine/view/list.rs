//! Lists: their first rows, or a page of one, and the rows that match the filter.

use super::{Cell, Page, slug};

/// The number of rows of a list that is shown with other lists.
const PREVIEW: usize = 10;
/// The number of rows per page of a list that is shown alone.
const ROWS: usize = 100;

const NO_MATCH: &str = "No row matches the filter.";

/// A list. Its rows are computed only if they are shown or filtered.
pub(crate) struct Listing<R> {
    pub(crate) heads: &'static [&'static str],
    /// The number of all rows.
    pub(crate) total: usize,
    pub(crate) rows: R,
}

impl Page<'_> {
    /// Writes a list under a heading: its first rows, or a page of it if the query asks for the
    /// list. A list without a row that matches the filter is shown only alone.
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
        self.has_match |= cut.found > 0;
        if cut.found == 0 && !is_alone && !self.words.is_empty() {
            return;
        }
        self.html.markup("<section><h2>").markup(heading).markup(" <small>");
        if !self.words.is_empty() {
            self.html.text(&cut.found.to_string()).markup(" of ");
        }
        self.html.text(&total.to_string()).markup("</small></h2>\n");
        if cut.rows.is_empty() {
            self.html.nothing(if total == 0 { "None yet." } else { NO_MATCH });
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

    /// Writes a list that the overview has only when it is filtered or when the query asks for the list.
    pub(crate) fn list_of_matches<R: Iterator<Item = Vec<Cell>>>(
        &mut self,
        heading: &'static str,
        listing: Listing<R>,
    ) {
        let is_asked = self.asked("list").is_some_and(|asked| asked == slug(heading));
        if is_asked || !self.words.is_empty() {
            self.list(heading, listing);
        }
    }

    /// Ends the lists of the page: says so if none has a row that matches the filter.
    pub(in crate::engine) fn end_lists(&mut self) {
        let is_alone = self.asked("list").is_some();
        if !is_alone && !self.words.is_empty() && !self.lists.is_empty() && !self.has_match {
            self.html.nothing(NO_MATCH);
        }
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

#[cfg(test)]
mod tests;
