//! Prints one file of types per group of resources.

use std::collections::BTreeSet;

use super::Printed;
use super::examples::example;
use super::lower::{
    Container, Enum, Field, Group, Model, Operation, Paging, Place, Problems, RustType, Source,
    Structure,
};
use super::names::pascal;
use super::tables::exception_list;
use crate::Result;

/// The folder of the service's modules.
pub(super) fn folder(model: &Model) -> String {
    format!("crates/chime-model/src/generated/{}", model.module)
}

const ENUM: &str = "open_enum! {";
const LEFT_OUT: &str = "skip_serializing_if = \"left_out\"";

pub(super) fn print(
    model: &Model,
    source: &Source,
    problems: &mut Problems,
) -> Result<Vec<Printed>> {
    let floats = structures_with_floats(model);
    let mut files = Vec::new();
    for group in &model.groups {
        let mut missing = Vec::new();
        files.push(print_group(model, group, &floats, &mut missing)?);
        for member in missing {
            problems.add(source, "decisions.toml", format!("examples: lacks {member}"));
        }
    }
    Ok(files)
}

/// The structures that contain a float at any depth, and so cannot implement `Eq`.
fn structures_with_floats(model: &Model) -> BTreeSet<&str> {
    let mut found = BTreeSet::from(["f64"]);
    loop {
        let known = found.len();
        for structure in model.groups.iter().flat_map(|group| &group.structures) {
            if structure.fields.iter().any(|field| found.contains(field.rust.item.as_str())) {
                found.insert(&structure.name);
            }
        }
        if found.len() == known {
            return found;
        }
    }
}

fn print_group(
    model: &Model,
    group: &Group,
    floats: &BTreeSet<&str>,
    missing: &mut Vec<String>,
) -> Result<Printed> {
    let mut body = String::new();
    for item in &group.enums {
        body += &print_enum(item);
    }
    for structure in &group.structures {
        let example = match &structure.operation {
            Some(_) => format!("\n\n{}", example(model, structure, missing)),
            None => String::new(),
        };
        let has_float = floats.contains(structure.name.as_str());
        body += &print_structure(structure, &format!("{}{example}", structure.doc), has_float);
        if let Some(operation) = &structure.operation {
            body += &print_operation(&structure.name, operation, &model.common_errors);
            body += &print_lists(model, group, &structure.name, operation)?;
        }
    }
    let text = format!("//! {}\n\n{}\n\n{body}", group.doc, imports(model, group, &body));
    Ok(Printed { path: format!("{}/{}.rs", folder(model), group.name).into(), text })
}

