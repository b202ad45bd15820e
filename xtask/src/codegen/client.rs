//! Prints the client's named methods.

use super::Printed;
use super::lower::{Group, Model, Operation, Structure};
use super::model::{doc_lines, indent};
use super::names::{pascal, snake};

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
    let (service, module, view) = (&model.service.full_name, &model.module, pascal(&model.module));
    let text = format!(
        "//! The named methods of {service}.

        {modules}
        use crate::Client;

        /// The operations of {service}: see [`Client::{module}`].
        #[derive(Clone, Copy, Debug)]
        pub struct {view}<'c>(&'c Client);

        impl Client {{
            /// The operations of {service}.
            #[must_use]
            pub fn {module}(&self) -> {view}<'_> {{
                {view}(self)
            }}
        }}
        "
    );
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

        use super::{view};

        methods! {{ {view}\n{methods}}}\n",
        group.doc,
        model.module,
        imports.join(", "),
        view = pascal(&model.module),
    )
}

fn method(structure: &Structure, operation: &Operation) -> String {
    let mut doc = structure.doc.lines().next().unwrap_or_default().to_owned();
    if operation.paging.is_some() {
        doc += "\n\nReturns one page: see [`Client::items`](crate::Client::items) for all of them.";
    }
    if operation.batch.is_some() {
        doc += "\n\nFor any number of items see \
            [`Client::send_in_batches`](crate::Client::send_in_batches).";
    }
    let output = operation.output.as_deref().unwrap_or("()");
    let signature = format!("{}({}) -> {output};", snake(&operation.name), structure.name);
    indent(&format!("{}{signature}\n", doc_lines(&doc)))
}
