//! The intermediate form: what each item of Rust is called and holds, before it is text.

use std::collections::BTreeMap;

/// Everything that is printed, in the order in which it is printed.
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
    /// What the examples say, by member.
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
    /// Variant, value, text.
    pub(crate) values: Vec<(String, String, String)>,
}

pub(crate) struct Structure {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) operation: Option<Operation>,
}

pub(crate) struct Field {
    /// The name of the API.
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
    /// A map from sensitive text.
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

/// A static of the module `shapes`: its name, and the value that it has.
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

/// How a timestamp is written: the name of the variant, and of the adapter for serde.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TimestampFormat {
    Iso8601,
    EpochSeconds,
}
