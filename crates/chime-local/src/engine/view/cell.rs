//! Cells of tables.

use chime_model::{SensitiveString, timestamp};
use time::OffsetDateTime;

use super::ago::ago;
use super::html::Html;
use super::target;

/// A longer text, in characters, can be truncated in a table.
const LONG: usize = 30;

/// A text and its presentation.
pub(crate) struct Cell {
    text: String,
    kind: Kind,
}

enum Kind {
    Text,
    /// A sentence, which may take two lines.
    Prose,
    /// An id, which people copy rather than read.
    Id,
    /// A link to a target.
    Link(String),
    /// A link whose text is an id.
    IdLink(String),
    /// A time; the second value is the current time if it is not that of the emulator's clock.
    Time(OffsetDateTime, Option<OffsetDateTime>),
    /// An error.
    Failure,
    /// A summary that opens this text on a click.
    Detail(String),
}

impl Cell {
    pub(crate) fn text(text: Option<&SensitiveString>) -> Self {
        text.map_or("", SensitiveString::expose).into()
    }

    pub(crate) fn name(name: Option<&str>) -> Self {
        name.unwrap_or_default().into()
    }

    pub(crate) fn prose(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Kind::Prose }
    }

    pub(crate) fn id(id: impl Into<String>) -> Self {
        Self { text: id.into(), kind: Kind::Id }
    }

    pub(crate) fn link(text: impl Into<String>, target: String) -> Self {
        Self { text: text.into(), kind: Kind::Link(target) }
    }

    /// A link to a resource without a name.
    pub(crate) fn id_link(id: impl Into<String>, target: String) -> Self {
        Self { text: id.into(), kind: Kind::IdLink(target) }
    }

    /// Tags, each with its key and value.
    pub(crate) fn tags<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        tags.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ").into()
    }

    /// A link to the events that contain an id.
    pub(crate) fn events_of(id: &str) -> Self {
        Self::link("Show", target(&[("list", "events"), ("q", id)]))
    }

    /// A time, shown relative to now.
    pub(crate) fn time(time: Option<OffsetDateTime>) -> Self {
        let Some(time) = time else { return "".into() };
        Self { text: timestamp::format(time).unwrap_or_default(), kind: Kind::Time(time, None) }
    }

    /// A time of another clock than the emulator's. `now` is the current time of that clock.
    pub(crate) fn time_by(time: OffsetDateTime, now: OffsetDateTime) -> Self {
        Self { kind: Kind::Time(time, Some(now)), ..Self::time(Some(time)) }
    }

    pub(crate) fn failure(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Kind::Failure }
    }

    pub(crate) fn detail(text: impl Into<String>, detail: String) -> Self {
        Self { text: text.into(), kind: Kind::Detail(detail) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text, if a table can truncate it.
    pub(super) fn long(&self) -> Option<&str> {
        let is_plain = matches!(self.kind, Kind::Text | Kind::Prose | Kind::Link(_));
        (is_plain && self.text.chars().nth(LONG).is_some()).then_some(&self.text)
    }

    /// The class of the element that encloses the cell in a table.
    pub(super) fn class(&self) -> Option<&'static str> {
        matches!(self.kind, Kind::Prose).then_some("prose")
    }

    /// A key that identifies the row with this cell.
    pub(super) fn key(&self) -> Option<&str> {
        match &self.kind {
            Kind::Id => Some(&self.text),
            Kind::Link(target) | Kind::IdLink(target) => Some(target),
            _ => None,
        }
    }

    /// Whether the cell contains a word, which is in lower case. Failures also match `failed`.
    pub(super) fn has(&self, word: &str) -> bool {
        let more = match &self.kind {
            Kind::Failure => "failed",
            Kind::Detail(detail) => detail,
            _ => "",
        };
        [&*self.text, more].iter().any(|text| text.to_lowercase().contains(word))
    }

    /// Writes the cell without its enclosing element.
    pub(super) fn write(&self, html: &mut Html, now: OffsetDateTime) {
        let text = &self.text;
        match &self.kind {
            Kind::Text => html.text(text),
            Kind::Prose if text.is_empty() => html,
            Kind::Prose => html.markup("<span>").text(text).markup("</span>"),
            Kind::Id if text.is_empty() => html,
            Kind::Id => html.id(text),
            Kind::IdLink(target) => {
                html.markup("<a href=\"").text(target).markup("\">").id(text).markup("</a>")
            }
            Kind::Link(target) => {
                // A link needs a text to be clickable.
                html.link(if text.is_empty() { "(no name)" } else { text }, target)
            }
            Kind::Time(time, own) => {
                html.markup("<time datetime=\"").text(text).markup("\" title=\"").text(text);
                html.markup("\">").text(&ago(*time, own.unwrap_or(now))).markup("</time>")
            }
            Kind::Failure => html.markup("<strong class=\"bad\">").text(text).markup("</strong>"),
            Kind::Detail(detail) => {
                html.markup("<details><summary>").text(text).markup("</summary>");
                html.copyable(detail).markup("</details>")
            }
        };
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), kind: Kind::Text }
    }
}
