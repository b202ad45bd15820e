//! The intermediate form: the names and contents of all Rust items, before they are printed.

use std::collections::BTreeMap;

/// The model of a service, with all items in the order in which they are printed.
pub(crate) struct Model {
    pub(crate) module: String,
    pub(crate) service: Service,
    pub(crate) ids: Vec<Id>,
    pub(crate) id_conversions: Vec<(String, String)>,
    pub(crate) groups: Vec<Group>,
    pub(crate) shapes: Vec<ShapeStatic>,
    /// The exceptions that most operations list.
    pub(crate) common_errors: Vec<String>,
    pub(crate) texts: BTreeMap<String, String>,
    /// The values for examples, by member.
    pub(crate) examples: BTreeMap<String, String>,
}

pub(crate) struct Service {
    pub(crate) id: String,
    pub(crate) full_name: String,
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) signing_name: String,
    pub(crate) global_region: Option<String>,
    pub(crate) regions: Vec<String>,
}

/// The macro that declares an id.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum IdKind {
    Plain,
    Sensitive,
    PhoneNumber,
}

pub(crate) struct Id {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) kind: IdKind,
}

pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) enums: Vec<Enum>,
    pub(crate) structures: Vec<Structure>,
}

pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// The variants, each with its value and documentation.
    pub(crate) values: Vec<(String, String, String)>,
}

pub(crate) struct Structure {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) operation: Option<Operation>,
}

pub(crate) struct Field {
    /// The name in the API.
    pub(crate) member: String,
    pub(crate) name: String,
    /// The type without `Option`.
    pub(crate) rust: RustType,
    pub(crate) required: bool,
    pub(crate) place: Place,
    /// The static that describes its shape.
    pub(crate) shape: String,
    pub(crate) doc: String,
    pub(crate) doc_const: String,
}

pub(crate) struct RustType {
    pub(crate) item: String,
    pub(crate) container: Container,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Container {
    None,
    List,
    /// A map with sensitive keys.
    Map,
}

#[derive(Clone)]
pub(crate) enum Place {
    Label(String),
    Query(String),
    Header(String),
    Body,
}

pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) group: String,
    pub(crate) doc_const: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) status: u16,
    pub(crate) output: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) paging: Option<Paging>,
    pub(crate) batch: Option<(String, String)>,
    pub(crate) idempotency_token: Option<String>,
    pub(crate) idempotent: bool,
}

pub(crate) struct Paging {
    pub(crate) items: String,
    pub(crate) limit: Option<String>,
}

/// An exception, which services may share.
pub(crate) struct Exception {
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) codes: Vec<String>,
}

/// A static of the module `shapes`, with its name and value.
pub(crate) struct ShapeStatic {
    pub(crate) name: String,
    pub(crate) value: ShapeValue,
}

pub(crate) enum ShapeValue {
    Text { min: Option<i64>, max: Option<i64>, pattern: Option<String>, sensitive: bool },
    Enumeration(String),
    Boolean,
    Integer { min: Option<i64>, max: Option<i64> },
    Float { min: Option<i64>, max: Option<i64> },
    Timestamp(TimestampFormat),
    List { item: String, min: Option<i64>, max: Option<i64> },
    Map { key: String, value: String, min: Option<i64>, max: Option<i64> },
    Structure(String),
}

/// The format of a timestamp. The variants are named like those of chime-model and like its serde adapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TimestampFormat {
    Iso8601,
    EpochSeconds,
}
