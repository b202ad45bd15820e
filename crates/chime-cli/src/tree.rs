//! The result of an operation as values whose members are in the order of the API.

use std::borrow::Cow;
use std::rc::Rc;

use chime_client::model::{Shape, Structure, timestamp};
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Number, Value};
use time::OffsetDateTime;

/// A value. Lists and maps are shared, so that a query copies no data.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    List(Rc<[Tree]>),
    Map(Rc<[Member]>),
}

/// How timestamps are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// As Python's `isoformat` writes them.
    Iso8601,
    /// As the service wrote them.
    Wire,
}

/// A name and its value. Names of the API are not copied.
pub(crate) type Member = (Cow<'static, str>, Tree);

impl Tree {
    /// Orders the members of an output. Members that the API does not describe and those that are
    /// null are left out.
    pub(crate) fn of(
        structure: &'static Structure,
        mut members: Map<String, Value>,
        times: Times,
    ) -> Self {
        let known = structure.members.iter().filter_map(|member| {
            let value = members.remove(member.name).filter(|value| !value.is_null())?;
            Some((Cow::Borrowed(member.name), Self::shaped(member.shape, value, times)))
        });
        Self::Map(known.collect())
    }

    fn shaped(shape: &'static Shape, value: Value, times: Times) -> Self {
        match (shape, value) {
            (Shape::Structure(structure), Value::Object(members)) => {
                Self::of(structure, members, times)
            }
            (Shape::List(list), Value::Array(items)) => {
                items.into_iter().map(|item| Self::shaped(list.item, item, times)).collect()
            }
            (Shape::Timestamp(_), Value::String(text)) if times == Times::Iso8601 => {
                timestamp::parse(&text).map_or_else(|_| text.as_str().into(), iso_format)
            }
            (Shape::Timestamp(_), Value::Number(number)) if times == Times::Iso8601 => {
                let time = number.as_f64().and_then(timestamp::from_seconds);
                time.map_or(Self::Number(number), iso_format)
            }
            (_, value) => value.into(),
        }
    }

    /// Returns the members if this is a map.
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match self {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the items if this is a list.
    pub(crate) fn items(&self) -> Option<&[Tree]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the value of a member; `None` if there is none or this is not a map.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        self.members()?.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Whether this is neither a list nor a map.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Whether this is a list or a map without content.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(members) => members.is_empty(),
            _ => false,
        }
    }

    /// Returns a scalar as the AWS CLI writes it outside of JSON and YAML, where Python's spelling
    /// shows. A list or a map is written as JSON.
    pub(crate) fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Null => "None".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Number(number) => number.to_string().into(),
            Self::Text(text) => (&**text).into(),
            Self::List(_) | Self::Map(_) => serde_json::to_string(self).unwrap_or_default().into(),
        }
    }
}

/// Writes a time as Python's `isoformat` does, in the offset in which it was given.
fn iso_format(time: OffsetDateTime) -> Tree {
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second, micro) = time.to_hms_micro();
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    let (hours, minutes, _) = time.offset().as_hms();
    let sign = if time.offset().is_negative() { '-' } else { '+' };
    let (hours, minutes) = (hours.unsigned_abs(), minutes.unsigned_abs());
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}\
         {sign}{hours:02}:{minutes:02}"
    )
    .into()
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => text.into(),
            Value::Array(items) => items.into_iter().map(Self::from).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
            }
        }
    }
}

impl FromIterator<Tree> for Tree {
    fn from_iter<I: IntoIterator<Item = Tree>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

impl FromIterator<Member> for Tree {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        Self::Map(members.into_iter().collect())
    }
}

/// The order of members does not matter, nor whether a number is written with a fraction.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(name, value)| other.get(name) == Some(value))
            }
            _ => false,
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Map(members) => serializer.collect_map(members.iter().map(|(k, v)| (k, v))),
        }
    }
}
