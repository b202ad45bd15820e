//! What a service shows of its state in a browser: a part of the page.

pub(crate) mod html;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub(crate) use self::html::{Cell, Html, Listing};

/// How many rows of a list are shown.
pub(crate) const ROWS: usize = 100;

/// What a page shows.
#[derive(PartialEq, Eq)]
pub(crate) enum Shown {
    /// Everything there is, in short.
    Overview,
    /// A part of it, such as one account.
    Part,
}

/// The page in the making, and what it is to show.
pub(crate) struct Page<'a> {
    pub(super) query: &'a str,
    pub(crate) html: Html,
}

impl Page<'_> {
    /// A parameter of the query.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&');
        let pair = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        Some(percent_decode_str(pair?).decode_utf8_lossy().into_owned())
    }
}

/// A link to the page with that query.
pub(crate) fn target(query: &[(&str, &str)]) -> String {
    let pairs = query
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
}
