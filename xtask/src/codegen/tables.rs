//! Prints the files that all groups use: the table of operations, shapes, texts, ids and exceptions.

use std::collections::BTreeSet;

use super::Printed;
use super::lower::{Exception, Id, IdKind, Model, ShapeStatic, ShapeValue, exception_variant};
use super::model::{doc_lines, folder, indent};

pub(super) fn print(model: &Model) -> Vec<Printed> {
    let folder = folder(model);
    let file = |name: &str, text| Printed { path: format!("{folder}/{name}.rs").into(), text };
    vec![
        Printed { path: format!("{folder}.rs").into(), text: service(model) },
        file("docs", docs(model)),
        file("ids", ids(model)),
        file("shapes", shapes(model)),
    ]
}

/// The module of the service, with its table of operations.
fn service(model: &Model) -> String {
    let service = &model.service;
    let modules: String =
        model.groups.iter().map(|group| format!("pub mod {};\n", group.name)).collect();
    let exports: String =
        model.groups.iter().map(|group| format!("pub use {}::*;\n", group.name)).collect();
    let requests = requests(model);
    let rows: String = requests.iter().map(|request| format!("{request}::INFO,\n")).collect();
    format!(
        "//! The types of requests and responses of {full_name}, version {version}.
        //!
        //! There is one module per group of resources; this module reexports all types. Every request
        //! has `new` with its required members, a setter for each other member, and a row in the table
        //! [`API`].

        use crate::{{Api, Method, Operation, OperationInfo, Service, Structure}};

        {modules}
        mod docs;
        pub mod ids;
        mod shapes;

        pub use ids::*;
        {exports}

        /// The names of {full_name} in endpoints, signatures and settings.
        pub static SERVICE: Service = Service {{
            id: {id:?},
            api_version: {version:?},
            endpoint_prefix: {prefix:?},
            signing_name: {signing:?},
            global_region: {region:?},
            regions: &{regions:?},
        }};

        /// All operations of {full_name}.
        pub static API: Api = Api {{ service: &SERVICE, operations: &[{rows}] }};

        /// The values that most rows of the table share.
        const DEFAULTS: OperationInfo = OperationInfo {{
            service: &SERVICE,
            name: \"\",
            group: \"\",
            doc: \"\",
            method: Method::Get,
            path: \"\",
            query: &[],
            status: 200,
            input: &Structure {{ name: \"\", members: &[] }},
            output: None,
            errors: shapes::COMMON_ERRORS,
            paging: None,
            batch: None,
            idempotency_token: None,
            idempotent: false,
        }};
        ",
        full_name = service.full_name,
        version = service.api_version,
        id = service.id,
        prefix = service.endpoint_prefix,
        signing = service.signing_name,
        region = service.global_region,
        regions = service.regions,
    )
}

/// The requests, sorted by the names of their operations.
fn requests(model: &Model) -> Vec<&str> {
    let mut requests: Vec<(&str, &str)> = model
        .groups
        .iter()
        .flat_map(|group| &group.structures)
        .filter_map(|structure| Some((&*structure.operation.as_ref()?.name, &*structure.name)))
        .collect();
    requests.sort_unstable();
    requests.into_iter().map(|(_, request)| request).collect()
}

/// Prints a list of all operations, for tests that are generic over an operation.
pub(super) fn print_test_list(models: &[Model]) -> Printed {
    let (mut services, mut arms) = (String::new(), String::new());
    for model in models {
        let module = &model.module;
        services += &format!("        every_operation!($check, {module});\n");
        arms += &format!("    ($check:ident, {module}) => {{\n");
        for request in requests(model) {
            arms += &format!("        $check::<chime_model::{module}::{request}>();\n");
        }
        arms += "    };\n";
    }
    let text = format!(
        "//! A list of all operations, for tests that are generic over an operation.

        /// Calls `$check::<O>()` for every operation `O`, of all services or of one.
        macro_rules! every_operation {{
    ($check:ident) => {{\n{services}    }};\n{arms}}}

        pub(crate) use every_operation;
        ",
    );
    Printed { path: "tests/it/generated/operations.rs".into(), text }
}

fn docs(model: &Model) -> String {
    let mut text =
        "//! The documentation of operations and members, for their rows.\n\n".to_owned();
    for (name, doc) in &model.texts {
        text += &format!("pub(super) const {name}: &str = {doc:?};\n");
    }
    text
}

fn ids(model: &Model) -> String {
    let list = |kind: IdKind| -> String {
        let ids = model.ids.iter().filter(|id| id.kind == kind);
        ids.map(|Id { name, doc, .. }| format!("{}{name};\n", doc_lines(doc))).collect()
    };
    let conversions: String =
        model.id_conversions.iter().map(|(from, to)| format!("{from} => {to};\n")).collect();
    format!(
        "//! Ids. Each kind of id has its own type, so that different kinds cannot be confused.\n{}{}{}{}",
        declaration("ids", &list(IdKind::Plain)),
        declaration("sensitive_ids", &list(IdKind::Sensitive)),
        declaration("phone_number_ids", &list(IdKind::PhoneNumber)),
        declaration("id_conversions", &conversions),
    )
}

fn declaration(name: &str, items: &str) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!("\n{name}! {{\n{}}}\n", indent(items))
}

fn shapes(model: &Model) -> String {
    let patterns: std::collections::BTreeMap<&str, &str> = model
        .shapes
        .iter()
        .filter_map(|shape| match &shape.value {
            ShapeValue::Text { pattern: Some(pattern), .. } => Some((&**pattern, &*shape.name)),
            _ => None,
        })
        .collect();
    let pattern_name = |pattern: &str| patterns.get(pattern).map(|name| format!("{name}_PATTERN"));
    let pattern_statics: String = patterns
        .keys()
        .map(|pattern| {
            let name = pattern_name(pattern).unwrap_or_default();
            format!("static {name}: Pattern = Pattern::new(r\"{pattern}\");\n")
        })
        .collect();
    let statics: String = model
        .shapes
        .iter()
        .map(|ShapeStatic { name, value }| {
            let value = match value {
                ShapeValue::Text { min: None, max: None, pattern: None, sensitive: false } => {
                    "Shape::Text(TextShape::ANY)".to_owned()
                }
                ShapeValue::Text { min, max, pattern, sensitive } => {
                    let pattern = pattern.as_deref().and_then(pattern_name);
                    let pattern =
                        pattern.map_or("None".to_owned(), |name| format!("Some(&{name})"));
                    format!(
                        "Shape::Text(TextShape {{ min: {min:?}, max: {max:?}, \
                         pattern: {pattern}, sensitive: {sensitive} }})"
                    )
                }
                ShapeValue::Enumeration(name) => format!(
                    "Shape::Enumeration(Enumeration {{ name: {name:?}, values: {name}::VALUES }})"
                ),
                ShapeValue::Boolean => "Shape::Boolean".to_owned(),
                ShapeValue::Integer { min, max } => {
                    format!("Shape::Integer(NumberShape {{ min: {min:?}, max: {max:?} }})")
                }
                ShapeValue::Float { min, max } => {
                    format!("Shape::Float(NumberShape {{ min: {min:?}, max: {max:?} }})")
                }
                ShapeValue::Timestamp(format) => {
                    format!("Shape::Timestamp(TimestampFormat::{format:?})")
                }
                ShapeValue::Map { key, value, min, max } => format!(
                    "Shape::Map(MapShape {{ key: &{key}, value: &{value}, min: {min:?}, max: {max:?} }})"
                ),
                ShapeValue::List { item, min, max } => format!(
                    "Shape::List(ListShape {{ item: &{item}, min: {min:?}, max: {max:?} }})"
                ),
                ShapeValue::Structure(name) => format!("Shape::Structure({name}::SHAPE)"),
            };
            format!("pub(super) static {name}: Shape = {value};\n")
        })
        .collect();
    let names = [
        "Enumeration",
        "NumberShape",
        "ListShape",
        "MapShape",
        "Pattern",
        "TextShape",
        "TimestampFormat",
    ];
    let mentioned = |name: &&str| statics.contains(*name) || pattern_statics.contains(*name);
    let mut imports: Vec<_> = names.into_iter().filter(mentioned).collect();
    imports.extend(["Describe", "Exception", "Shape"]);
    format!(
        "//! The shapes of all members, with the constraints of the API description.

        use super::*;
        use crate::{{{imports}}};

        /// The exceptions that most operations can return.
        pub(super) const COMMON_ERRORS: &[Exception] = {};

        {pattern_statics}

        {statics}",
        exception_list(&model.common_errors),
        imports = imports.join(", "),
    )
}

/// A list of exceptions in lines of moderate length, which rustfmt leaves alone.
pub(super) fn exception_list(variants: &[String]) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for variant in variants {
        length += variant.len() + 2;
        let break_before = if text.is_empty() || length > 80 { "\n            " } else { " " };
        if break_before.len() > 1 {
            length = variant.len() + 2;
        }
        text += &format!("{break_before}{variant},");
    }
    format!("exceptions! {{{text}\n        }}")
}

