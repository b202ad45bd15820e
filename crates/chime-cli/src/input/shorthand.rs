//! The shorthand syntax of the AWS CLI for structures, maps and lists of them:
//! `Name=a,Roles=b,c,Tag={Key=k},Ids=[1,2],Note="a, b",Text@=file://f`.

use serde_json::{Map, Value};

/// How deep lists and structures may nest.
const MAX_DEPTH: usize = 64;

/// What is wrong with a text. It does not quote the text, which may be private.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The position, counted in characters from 1.
    pub(super) position: usize,
    pub(super) reason: String,
}

/// Parses one value. `file` returns the content that the value of an `@=` member names.
///
/// All scalars are text. Their shapes say what they are: see [`typed`](super::typed::typed).
///
/// # Errors
/// Returns the first fault.
pub(super) fn parse(
    text: &str,
    file: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Map<String, Value>, Fault> {
    let mut parser = Parser { text: text.chars().collect(), at: 0, depth: 0, file };
    let mut members = Map::new();
    loop {
        let start = parser.at;
        let (key, is_file) = parser.key()?;
        let value = parser.values(is_file)?;
        parser.insert(&mut members, key, value, start)?;
        if parser.at_end() {
            return Ok(members);
        }
        parser.expect(',')?;
    }
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    depth: usize,
    file: &'a dyn Fn(&str) -> Result<String, String>,
}

impl Parser<'_> {
    fn current(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn fault<T>(&self, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { position: self.at + 1, reason: reason.into() })
    }

    fn skip_space(&mut self) {
        while self.current().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Skips the character, with space around it, if it is the next one.
    fn skip(&mut self, c: char) -> bool {
        self.skip_space();
        let found = self.current() == Some(c);
        if found {
            self.at += 1;
            self.skip_space();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<(), Fault> {
        match self.skip(c) {
            true => Ok(()),
            false if self.at_end() => self.fault(format!("expected '{c}' before the end")),
            false => self.fault(format!("expected '{c}'")),
        }
    }

    fn insert(
        &self,
        members: &mut Map<String, Value>,
        key: String,
        value: Value,
        start: usize,
    ) -> Result<(), Fault> {
        match members.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(Fault {
                position: start + 1,
                reason:
                    "this member is set already; put a space between the items of a list, not a \
                    comma"
                        .to_owned(),
            }),
        }
    }

    /// Reads `key=` or `key@=`. Returns whether the value may name a file.
    fn key(&mut self) -> Result<(String, bool), Fault> {
        let is_key = |c: &char| c.is_ascii_alphanumeric() || "-_.#/:".contains(*c);
        let key: String = self.text.iter().skip(self.at).take_while(|c| is_key(c)).collect();
        self.at += key.len();
        let is_file = self.skip('@');
        self.expect('=')?;
        Ok((key, is_file))
    }

    /// The value of a member at the top: one value, or several with commas between them.
    fn values(&mut self, is_file: bool) -> Result<Value, Fault> {
        match self.current() {
            None => return Ok("".into()),
            Some('[' | '{') => return self.nested(is_file),
            _ => {}
        }
        let first = self.first_value(is_file)?;
        let mut list = vec![first];
        loop {
            let before_comma = self.at;
            if !self.skip(',') {
                break;
            }
            // The word behind a comma may be the next key.
            match self.second_value(is_file)? {
                Some(value) if self.is_behind_value() => list.push(value),
                _ => {
                    self.at = before_comma;
                    break;
                }
            }
        }
        Ok(match list.pop() {
            Some(only) if list.is_empty() => only,
            Some(last) => {
                list.push(last);
                list.into()
            }
            None => Value::Null,
        })
    }

    /// Whether a value ends here: at the end or before a comma.
    fn is_behind_value(&mut self) -> bool {
        self.skip_space();
        matches!(self.current(), None | Some(','))
    }

    /// A list in brackets, a structure in braces, or a single value.
    fn nested(&mut self, is_file: bool) -> Result<Value, Fault> {
        let (open, close) = match self.current() {
            Some('[') => ('[', ']'),
            Some('{') => ('{', '}'),
            _ => return self.first_value(is_file),
        };
        if self.depth == MAX_DEPTH {
            return self.fault(format!("nested deeper than {MAX_DEPTH}"));
        }
        self.depth += 1;
        self.expect(open)?;
        let (mut items, mut members) = (Vec::new(), Map::new());
        while self.current() != Some(close) {
            if open == '[' {
                items.push(self.nested(is_file)?);
            } else {
                let start = self.at;
                let (key, is_file) = self.key()?;
                let value = self.nested(is_file)?;
                self.insert(&mut members, key, value, start)?;
            }
            self.skip_space();
            if self.current() != Some(close) {
                self.expect(',')?;
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(if open == '[' { items.into() } else { members.into() })
    }

    /// A value behind `=`. It may be empty, and may contain `=`, `[` and `{`.
    fn first_value(&mut self, is_file: bool) -> Result<Value, Fault> {
        let follows = |c: char| !"\"',]}".contains(c);
        match self.quoted()? {
            Some(text) => self.resolved(text, is_file),
            None => {
                let text = self.word(follows).unwrap_or_default();
                self.resolved(text, is_file)
            }
        }
    }

    /// A further value of a list without brackets. `None` if there is none.
    fn second_value(&mut self, is_file: bool) -> Result<Option<Value>, Fault> {
        let follows = |c: char| !"\"',=".contains(c);
        let text = match self.quoted()? {
            Some(text) => Some(text),
            None => self.word(follows),
        };
        // Files are read only once it is clear that this is no key.
        let is_file = is_file && self.is_behind_value();
        text.map(|text| self.resolved(text, is_file)).transpose()
    }

    /// A word: a comma in it is written `\,`. Space behind it does not count.
    fn word(&mut self, follows: impl Fn(char) -> bool) -> Option<String> {
        let starts = |c: char| !c.is_whitespace() && !"\"',=[{".contains(c);
        let mut word = String::new();
        loop {
            match (self.current()?, self.text.get(self.at + 1)) {
                ('\\', Some(',')) => {
                    word.push(',');
                    self.at += 2;
                }
                (c, _) if if word.is_empty() { starts(c) } else { follows(c) } => {
                    word.push(c);
                    self.at += 1;
                }
                _ => break,
            }
            if self.at_end() {
                break;
            }
        }
        (!word.is_empty()).then(|| word.trim_end().to_owned())
    }

    /// Text in single or double quotes: the quote in it and a backslash are written behind a
    /// backslash.
    fn quoted(&mut self) -> Result<Option<String>, Fault> {
        let Some(quote @ ('"' | '\'')) = self.current() else { return Ok(None) };
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        while let Some(c) = self.current() {
            self.at += 1;
            match (c, self.current()) {
                ('\\', Some(next)) if next == quote || next == '\\' => {
                    text.push(next);
                    self.at += 1;
                }
                (c, _) if c == quote => return Ok(Some(text)),
                (c, _) => text.push(c),
            }
        }
        self.at = start;
        self.fault("this quote is never closed")
    }

    fn resolved(&self, text: String, is_file: bool) -> Result<Value, Fault> {
        if !is_file {
            return Ok(text.into());
        }
        (self.file)(&text).map(Value::from).or_else(|reason| self.fault(reason))
    }
}

#[cfg(test)]
mod tests;
