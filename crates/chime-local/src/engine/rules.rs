//! Rules: limits and options of services, as a document.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::engine::document::{self, InvalidDocument, closest};

/// Declares rules, each with its type and its default. In a document, their names are in Pascal
/// case.
macro_rules! rules {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$note:meta])* $rule:ident: $type:ty = $default:expr,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        pub struct $name {
            $($(#[$note])* pub $rule: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($rule: $default,)+ }
            }
        }
    };
}
pub(crate) use rules;

/// Parses rules. Unset ones have their defaults.
///
/// # Errors
/// The names of unknown rules and of rules with an invalid value. The value is not included.
pub(crate) fn parse<R: Default + Serialize + DeserializeOwned>(
    text: &str,
) -> Result<R, InvalidDocument> {
    let document = document::read(text)?;
    let Value::Object(members) = &document else {
        return Err(InvalidDocument::one("rules must be an object"));
    };
    let known = serde_json::to_value(R::default()).unwrap_or_default();
    let names = || known.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let problem = |(name, value): (&String, &Value)| {
        if names().any(|known| known == name) {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            let read = serde_json::from_value::<R>(Value::Object(alone));
            return read.is_err().then(|| format!("{name}: invalid value"));
        }
        let hint = closest(name, names()).map(|name| format!("; did you mean {name}?"));
        Some(format!("{name}: unknown rule{}", hint.unwrap_or_default()))
    };
    InvalidDocument::unless_none(members.iter().filter_map(problem).collect())?;
    serde_json::from_value(document).map_err(|_| InvalidDocument::one("rules must be an object"))
}
