//! The API description: the facts of a `service-2.json`, without its prose.
//!
//! A key that is neither a known fact nor prose is an error, so that no new kind of fact is lost.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Result;

/// The description of a service.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) deprecated: bool,
    pub(crate) metadata: Metadata,
    pub(crate) operations: Named<Operation>,
    pub(crate) shapes: Named<Shape>,
    pub(crate) version: String,
    #[serde(default, skip_serializing, rename = "documentation")]
    _prose: Prose,
    #[serde(default, skip_serializing, rename = "deprecatedMessage")]
    _reason: Prose,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) auth: Vec<String>,
    pub(crate) endpoint_prefix: String,
    pub(crate) protocol: String,
    pub(crate) protocols: Vec<String>,
    pub(crate) service_full_name: String,
    pub(crate) service_id: String,
    pub(crate) signature_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signing_name: Option<String>,
    pub(crate) uid: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Operation {
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) deprecated: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Reference>,
    pub(crate) http: Http,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) idempotent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Reference>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Reference>,
    #[serde(default, skip_serializing, rename = "documentation")]
    _prose: Prose,
    #[serde(default, skip_serializing, rename = "deprecatedMessage")]
    _reason: Prose,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deprecated_since: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_code: Option<u16>,
}

/// The use of a shape: by a member, a list, an operation.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reference {
    #[serde(rename = "box", default, skip_serializing_if = "is_false")]
    pub(crate) boxed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) idempotency_token: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    pub(crate) shape: String,
    #[serde(default, skip_serializing, rename = "documentation")]
    _prose: Prose,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shape {
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorTrait>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) exception: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) fault: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Named<Reference>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) required: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timestamp_format: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Reference>,
    #[serde(default, skip_serializing, rename = "documentation")]
    _prose: Prose,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ErrorTrait {
    pub(crate) http_status_code: u16,
}

impl Api {
    /// Reads the facts in `file`.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        Ok(serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", file.display()))?)
    }

    /// Finds a shape by name.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        Ok(self.shapes.get(name).ok_or_else(|| format!("no shape is named {name}"))?)
    }
}

impl Shape {
    /// The members of a structure, in the order of the description.
    pub(crate) fn members(&self) -> impl Iterator<Item = &(String, Reference)> {
        self.members.iter().flat_map(|members| &members.0)
    }
}

/// Documentation, which is discarded.
#[derive(Debug, Default)]
struct Prose;

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A JSON object that keeps the order of its members.
#[derive(Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<(String, T)>);

impl<T> Named<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Named(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}
