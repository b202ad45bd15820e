//! Prints the client's named methods.

use super::Printed;
use super::lower::{Group, Model, Operation, Structure};
use super::model::doc_lines;
use super::names::snake;

pub(super) fn print(model: &Model) -> Vec<Printed> {
    let folder = format!("crates/chime-client/src/generated/{}", model.module);
    let mut modules = String::new();
    let mut files = Vec::new();
    for group in &model.groups {
        let operations: Vec<_> = group
            .structures
            .iter()
            .filter_map(|structure| Some((structure, structure.operation.as_ref()?)))
            .collect();
        if operations.is_empty() {
            continue;
        }
        modules += &format!("mod {};\n", group.name);
        let path = format!("{folder}/{}.rs", group.name).into();
        files.push(Printed { path, text: print_group(model, group, &operations) });
    }
    let text = format!("//! The named methods of {}.\n\n{modules}", model.service.full_name);
    files.push(Printed { path: format!("{folder}.rs").into(), text });
    files
}

fn print_group(model: &Model, group: &Group, operations: &[(&Structure, &Operation)]) -> String {
    let imports: Vec<&str> = operations
        .iter()
        .flat_map(|(structure, operation)| {
            [Some(&structure.name), operation.output.as_ref()].into_iter().flatten()
        })
        .map(String::as_str)
        .collect();
    let methods: String =
        operations.iter().map(|(structure, row)| method(structure, row)).collect();
    format!(
        "//! {}

        use chime_model::{}::{{{}}};

        use crate::{{Client, Error}};

        impl Client {{\n{methods}}}\n",
        group.doc,
        model.module,
        imports.join(", ")
    )
}

fn method(structure: &Structure, operation: &Operation) -> String {
    let mut doc = structure.doc.lines().next().unwrap_or_default().to_owned();
    if operation.paging.is_some() {
        doc += "\n\nOne page; [`pages`](Self::pages) and [`items`](Self::items) go on to the end.";
    }
    if operation.batch.is_some() {
        doc += "\n\nAny number of items goes by [`send_in_batches`](Self::send_in_batches).";
    }
    format!(
        "{}        pub fn {}(&self, request: {}) -> impl Future<Output = Result<{}, Error>> + Send {{
            self.send(request)
        }}\n\n",
        doc_lines(&doc),
        snake(&operation.name),
        structure.name,
        operation.output.as_deref().unwrap_or("()"),
    )
}
