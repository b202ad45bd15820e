//! Parses the text of AWS config and credentials files into sections of properties.
//!
//! The AWS SDKs and the AWS CLI differ in details. This parser accepts what any of them accepts:
//!
//! - `[heading]` starts a section, and `name = value` or `name: value` adds a property to it. Property
//!   names are case-insensitive. White space around headings, names and values is ignored.
//! - A line that is indented more than the property above it continues that property: with nested
//!   properties, as `name = value`, if its value is empty, otherwise with further lines of the value.
//! - A line that starts with `#` or `;` is a comment. In a value, white space before one of these
//!   characters starts a comment, except in `credential_process`, where a shell interprets them.
//! - Text after a heading is ignored.
//!
//! Parsing never fails. Each section lists its malformed lines, so that they only affect profiles that
//! use the section.

/// A section of a file. The lines before the first heading are a section with an empty heading. Has no
/// `Debug`, since it may contain secrets.
#[derive(Default)]
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) properties: Properties,
    pub(super) faults: Vec<Fault>,
}

/// Properties by lower-case name. The last value of a name applies. The name of a nested property is
/// `outer\nname`. A list, since a map would take longer to compile and saves little.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Properties(pub(super) Vec<(String, String)>);

impl Properties {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn set(&mut self, name: String, value: String) {
        self.0.retain(|(found, _)| *found != name);
        self.0.push((name, value));
    }

    pub(super) fn extend(&mut self, more: Self) {
        more.0.into_iter().for_each(|(name, value)| self.set(name, value));
    }
}

/// A malformed line. It does not contain the text, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line number, from 1.
    pub(super) line: usize,
    pub(super) expected: &'static str,
}

pub(super) fn parse(text: &str) -> Vec<Section> {
    let mut first = Section::default();
    let mut sections = Vec::new();
    // The property that an indented line continues, and the indentation of that property.
    let mut open: Option<(String, usize)> = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let fault = |expected| Fault { line: index + 1, expected };
        let content = line.trim();
        if content.is_empty() || content.starts_with(COMMENT) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let outer = open.as_ref().filter(|(_, own)| indent > *own).map(|(name, _)| name.as_str());
        if let (None, Some(heading)) = (outer, content.strip_prefix('[')) {
            open = None;
            let (heading, after, malformed) = split_heading(heading);
            // Text after a heading affects no profile.
            first.faults.extend(after.map(fault));
            let faults = malformed.into_iter().map(fault).collect();
            let heading = heading.to_owned();
            sections.push(Section { heading, faults, ..Section::default() });
        } else if let Some(section) = sections.last_mut() {
            match section.add(outer, content) {
                Ok(None) => {}
                Ok(Some(name)) => open = Some((name, indent)),
                Err(expected) => {
                    section.faults.push(fault(expected));
                    if outer.is_none() {
                        open = None;
                    }
                }
            }
        } else {
            first.faults.push(fault("a section heading before this line"));
        }
    }
    sections.insert(0, first);
    sections
}

impl Section {
    /// Adds a line. It continues the property `outer`, if any. Returns the name of a new property, which
    /// further lines may continue.
    fn add(&mut self, outer: Option<&str>, line: &str) -> Result<Option<String>, &'static str> {
        let Some(outer) = outer else {
            let (name, value) = property(line, &['=', ':'])?;
            self.properties.set(name.clone(), value);
            return Ok(Some(name));
        };
        match self.properties.0.iter_mut().find(|(name, _)| name == outer) {
            Some((_, value)) if !value.is_empty() => {
                value.push('\n');
                value.push_str(utf8(line)?);
            }
            _ => {
                let (name, value) = property(line, &['='])?;
                self.properties.set(format!("{outer}\n{name}"), value);
            }
        }
        Ok(None)
    }
}

const COMMENT: [char; 2] = ['#', ';'];

/// Splits the rest of a line after `[` into the heading, a fault of the text after it, and a fault of the
/// heading. Without a closing bracket, the whole line is the heading. Otherwise the properties below
/// would become part of the section above.
fn split_heading(line: &str) -> (&str, Option<&'static str>, Option<&'static str>) {
    let Some((heading, after)) = line.split_once(']') else {
        return (without_comment(line).trim(), None, Some("']' after the heading"));
    };
    let after = after.trim_start();
    let is_text = !after.is_empty() && !after.starts_with(COMMENT);
    let after = is_text.then_some("nothing but a comment after the heading");
    (heading.trim(), after, utf8(heading).err())
}

