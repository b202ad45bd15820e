//! Building blocks with which services show their state on the page.

pub(crate) mod ago;
pub(crate) mod cell;
pub(crate) mod html;
mod list;

use chime_model::WithNulls;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use time::OffsetDateTime;

pub(crate) use self::cell::Cell;
pub(crate) use self::html::{Button, Html};
pub(crate) use self::list::Listing;

/// The characters to encode in a path or a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Stands for a secret in a response that the page shows.
pub(crate) const HIDDEN: &str = "(not shown)";

/// The kind of content that a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Lists of all resources.
    Overview,
    /// One resource, such as an account.
    Part,
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
    /// Whether a list has a row that matches the filter.
    has_match: bool,
    /// All lists with their totals, including those that are not shown.
    pub(super) lists: Vec<(&'static str, usize)>,
    /// The name of the list of the overview that is shown, or that the shown part is in.
    pub(super) within: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(query: &'a str, now: OffsetDateTime) -> Self {
        let mut page = Self {
            query,
            now,
            words: Vec::new(),
            html: Html::default(),
            has_match: false,
            lists: Vec::new(),
            within: String::new(),
        };
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

    /// Writes a value as JSON under a heading, unless the query asks for a list.
    pub(crate) fn json(&mut self, heading: &'static str, value: &impl Serialize) {
        if self.asked("list").is_some() {
            return;
        }
        self.html.markup("<section><h2>").markup(heading).markup("</h2>");
        self.html.copyable(&pretty(value));
        self.html.markup("</section>\n");
    }

    /// Writes the response of the operation that gets a resource. The caller hides its secrets.
    pub(crate) fn response(&mut self, response: &impl Serialize) {
        self.json("As the API returns it", &WithNulls(response));
    }

    /// The id of the resource that the query asks for.
    pub(super) fn resource(&self) -> Option<String> {
        // The id of what the resource is in comes before, such as that of an attendee's meeting.
        let mut pairs = self.query.rsplit('&').filter_map(|pair| pair.split_once('='));
        let is_id = |name| !["list", "from", "q"].contains(&name);
        let (_, id) = pairs.find(|(name, id)| is_id(*name) && !id.is_empty())?;
        Some(decode(id))
    }

    /// The heading of the only list that is shown, or `Overview`; `None` if there is no such list.
    pub(super) fn heading(&self) -> Option<&'static str> {
        let Some(asked) = self.asked("list") else { return Some("Overview") };
        let mut headings = self.lists.iter().map(|(heading, _)| *heading);
        headings.find(|heading| slug(heading) == asked)
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

/// Formats a value as JSON with indentation.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
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
