//! Parses the text of AWS config and credentials files into sections of properties.
//!
//! The AWS SDKs and the AWS CLI differ in details; the more lenient reading applies here:
//!
//! - `[heading]` starts a section, and `name = value` adds a property to it. Property names are
//!   case-insensitive. White space around headings, names and values is ignored.
//! - A line that is indented more than the property above it continues that property: with nested
//!   properties if its value is empty, otherwise with further lines of the value.
//! - A line that starts with `#` or `;` is a comment. In a value, white space and one of these start
//!   a comment, except in `credential_process`: a shell gives both characters a meaning.
//! - Text after a heading is ignored.
//!
//! Parsing never fails. Each section lists its malformed lines, so that they only matter to a
//! profile that uses the section.

use std::collections::BTreeMap;
use std::mem::take;

/// A parsed file. Without `Debug`: it may hold secrets.
#[derive(Default)]
pub(super) struct Document {
    pub(super) sections: Vec<Section>,
    /// Lines or parts of lines that belong to no section.
    pub(super) stray: Vec<Fault>,
}

#[derive(Default)]
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) properties: Properties,
    pub(super) faults: Vec<Fault>,
}

/// Properties by lower-case name. The last one of a name counts.
pub(super) type Properties = BTreeMap<String, Property>;

#[derive(Clone, Default)]
pub(super) struct Property {
    pub(super) value: String,
    pub(super) nested: BTreeMap<String, String>,
}

/// A malformed line. It does not hold the text, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Starts at 1.
    pub(super) line: usize,
    pub(super) expected: &'static str,
}

pub(super) fn parse(text: &str) -> Document {
    let mut document = Document::default();
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
        if let Some(section) = document.sections.last_mut()
            && let Some((name, _)) = open.as_ref().filter(|(_, own)| indent > *own)
            && let Some(property) = section.properties.get_mut(name)
        {
            section.faults.extend(property.continue_with(content).err().map(fault));
        } else if let Some(heading) = content.strip_prefix('[') {
            open = None;
            let (heading, after, fault_of_heading) = split_heading(heading);
            let faults = fault_of_heading.into_iter().map(fault).collect();
            let properties = Properties::new();
            document.sections.push(Section { heading: heading.to_owned(), properties, faults });
            document.stray.extend(after.map(fault));
        } else {
            let property = property(content);
            open = property.as_ref().ok().map(|(name, _)| (name.clone(), indent));
            match (document.sections.last_mut(), property) {
                (None, _) => document.stray.push(fault("a section heading before this line")),
                (Some(section), Err(expected)) => section.faults.push(fault(expected)),
                (Some(section), Ok((name, value))) => {
                    section.properties.insert(name, Property { value, nested: BTreeMap::new() });
                }
            }
        }
    }
    document
}

impl Document {
    /// Removes the sections whose heading `matches`, and merges them into one.
    pub(super) fn take(&mut self, matches: impl Fn(&str) -> bool) -> Option<Section> {
        let sections = take(&mut self.sections).into_iter();
        let (matching, others) = sections.partition(|section| matches(&section.heading));
        self.sections = others;
        let matching: Vec<Section> = matching;
        matching.into_iter().reduce(|mut merged, section| {
            merged.properties.extend(section.properties);
            merged.faults.extend(section.faults);
            merged
        })
    }
}

impl Property {
    fn continue_with(&mut self, line: &str) -> Result<(), &'static str> {
        if self.value.is_empty() {
            let (name, value) = property(line)?;
            self.nested.insert(name, value);
        } else {
            self.value.push('\n');
            self.value.push_str(utf8(line)?);
        }
        Ok(())
    }
}

const COMMENT: [char; 2] = ['#', ';'];

/// Splits a line after its `[` into the heading, a fault of the text after it, and a fault of the
/// heading. Without a closing bracket the whole line is the heading: otherwise the properties below
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

fn property(line: &str) -> Result<(String, String), &'static str> {
    let (name, value) = line.split_once('=').ok_or("a property, as name = value")?;
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

