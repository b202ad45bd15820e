//! The text of AWS's config and credentials files: sections of properties, some of them nested.
//!
//! As the AWS clients read it, and where these differ, as the kinder one does:
//!
//! - `[heading]` starts a section, `name = value` a property of it. Names are of any case, and
//!   white space around any part counts for nothing.
//! - A line that is indented more than the property above it goes on with that: where it has no
//!   value of its own, with nested properties, and else with more lines of its value.
//! - A line that starts with `#` or `;` is a comment. So is what follows one of these in a value,
//!   if white space is in front of it; the command line of `credential_process` is left whole,
//!   since both mean something to a shell.

use std::collections::BTreeMap;

/// A section as it stands in the file. Without `Debug`: it may hold secrets.
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) properties: Properties,
}

/// Properties by their name, in lower case. The last one of a name counts.
pub(super) type Properties = BTreeMap<String, Property>;

#[derive(Clone, Default)]
pub(super) struct Property {
    pub(super) value: String,
    pub(super) nested: BTreeMap<String, String>,
}

/// Where a file leaves its grammar. It shows nothing of the line, which may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) expected: &'static str,
}

pub(super) fn parse(text: &str) -> Result<Vec<Section>, Malformed> {
    let mut sections: Vec<Section> = Vec::new();
    // The property that a line goes on with, if it is indented more than this.
    let mut open: Option<(String, usize)> = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let malformed = |expected| Malformed { line: index + 1, expected };
        let content = line.trim();
        if content.is_empty() || content.starts_with(COMMENT) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(section) = sections.last_mut()
            && let Some((name, _)) = open.as_ref().filter(|(_, least)| indent > *least)
            && let Some(property) = section.properties.get_mut(name)
        {
            property.continue_with(content).map_err(malformed)?;
        } else if let Some(heading) = content.strip_prefix('[') {
            let heading = self::heading(heading).map_err(malformed)?.to_owned();
            sections.push(Section { heading, properties: Properties::new() });
            open = None;
        } else {
            let section = sections.last_mut().ok_or(malformed("a section before it"))?;
            let (name, value) = property(content).map_err(malformed)?;
            open = Some((name.clone(), indent));
            section.properties.insert(name, Property { value, nested: BTreeMap::new() });
        }
    }
    Ok(sections)
}

impl Property {
    fn continue_with(&mut self, line: &str) -> Result<(), &'static str> {
        if self.value.is_empty() {
            let (name, value) = property(line)?;
            self.nested.insert(name, value);
        } else {
            self.value.push('\n');
            self.value.push_str(line);
        }
        Ok(())
    }
}

const COMMENT: [char; 2] = ['#', ';'];

/// What stands in the brackets, of the line behind the first of them.
fn heading(line: &str) -> Result<&str, &'static str> {
    let (heading, rest) = line.split_once(']').ok_or("']' at the end of the heading")?;
    let rest = rest.trim_start();
    if !rest.is_empty() && !rest.starts_with(COMMENT) {
        return Err("nothing behind the heading");
    }
    Ok(heading.trim())
}

fn property(line: &str) -> Result<(String, String), &'static str> {
    let (name, value) = line.split_once('=').ok_or("a property, as name = value")?;
    let name = name.trim().to_ascii_lowercase();
    if name.is_empty() {
        return Err("a name in front of '='");
    }
    let value = if name == "credential_process" { value } else { without_comment(value) };
    Ok((name, value.trim().to_owned()))
}

fn without_comment(value: &str) -> &str {
    let comment = value.match_indices(COMMENT).map(|(at, _)| at);
    let spaced = |at: &usize| value.get(..*at).is_some_and(|v| v.ends_with(char::is_whitespace));
    comment.into_iter().find(spaced).and_then(|at| value.get(..at)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> String {
        let sections = parse(&format!("[s]\n{text}")).map_err(|error| error.expected).unwrap();
        sections[0].properties["name"].value.clone()
    }

    fn refused(text: &str) -> usize {
        parse(text).map(|_| ()).unwrap_err().line
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
        let sections = parse("[s]\ncredential_process = a --b ; c # d").ok().unwrap();
        assert_eq!(sections[0].properties["credential_process"].value, "a --b ; c # d");
    }

    #[test]
    fn indented_lines_go_on() {
        assert_eq!(
            value("name = one\n\ttwo ; no comment\n\n  # comment\n  three"),
            "one\ntwo ; no comment\nthree"
        );
        let sections = parse(concat!(
            "; comment\n[ services\tx ] # comment\n",
            "chime = \n",
            "  # comment\n",
            "  Endpoint_URL = http://a # comment\n",
            "\n",
            "  other=1\n",
            "last = 2\n",
        ));
        let sections = sections.ok().unwrap();
        assert_eq!(sections[0].heading, "services\tx");
        let nested = &sections[0].properties["chime"].nested;
        assert_eq!(nested["endpoint_url"], "http://a");
        assert_eq!(nested["other"], "1");
        assert_eq!(sections[0].properties["last"].value, "2");
        // Nothing to go on with: an indented line is a line like others.
        assert_eq!(value("  other = 1\n  name = value"), "value");
        assert_eq!(parse("\u{feff}[a]\n  [b]\n").ok().unwrap().len(), 2);
    }

    #[test]
    fn what_leaves_the_grammar_is_named_by_its_line() {
        assert_eq!(refused("a = b"), 1);
        assert_eq!(refused("[a\nb = c"), 1);
        assert_eq!(refused("[a] b\n"), 1);
        assert_eq!(refused("[a]\n\nsecret"), 3);
        assert_eq!(refused("[a]\n = secret"), 2);
        assert_eq!(refused("[a]\nb =\n secret"), 3);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn any_text_of_its_own_signs_is_read_or_refused(text in r"([\[\]=#; \t\r\nab\u{feff}ä])*") {
            if let Err(error) = parse(&text) {
                prop_assert!((1..=text.lines().count()).contains(&error.line));
            }
        }

        #[test]
        fn what_is_written_is_read(
            heading in "[a-z]{1,9}",
            written in proptest::collection::btree_map("[a-z_]{1,9}", "[!-\"$-:<-~]{1,9}", 0..9),
        ) {
            let lines = written.iter().map(|(name, value)| format!("{name} = {value}\n"));
            let sections = parse(&format!("[{heading}]\n{}", lines.collect::<String>()));
            let sections = sections.ok().unwrap();
            prop_assert_eq!(&sections[0].heading, &heading);
            let read = sections[0].properties.iter();
            let read: BTreeMap<_, _> = read.map(|(k, v)| (k.clone(), v.value.clone())).collect();
            prop_assert_eq!(read, written);
        }
    }
}