/// The `use` lines for all names that the code of a group uses and does not define.
fn imports(model: &Model, group: &Group, body: &str) -> String {
    let words = words(body);
    let mentioned = |name: &str| words.contains(&name);
    let mut lines = Vec::new();
    let mut line = |path: &str, names: Vec<&str>| {
        if !names.is_empty() {
            lines.push(format!("use {path}::{{{}}};", names.join(", ")));
        }
    };
    let pick = |names: &[&'static str]| -> Vec<&'static str> {
        names.iter().copied().filter(|name| mentioned(name)).collect()
    };

    line("serde", pick(&["Serialize"]));
    if mentioned("OffsetDateTime") {
        line("serde_with", vec!["As"]);
        line("time", vec!["OffsetDateTime"]);
        let formats = ["EpochSeconds", "Iso8601"];
        let used = |format: &&str| body.contains(&format!("<{format}>"));
        line("crate::timestamp", formats.into_iter().filter(used).collect());
    }
    let mut names = pick(&[
        "Batch",
        "Exception",
        "Method",
        "Operation",
        "OperationInfo",
        "Paging",
        "SensitiveMap",
        "SensitiveString",
    ]);
    if !group.structures.is_empty() {
        names.push("Describe");
    }
    line("crate", names);
    if body.contains(LEFT_OUT) {
        line("crate::nulls", vec!["left_out"]);
    }
    let mut own = pick(&["DEFAULTS"]);
    own.extend(["docs", "shapes"]);
    line("super", if group.structures.is_empty() { Vec::new() } else { own });
    let ids = model.ids.iter().map(|id| id.name.as_str()).filter(|name| mentioned(name));
    line("super::ids", ids.collect());
    for other in model.groups.iter().filter(|other| other.name != group.name) {
        let enums = other.enums.iter().map(|item| item.name.as_str());
        let structures = other.structures.iter().map(|structure| structure.name.as_str());
        let names = enums.chain(structures).filter(|name| mentioned(name)).collect();
        line(&format!("super::{}", other.name), names);
    }
    lines.join("\n")
}

/// The words of the code, without comments, string literals and the declarations of enums.
fn words(code: &str) -> BTreeSet<&str> {
    let (first, rest) = code.split_once(ENUM).unwrap_or((code, ""));
    let rest = rest.split(ENUM).filter_map(|part| part.split_once("\n}\n"));
    std::iter::once(first)
        .chain(rest.map(|(_, after)| after))
        .flat_map(str::lines)
        .filter(|line| !line.trim_start().starts_with("///"))
        .flat_map(|line| line.split('"').step_by(2))
        .flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect()
}

pub(super) fn doc_lines(doc: &str) -> String {
    doc.lines().map(|line| format!("/// {line}").trim_end().to_owned() + "\n").collect()
}

fn print_enum(item: &Enum) -> String {
    let values: String = item
        .values
        .iter()
        .map(|(variant, value, doc)| format!("{}{variant} = {value:?},\n", doc_lines(doc)))
        .collect();
    let text = format!("{}{} {{\n{}}}\n", doc_lines(&item.doc), item.name, indent(&values));
    format!("{ENUM}\n{}}}\n\n", indent(&text))
}

/// Indents text by one level, because rustfmt does not format the input of our macros.
pub(super) fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn print_structure(structure: &Structure, doc: &str, has_float: bool) -> String {
    let name = &structure.name;
    let default =
        if structure.fields.iter().any(|field| field.required) { "" } else { "Default, " };
    let equality = if has_float { "" } else { ", Eq, Hash" };
    // serde writes fields in the order of declaration, and the service sorts the keys of its responses by name.
    // Descriptions and arguments keep the order of the API.
    let mut fields: Vec<&Field> = structure.fields.iter().collect();
    if structure.operation.is_none() {
        fields.sort_by_key(|field| &field.member);
    }
    let fields: String = fields.into_iter().map(print_field).collect();
    format!(
        "{}#[derive(Clone, Debug, {default}PartialEq{equality}, Serialize)]
        #[serde(rename_all = \"PascalCase\")]
        #[non_exhaustive]
        pub struct {name} {{
            {fields}
        }}

        {}
        describe! {{ {name} {{\n{}}} }}

        ",
        doc_lines(doc),
        print_constructors(structure),
        indent(&structure.fields.iter().map(print_member).collect::<String>()),
    )
}

fn print_field(field: &Field) -> String {
    let mut attributes = Vec::new();
    if pascal(&field.name) != field.member {
        attributes.push(format!("rename = {:?}", field.member));
    }
    let timestamp = match (field.rust.item.as_str(), field.shape.as_str()) {
        ("OffsetDateTime", "EPOCH_SECONDS_TIME") => Some("EpochSeconds"),
        ("OffsetDateTime", _) => Some("Iso8601"),
        _ => None,
    };
    match timestamp {
        Some(format) if field.required => attributes.push(format!("with = \"As::<{format}>\"")),
        Some(format) => attributes.push(format!("with = \"As::<Option<{format}>>\"")),
        None => {}
    }
    if !field.required {
        attributes.push(LEFT_OUT.to_owned());
    }
    let attributes = match attributes.join(", ") {
        none if none.is_empty() => none,
        some => format!("#[serde({some})]\n"),
    };
    let rust = rust_type(&field.rust);
    let rust = if field.required { rust } else { format!("Option<{rust}>") };
    format!("{}{attributes}pub {}: {rust},\n", doc_lines(&field.doc), field.name)
}

fn rust_type(rust: &RustType) -> String {
    match rust.container {
        Container::None => rust.item.clone(),
        Container::List => format!("Vec<{}>", rust.item),
        Container::Map => format!("SensitiveMap<{}>", rust.item),
    }
}

/// Prints `new` with all required members, and setters for the others.
fn print_constructors(structure: &Structure) -> String {
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut setters = Vec::new();
    for Field { name, rust, required, .. } in &structure.fields {
        let converts = !matches!(rust.item.as_str(), "bool" | "f64" | "i32" | "OffsetDateTime");
        if !required {
            values.push(format!("{name}: None"));
            let bare = name.trim_start_matches("r#");
            setters.push(format!("{name}, set_{bare}: {},", rust_type(rust)));
        } else if rust.container == Container::Map {
            arguments.push(format!("{name}: impl Into<{}>", rust_type(rust)));
            values.push(format!("{name}: {name}.into()"));
        } else if rust.container == Container::List {
            arguments.push(format!("{name}: impl IntoIterator<Item = impl Into<{}>>", rust.item));
            values.push(format!("{name}: {name}.into_iter().map(Into::into).collect()"));
        } else if converts {
            arguments.push(format!("{name}: impl Into<{}>", rust.item));
            values.push(format!("{name}: {name}.into()"));
        } else {
            arguments.push(format!("{name}: {}", rust.item));
            values.push(name.clone());
        }
    }
    let setters = match setters.join(" ") {
        none if none.is_empty() => none,
        // As rustfmt would format them: short arguments on one line, long ones on a line each.
        some if some.len() < 75 => format!("setters! {{ {} }}\n", some.trim_end_matches(',')),
        _ => format!("setters! {{\n{}    }}\n", indent(&indent(&setters.join("\n")))),
    };
    let (doc, body) = if arguments.is_empty() {
        ("Creates a request with no member set.", "Self::default()".to_owned())
    } else {
        ("Creates a value with its required members.", format!("Self {{ {} }}", values.join(", ")))
    };
    let new = format!(
        "/// {doc}
        #[must_use]
        pub fn new({}) -> Self {{
            {body}
        }}\n",
        arguments.join(", "),
    );
    // Without required members, `Default` suffices; only requests always have `new`.
    let new =
        if arguments.is_empty() && structure.operation.is_none() { String::new() } else { new };
    if new.is_empty() && setters.is_empty() {
        return String::new();
    }
    format!("impl {} {{\n{new}\n{setters}}}\n\n", structure.name)
}

fn print_member(field: &Field) -> String {
    let Field { member, shape, doc_const, .. } = field;
    let required = if field.required { "required_" } else { "" };
    let place = match &field.place {
        Place::Label(label) => format!("label({member:?}, {label:?}"),
        Place::Query(parameter) => format!("{required}query({member:?}, {parameter:?}"),
        Place::Header(header) => format!("{required}header({member:?}, {header:?}"),
        Place::Body => format!("{required}body({member:?}"),
    };
    format!("{}: {place}, {shape}, {doc_const}),\n", field.name)
}

/// Prints which members hold the pages of a list or the items of a batch.
fn print_lists(
    model: &Model,
    group: &Group,
    request: &str,
    operation: &Operation,
) -> Result<String> {
    let member = |structure: &str, member: &str| {
        let structure = group.structures.iter().find(|one| one.name == structure);
        let mut fields = structure.into_iter().flat_map(|structure| &structure.fields);
        let field = fields.find(|field| field.member == member);
        let field = field.ok_or_else(|| format!("{}: no list {member}", operation.name))?;
        Ok::<_, String>(format!("{}: {}", field.name, field.rust.item))
    };
    let output = operation.output.as_deref().unwrap_or_default();
    let mut text = String::new();
    if let Some(paging) = &operation.paging {
        text += &format!("paged! {{ {request} {{ {} }} }}\n\n", member(output, &paging.items)?);
    }
    if let Some((items, _)) = &operation.batch {
        let items = member(request, items)?;
        let lists = response_lists(model, output).join(", ");
        text += &format!("batch! {{ {request} {{ {items} => {lists} }} }}\n\n");
    }
    Ok(text)
}

/// The lists of a response, including lists in its structures.
fn response_lists(model: &Model, response: &str) -> Vec<String> {
    let fields = |name: &str| {
        let mut structures = model.groups.iter().flat_map(|group| &group.structures);
        structures.find(|it| it.name == name).map_or(&[][..], |it| &it.fields)
    };
    let is_list = |field: &&Field| field.rust.container == Container::List;
    let mut lists = Vec::new();
    for field in fields(response) {
        if is_list(&field) {
            lists.push(field.name.clone());
        }
        let inner = fields(&field.rust.item).iter().filter(|_| !is_list(&field)).filter(is_list);
        lists.extend(inner.map(|inner| format!("{}.{}", field.name, inner.name)));
    }
    lists
}

fn print_operation(request: &str, operation: &Operation, common_errors: &[String]) -> String {
    let mut rest = String::new();
    let mut line = |name: &str, value: String| rest += &format!("\n{name}: {value},");
    if !operation.query.is_empty() {
        let pairs = operation.query.iter().map(|(name, value)| format!("({name:?}, {value:?})"));
        line("query", format!("&[{}]", pairs.collect::<Vec<_>>().join(", ")));
    }
    if let Some(output) = &operation.output {
        line("output", format!("Some({output}::SHAPE)"));
    }
    if operation.errors != common_errors {
        line("errors", exception_list(&operation.errors));
    }
    if let Some(Paging { items, limit }) = &operation.paging {
        line(
            "paging",
            format!(
                "Some(Paging {{ input_token: \"NextToken\", output_token: \"NextToken\", \
                 items: {items:?}, limit: {limit:?} }})"
            ),
        );
    }
    if let Some((items, failures)) = &operation.batch {
        line("batch", format!("Some(Batch {{ items: {items:?}, failures: {failures:?} }})"));
    }
    if let Some(token) = &operation.idempotency_token {
        line("idempotency_token", format!("Some({token:?})"));
    }
    if operation.idempotent {
        line("idempotent", "true".to_owned());
    }
    format!(
        "impl Operation for {request} {{
            type Output = {};
            const INFO: &'static OperationInfo = &OperationInfo {{
                name: {:?},
                group: {:?},
                doc: docs::{},
                method: Method::{},
                path: {:?},
                status: {},
                input: Self::SHAPE,{rest}
                ..DEFAULTS
            }};
        }}

        ",
        operation.output.as_deref().unwrap_or("()"),
        operation.name,
        operation.group,
        operation.doc_const,
        operation.method,
        operation.path,
        operation.status,
    )
}