/// Splits a line at the first of these characters.
fn property(line: &str, separators: &[char]) -> Result<(String, String), &'static str> {
    let (name, value) = line.split_once(separators).ok_or("a property, as name = value")?;
    let name = utf8(name.trim())?.to_ascii_lowercase();
    if name.is_empty() {
        return Err("a name before '='");
    }
    let value = if name == "credential_process" { value } else { without_comment(value) };
    Ok((name, utf8(value.trim())?.to_owned()))
}

fn without_comment(value: &str) -> &str {
    let mut comment = value.match_indices(COMMENT).map(|(at, _)| at);
    let spaced = |at: &usize| value.get(..*at).is_some_and(|v| v.ends_with(char::is_whitespace));
    comment.find(spaced).and_then(|at| value.get(..at)).unwrap_or(value)
}

/// Rejects text with the replacement character, which was not UTF-8.
fn utf8(text: &str) -> Result<&str, &'static str> {
    if text.contains(char::REPLACEMENT_CHARACTER) { Err("UTF-8 text") } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns the properties of a section without malformed lines.
    fn properties(text: &str) -> Properties {
        let sections = parse(&format!("[s]\n{text}"));
        assert_eq!(faults(&sections), [0; 0]);
        sections[1].properties.clone()
    }

    fn faults(sections: &[Section]) -> Vec<usize> {
        sections.iter().flat_map(|section| &section.faults).map(|fault| fault.line).collect()
    }

    #[test]
    fn values_without_comments_and_white_space() {
        for (text, value) in [
            ("name=value", "value"),
            ("NAME \t=  a value\t ", "a value"),
            ("name = value # a # comment", "value"),
            ("name = value\t; comment", "value"),
            ("name = a#b;c=d", "a#b;c=d"),
            ("name = # nothing", ""),
            ("name = old\r\nname = new\r\n", "new"),
            ("name = ä # ö", "ä"),
            ("name = one\n\ttwo ; no comment\n\n  # comment\n  3", "one\ntwo ; no comment\n3"),
            ("name: value", "value"),
            ("name : a=b", "a=b"),
            ("name=a: b", "a: b"),
            // An indented line without a property above it is a property.
            ("  other = 1\n  name = value", "value"),
        ] {
            assert_eq!(properties(text).get("name"), Some(value), "{text}");
        }
        let command = "a --b ; c # d";
        let found = properties(&format!("credential_process = {command}"));
        assert_eq!(found.get("credential_process"), Some(command));
        let nested = "a = \n  # comment\n  URL = b # comment\n\n  c:d=1\nlast = 2\n";
        let expected = [("a", ""), ("a\nurl", "b"), ("a\nc:d", "1"), ("last", "2")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(properties(nested), Properties(expected.into()));
    }

    #[test]
    fn a_malformed_line_is_a_fault_of_its_section() {
        let sections = parse(concat!(
            "\u{feff}[first\n",
            "  [ second\tx ] /* s3://path */\n",
            "secret\n",
            "= secret\n",
            "b =\n",
            " secret\n",
            "c = d\u{fffd} # \u{fffd}\n",
            "e = f # \u{fffd}\n",
            "[third] # comment\n",
        ));
        let found = sections.iter().map(|section| {
            let lines: Vec<_> = section.faults.iter().map(|fault| fault.line).collect();
            (section.heading.as_str(), lines)
        });
        let (first, second) = (("first", vec![1]), ("second\tx", vec![3, 4, 6, 7]));
        let expected = [("", vec![2]), first, second, ("third", vec![])];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(sections[2].properties.get("e"), Some("f"));
    }

    proptest! {
        #[test]
        fn no_text_below_a_heading_changes_the_section_above(
            text in prop_oneof![any::<String>(), r"([\[\]=#; \t\r\nab\u{feff}ä])*"],
        ) {
            let sections = parse(&format!("[a]\nb = 1\n[c]\n{text}"));
            prop_assert_eq!(sections[1].properties.get("b"), Some("1"));
            prop_assert!(sections[1].faults.is_empty());
            let lines = 4..=3 + text.lines().count();
            prop_assert!(faults(&sections).iter().all(|line| lines.contains(line)));
        }
    }
}
