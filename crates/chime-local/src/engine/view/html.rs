//! HTML with escaped text.

use std::fmt::Write;

use time::OffsetDateTime;

use super::cell::Cell;

/// HTML being written. Markup is always a literal; everything else is escaped.
#[derive(Default)]
pub(crate) struct Html(String);

/// A button that sends a request to the control endpoint.
#[derive(Default)]
pub(crate) struct Button<'a> {
    pub(crate) label: &'a str,
    /// The method and the path, such as `POST reset`. Ids in the path must be encoded.
    pub(crate) verb: &'a str,
    pub(crate) body: &'a str,
    /// A question that the user must confirm first. Empty: no question.
    pub(crate) question: &'a str,
    pub(crate) is_disabled: bool,
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

    /// Writes an id, which a table truncates.
    pub(super) fn id(&mut self, id: &str) -> &mut Self {
        self.markup("<code title=\"").text(id).markup("\">").text(id).markup("</code>")
    }

    pub(crate) fn button(&mut self, button: &Button<'_>) -> &mut Self {
        let Button { label, verb, body, question, is_disabled } = button;
        self.markup("<button type=\"button\" data-verb=\"").text(verb);
        for (name, value) in [("\" data-body=\"", body), ("\" data-question=\"", question)] {
            if !value.is_empty() {
                self.markup(name).text(value);
            }
        }
        self.markup(if *is_disabled { "\" disabled>" } else { "\">" });
        self.text(label).markup("</button>\n")
    }

    /// Writes a text with a button that copies it.
    pub(crate) fn copyable(&mut self, text: &str) -> &mut Self {
        self.markup("<div class=\"copy\"><pre tabindex=\"0\">").text(text);
        self.markup("</pre><button type=\"button\" data-copy>Copy</button></div>\n")
    }

    /// Writes why there is nothing to show.
    pub(super) fn nothing(&mut self, why: &'static str) -> &mut Self {
        self.markup("<p class=\"none\">").markup(why).markup("</p>\n")
    }

    /// Writes names and values, without the empty ones.
    pub(crate) fn facts(&mut self, facts: &[(&'static str, Cell)], now: OffsetDateTime) {
        self.markup("<dl>");
        for (name, cell) in facts.iter().filter(|(_, cell)| !cell.is_empty()) {
            self.markup("<div><dt>").markup(name).markup("</dt><dd>");
            cell.write(self, now);
            self.markup("</dd></div>\n");
        }
        self.markup("</dl>\n");
    }

    pub(super) fn table(
        &mut self,
        heads: &[&'static str],
        rows: &[Vec<Cell>],
        now: OffsetDateTime,
    ) {
        self.markup("<div class=\"scroll\"><table>\n<thead><tr>");
        for head in heads {
            self.markup("<th scope=\"col\">").markup(head).markup("</th>");
        }
        self.markup("</tr></thead>\n<tbody>");
        for row in rows {
            match row.iter().find_map(Cell::key) {
                Some(key) => self.markup("<tr data-key=\"").text(key).markup("\">"),
                None => self.markup("<tr>"),
            };
            for cell in row {
                self.markup("<td");
                if let Some(class) = cell.class() {
                    self.markup(" class=\"").markup(class).markup("\"");
                }
                if let Some(text) = cell.long() {
                    self.markup(" title=\"").text(text).markup("\"");
                }
                self.markup(">");
                cell.write(self, now);
                self.markup("</td>");
            }
            self.markup("</tr>");
        }
        self.markup("</tbody></table></div>\n");
    }

    pub(crate) fn append(&mut self, Html(other): &Html) -> &mut Self {
        self.0.push_str(other);
        self
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// Escapes text for element content and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a `String` cannot fail.
                let _ = write!(html, "&#{};", u32::from(c));
            }
            '\n' => html.push(c),
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

    /// HTML with every kind of content, all with the same text.
    fn everything(text: &str) -> String {
        let now = OffsetDateTime::UNIX_EPOCH;
        let cells = || {
            vec![
                Cell::from(text),
                Cell::id(text),
                Cell::link(text, text.to_owned()),
                Cell::id_link(text, text.to_owned()),
                Cell::time(Some(now)),
                Cell::failure(text),
                Cell::detail(text, text.to_owned()),
            ]
        };
        let button =
            Button { label: text, verb: text, body: text, question: text, is_disabled: true };
        let mut html = Html::default();
        html.table(&["A"], &[cells()], now);
        html.copyable(text).button(&button);
        html.facts(&cells().into_iter().map(|cell| ("A", cell)).collect::<Vec<_>>(), now);
        html.finish()
    }

    proptest! {
        #[test]
        fn escaped_text_has_no_markup_and_unescapes_to_the_same(text in any::<String>()) {
            let html = escape(&text);
            let is_forbidden = |c: char| c.is_control() && c != '\n';
            prop_assert!(!html.contains(['<', '>', '"', '\'']) && !html.contains(is_forbidden));
            for (at, _) in html.match_indices('&') {
                prop_assert!(html[at..].starts_with("&#"));
            }
            prop_assert_eq!(unescape(&html), text.replace(is_forbidden, "\u{fffd}"));
        }

        #[test]
        fn text_does_not_change_the_markup(text in "[<>\"'&;#/a-z ]{1,30}") {
            let marks = |html: &str| ['<', '>', '"', '\''].map(|mark| html.matches(mark).count());
            let (html, plain) = (everything(&text), everything("plain"));
            prop_assert_eq!(marks(&html), marks(&plain), "{}", html);
        }
    }
}
