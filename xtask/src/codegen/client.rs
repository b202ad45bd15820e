//! Prints the client's named methods.

use super::Printed;
use super::lower::Model;
use super::names::snake;

pub(super) fn print(model: &Model) -> Vec<Printed> {
    model
        .groups
        .iter()
        .filter_map(|group| {
            let operations: Vec<_> = group
                .structures
                .iter()
                .filter_map(|structure| Some((structure, structure.operation.as_ref()?)))
                .collect();
            if operations.is_empty() {
                return None;
            }
            let methods: String = operations
                .iter()
                .map(|(structure, operation)| {
                    let summary = structure.doc.lines().next().unwrap_or_default();
                    format!(
                        "/// {summary}
                        #[inline]
                        pub fn {}(&self, request: {}) -> Answer<'_, {1}> {{
                            self.send(request)
                        }}\n\n",
                        snake(&operation.name),
                        structure.name
                    )
                })
                .collect();
            let imports: Vec<_> =
                operations.iter().map(|(structure, _)| structure.name.as_str()).collect();
            let text = format!(
                "//! {}

                use chime_model::{}::{{{}}};

                use crate::{{Answer, Client}};

                impl Client {{\n{methods}}}\n",
                group.doc,
                model.module,
                imports.join(", ")
            );
            let path = format!(
                "crates/chime-client/src/generated/{}/{}.rs",
                model.module, group.name
            );
            Some(Printed { path: path.into(), text })
        })
        .collect()
}
