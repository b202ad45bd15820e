//! HTML that cannot be broken by what is in it.

use std::fmt::Write;

use chime_model::{SensitiveString, timestamp};
use time::OffsetDateTime;

/// A page in the making. Markup is our own, literally; everything else is escaped.
#[derive(Default)]
pub(crate) struct Html(String);

/// A table that may be longer than what is shown of it.
pub(crate) struct Listing {
    pub(crate) heads: &'static [&'static str],
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How many rows there are in all.
    pub(crate) total: usize,
}

/// What stands in a cell of a table, and where a click on it leads.
pub(crate) struct Cell {
    text: String,
    target: Option<String>,
}

impl Cell {
    pub(crate) fn text(text: Option<&SensitiveString>) -> Self {
        text.map_or("", SensitiveString::expose).into()
    }

    pub(crate) fn name(name: Option<&str>) -> Self {
        name.unwrap_or_default().into()
    }

    pub(crate) fn time(time: Option<OffsetDateTime>) -> Self {
        time.and_then(timestamp::format).unwrap_or_default().into()
    }

    pub(crate) fn link(text: impl Into<String>, target: String) -> Self {
        Self { text: text.into(), target: Some(target) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), target: None }
    }
}

impl Html {
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape(text));
        self
    }

    pub(crate) fn link(&mut self, text: &str, target: &str) -> &mut Self {
        self.markup("<a href=\"").text(target).markup("\">").text(text).markup("</a>")
    }

    /// A table under a heading, or the heading and that there is nothing.
    pub(crate) fn listing(&mut self, heading: &'static str, listing: &Listing) -> &mut Self {
        let Listing { heads, rows, total } = listing;
        self.markup("<h2>").markup(heading).markup(" (").text(&total.to_string()).markup(")</h2>");
        if rows.is_empty() {
            return self.markup("<p>None.</p>\n");
        }
        self.markup("<div><table>\n<tr>");
        for head in *heads {
            self.markup("<th scope=\"col\">").markup(head).markup("</th>");
        }
        self.markup("</tr>\n");
        for row in rows {
            self.markup("<tr>");
            for Cell { text, target } in row {
                self.markup("<td>");
                match target {
                    Some(target) => self.link(text, target),
                    None => self.text(text),
                };
                self.markup("</td>");
            }
            self.markup("</tr>\n");
        }
        self.markup("</table></div>\n");
        match total - rows.len() {
            0 => self,
            more => self.markup("<p>And ").text(&more.to_string()).markup(" more.</p>\n"),
        }
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// The text as HTML shows it, between tags and between quotation marks alike.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing into a string cannot fail.
                let _ = write!(html, "&#{};", u32::from(c));
            }
            c if c.is_control() => html.push(char::REPLACEMENT_CHARACTER),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unescape(html: &str) -> String {
        let mut parts = html.split("&#");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (code, rest) = part.split_once(';').unwrap();
            text.extend(char::from_u32(code.parse().unwrap()));
            text += rest;
        }
        text
    }

    proptest! {
        #[test]
        fn escaped_text_is_text_and_says_the_same(text in any::<String>()) {
            let html = escape(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']) && !html.contains(char::is_control));
            for (at, _) in html.match_indices('&') {
                prop_assert!(html[at..].starts_with("&#"));
            }
            prop_assert_eq!(unescape(&html), text.replace(char::is_control, "\u{fffd}"));
        }

        #[test]
        fn what_stands_in_a_cell_breaks_no_table(text in "[<>\"'&;#/a-z ]{0,30}", more in 0..3usize) {
            let cells = vec![Cell::from(text.as_str()), Cell::link(text.as_str(), text.clone())];
            let listing = Listing { heads: &["A", "B"], rows: vec![cells], total: 1 + more };
            let mut html = Html::default();
            html.listing("Things", &listing);
            let html = html.finish();
            prop_assert_eq!(html.matches("<td>").count(), 2);
            prop_assert_eq!(html.matches("<a href=\"").count(), 1);
            prop_assert_eq!(html.matches('"').count(), 6);
            prop_assert_eq!(html.contains(" more.</p>"), more > 0);
        }
    }
}