/// Rejects text that was not UTF-8: the replacement character stands for what was not.
fn utf8(text: &str) -> Result<&str, &'static str> {
    if text.contains(char::REPLACEMENT_CHARACTER) { Err("UTF-8 text") } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> String {
        sections(&format!("[s]\n{text}"))[0].properties["name"].value.clone()
    }

    /// The sections of a text without malformed lines.
    fn sections(text: &str) -> Vec<Section> {
        let document = parse(text);
        assert_eq!(faults(&document), [0; 0]);
        document.sections
    }

    fn faults(document: &Document) -> Vec<usize> {
        let faults = document.sections.iter().flat_map(|section| &section.faults);
        faults.chain(&document.stray).map(|fault| fault.line).collect()
    }

    #[test]
    fn values_without_comments_and_white_space() {
        assert_eq!(value("name=value"), "value");
        assert_eq!(value("NAME \t=  a value\t "), "a value");
        assert_eq!(value("name = value # a # comment"), "value");
        assert_eq!(value("name = value\t; comment"), "value");
        assert_eq!(value("name = a#b;c=d"), "a#b;c=d");
        assert_eq!(value("name = # nothing"), "");
        assert_eq!(value("name = old\r\nname = new\r\n"), "new");
        assert_eq!(value("name = ä # ö"), "ä");
    }

    #[test]
    fn a_command_line_stays_whole() {
        let sections = sections("[s]\ncredential_process = a --b ; c # d");
        assert_eq!(sections[0].properties["credential_process"].value, "a --b ; c # d");
    }

    #[test]
    fn indented_lines_continue_a_property() {
        assert_eq!(
            value("name = one\n\ttwo ; no comment\n\n  # comment\n  three"),
            "one\ntwo ; no comment\nthree"
        );
        let found = sections(concat!(
            "; comment\n[ services\tx ] # comment\n",
            "chime = \n",
            "  # comment\n",
            "  Endpoint_URL = http://a # comment\n",
            "\n",
            "  other=1\n",
            "last = 2\n",
        ));
        assert_eq!(found[0].heading, "services\tx");
        let nested = &found[0].properties["chime"].nested;
        assert_eq!(nested["endpoint_url"], "http://a");
        assert_eq!(nested["other"], "1");
        assert_eq!(found[0].properties["last"].value, "2");
        // Without a property above it, an indented line is like any other.
        assert_eq!(value("  other = 1\n  name = value"), "value");
        assert_eq!(sections("\u{feff}[a]\n  [b]\n").len(), 2);
    }

    #[test]
    fn a_malformed_line_is_a_fault_of_its_section() {
        let document = parse(concat!(
            "a = b\n",
            "[first\n",
            "a = b\n",
            "[second] /* s3://path */\n",
            "secret\n",
            "= secret\n",
            "b =\n",
            " secret\n",
            "c = d\u{fffd} # \u{fffd}\n",
            "e = f # \u{fffd}\n",
            "[third] # comment\n",
        ));
        let sections = document.sections.iter().map(|section| {
            let lines: Vec<_> = section.faults.iter().map(|fault| fault.line).collect();
            (section.heading.as_str(), lines)
        });
        let expected = [("first", vec![2]), ("second", vec![5, 6, 8, 9]), ("third", vec![])];
        assert_eq!(sections.collect::<Vec<_>>(), expected);
        assert_eq!(document.stray.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(document.sections[1].properties["e"].value, "f");
    }

    proptest! {
        #[test]
        fn any_text_can_be_parsed(text in any::<String>()) {
            parse(&text);
        }

        #[test]
        fn no_text_below_a_heading_changes_the_section_above(
            text in r"([\[\]=#; \t\r\nab\u{feff}ä])*",
        ) {
            let document = parse(&format!("[a]\nb = 1\n[c]\n{text}"));
            prop_assert_eq!(&document.sections[0].properties["b"].value, "1");
            prop_assert!(document.sections[0].faults.is_empty());
            let lines = 4..=3 + text.lines().count();
            prop_assert!(faults(&document).iter().all(|line| lines.contains(line)));
        }

        #[test]
        fn written_properties_are_read_back(
            heading in "[a-z]{1,9}",
            written in proptest::collection::btree_map("[a-z_]{1,9}", "[!-\"$-:<-~]{1,9}", 0..9),
        ) {
            let lines = written.iter().map(|(name, value)| format!("{name} = {value}\n"));
            let sections = sections(&format!("[{heading}]\n{}", lines.collect::<String>()));
            prop_assert_eq!(&sections[0].heading, &heading);
            let read = sections[0].properties.iter();
            let read: BTreeMap<_, _> = read.map(|(k, v)| (k.clone(), v.value.clone())).collect();
            prop_assert_eq!(read, written);
        }
    }
}
