//! YAML as the AWS CLI prints it: block style, members in the order of their names.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::json::json;
use crate::terminal::is_control;
use crate::tree::{Member, Tree};

/// Lines are folded at the first space behind this column.
const WIDTH: usize = 80;

/// Text that YAML reads as something else without quotes: numbers, times, booleans and null.
static NOT_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)";
    let float = r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)";
    let time = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?";
    let word = "true|True|TRUE|false|False|FALSE|null|Null|NULL|~|<<|=";
    Regex::new(&format!("^({number}|{float}|{time}|{word})$")).ok()
});

/// Writes a value as a document. A scalar is written as JSON.
pub(super) fn yaml(tree: &Tree) -> String {
    if tree.is_scalar() {
        return json(tree);
    }
    let mut yaml = Yaml { text: String::new() };
    yaml.write(tree, 0, Place::Start);
    yaml.text
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a line, already indented.
    Start,
    /// Behind `name:`.
    Member,
}

struct Yaml {
    text: String,
}

impl Yaml {
    fn write(&mut self, tree: &Tree, indent: usize, place: Place) {
        match tree {
            Tree::Map(members) if !members.is_empty() => {
                // The first line of a map in a list stands behind the dash.
                let indent = match place {
                    Place::Start => indent,
                    Place::Member => indent + 2,
                };
                self.write_map(members, indent, place);
            }
            Tree::List(items) if !items.is_empty() => self.write_list(items, indent, place),
            scalar => {
                let indent = match place {
                    Place::Start => indent,
                    Place::Member => {
                        self.text.push(' ');
                        indent + 2
                    }
                };
                self.scalar(scalar, indent);
                self.text.push('\n');
            }
        }
    }

    fn write_map(&mut self, members: &[Member], indent: usize, place: Place) {
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (i, (name, value)) in sorted.into_iter().enumerate() {
            self.line_start(i, indent, place);
            // A name must be on one line.
            match name.len() > WIDTH || name.contains('\n') {
                true => self.text.push_str(&double_quoted(name)),
                false => self.string(name, indent),
            }
            self.text.push(':');
            self.write(value, indent, Place::Member);
        }
    }

    fn write_list(&mut self, items: &[Tree], indent: usize, place: Place) {
        for (i, item) in items.iter().enumerate() {
            self.line_start(i, indent, place);
            self.text.push_str("- ");
            self.write(item, indent + 2, Place::Start);
        }
    }

    /// Begins an entry. The first one may have a line that is begun already.
    fn line_start(&mut self, entry: usize, indent: usize, place: Place) {
        if place == Place::Member && entry == 0 {
            self.text.push('\n');
        }
        if place == Place::Member || entry > 0 {
            self.indent(indent);
        }
    }

    fn indent(&mut self, indent: usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// Writes a scalar. The lines of a long text have this indent.
    fn scalar(&mut self, scalar: &Tree, indent: usize) {
        match scalar {
            Tree::Null => self.text.push_str("null"),
            Tree::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Tree::Number(number) => self.text.push_str(&number.to_string()),
            Tree::Text(text) => self.string(text, indent),
            Tree::List(_) => self.text.push_str("[]"),
            Tree::Map(_) => self.text.push_str("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        match style(text) {
            Style::Plain => self.folded(text, indent, false),
            Style::SingleQuoted => {
                self.text.push('\'');
                self.folded(&text.replace('\'', "''"), indent, true);
                self.text.push('\'');
            }
            Style::DoubleQuoted => self.text.push_str(&double_quoted(text)),
        }
    }

    /// Writes text in lines. A line break of the text itself is written as two.
    fn folded(&mut self, text: &str, indent: usize, keeps_ends: bool) {
        let characters: Vec<char> = text.chars().collect();
        let last = characters.len().saturating_sub(1);
        let mut column = self.text.rsplit('\n').next().unwrap_or_default().chars().count();
        for (i, c) in characters.iter().enumerate() {
            let is_single = |i: usize| characters.get(i) != Some(&' ');
            let neighbours = is_single(i + 1) && (i == 0 || is_single(i - 1));
            let is_end = keeps_ends && (i == 0 || i == last);
            if *c == ' ' && column > WIDTH && neighbours && !is_end {
                self.text.push('\n');
                self.indent(indent);
                column = indent;
            } else if *c == '\n' {
                let begins = i == 0 || characters.get(i - 1) != Some(&'\n');
                self.text.push_str(if begins { "\n\n" } else { "\n" });
                if characters.get(i + 1) != Some(&'\n') {
                    self.indent(indent);
                    column = indent;
                }
            } else {
                self.text.push(*c);
                column += 1;
            }
        }
    }
}

enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
}

fn style(text: &str) -> Style {
    let is_special = |c: char| {
        c != '\n'
            && (is_control(c)
                || c > '\u{ffff}'
                || matches!(c, '\t' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
    };
    if text.contains(is_special) || text.contains(" \n") || text.contains("\n ") {
        return Style::DoubleQuoted;
    }
    let is_edge = |c: char| matches!(c, ' ' | '\n');
    let indicator = |c: char| "#,[]{}&*!|>'\"%@`".contains(c);
    let mut characters = text.chars();
    let first = characters.next();
    let before_space = matches!(characters.next(), None | Some(' '));
    let needs_quotes = text.is_empty()
        || text.contains('\n')
        || text.starts_with(is_edge)
        || text.ends_with(is_edge)
        || text.starts_with(indicator)
        || (before_space && matches!(first, Some('-' | '?' | ':')))
        || text.starts_with("---")
        || text.starts_with("...")
        || text.ends_with(':')
        || text.contains(": ")
        || text.contains(" #")
        || NOT_TEXT.as_ref().is_none_or(|not_text| not_text.is_match(text));
    if needs_quotes { Style::SingleQuoted } else { Style::Plain }
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 8);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{1b}' => quoted.push_str("\\e"),
            '\0' => quoted.push_str("\\0"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{2028}' => quoted.push_str("\\L"),
            '\u{2029}' => quoted.push_str("\\P"),
            c if c > '\u{ffff}' => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c if is_control(c) && c <= '\u{ff}' => {
                quoted.push_str(&format!("\\x{:02X}", u32::from(c)));
            }
            c if is_control(c) || c == '\u{feff}' => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