/// The exceptions that services share.
pub(super) fn print_exceptions(exceptions: &[Exception]) -> Printed {
    let mut variants = String::new();
    let mut statuses = String::new();
    let mut codes = String::new();
    let mut names = String::new();
    let mut known = BTreeSet::new();
    for Exception { name, status, codes: spellings } in exceptions {
        let variant = exception_variant(name);
        let doc = format!("HTTP {status}, `{}` in the body.", spellings[0]);
        variants += &format!("/// {doc}\n{variant} = {name:?},\n");
        statuses += &format!("Self::{variant} => {status},\n");
        codes += &format!("Self::{variant} => {:?},\n", spellings[0]);
        let new: Vec<_> = spellings.iter().filter(|code| known.insert(code.as_str())).collect();
        let new: Vec<_> = new.into_iter().map(|code| format!("{code:?}")).collect();
        if !new.is_empty() {
            names += &format!("{} => Self::{variant},\n", new.join(" | "));
        }
    }
    let text = format!(
        "//! The exceptions of all services.

        open_enum! {{\n{}}}

        impl Exception {{
            /// The HTTP status of the exception; `None` if it is unknown to this version.
            #[must_use]
            pub fn status(&self) -> Option<u16> {{
                Some(match self {{ {statuses} Self::Unknown(_) => return None, }})
            }}

            /// The short code of the exception in the body of errors; `None` if it is unknown to this version.
            #[must_use]
            pub fn code(&self) -> Option<&'static str> {{
                Some(match self {{ {codes} Self::Unknown(_) => return None, }})
            }}

            /// Finds an exception by its short code in the body of errors. Two services use the same code for
            /// different exceptions; this returns the first one by name.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {{
                Some(match code {{ {names} _ => return None, }})
            }}
        }}
        ",
        indent(&format!(
            "/// The exception that a service returned.\nException {{\n{}}}\n",
            indent(&variants)
        ))
    );
    Printed { path: "crates/chime-model/src/generated/exceptions.rs".into(), text }
}
