//! Writes the examples in the docs of requests: all required members and one optional member.

use super::lower::{Container, Field, Model, ShapeValue, Structure};
use super::names::snake;

/// Members that are not used as the optional member, because they say little about the operation.
const TECHNICAL: [&str; 4] = ["ClientRequestToken", "MaxResults", "NextToken", "MeetingHostId"];

/// Returns the example as lines of documentation. It runs as a test, which checks that the request is valid.
/// Members without an example value are added to `missing`.
pub(super) fn example(model: &Model, request: &Structure, missing: &mut Vec<String>) -> String {
    let mut examples = Examples { model, missing };
    let further = request
        .fields
        .iter()
        .find(|field| !field.required && !TECHNICAL.contains(&field.member.as_str()));
    let setter = match further {
        Some(field) => format!("\n    .{}({})", field.name, examples.optional(request, field)),
        None => String::new(),
    };
    format!(
        "```\n# use chime_model::{{Validate, {}::*}};\nlet request = {}{setter};\n\
         # request.validate().unwrap();\n```",
        model.module,
        examples.new_structure(request),
    )
}

struct Examples<'a> {
    model: &'a Model,
    missing: &'a mut Vec<String>,
}

impl Examples<'_> {
    fn new_structure(&mut self, structure: &Structure) -> String {
        let required = structure.fields.iter().filter(|field| field.required);
        let arguments: Vec<_> = required.map(|field| self.value(structure, field)).collect();
        format!("{}::new({})", structure.name, arguments.join(", "))
    }

    /// The argument of a setter, in which a list must have exactly its type.
    fn optional(&mut self, structure: &Structure, field: &Field) -> String {
        let value = self.value(structure, field);
        let is_text = field.rust.container == Container::List && value.starts_with("[\"");
        match field.rust.item.as_str() {
            "String" if is_text => format!("{value}.map(str::to_owned)"),
            item if is_text => format!("{value}.map({item}::from)"),
            _ => value,
        }
    }

    fn value(&mut self, structure: &Structure, field: &Field) -> String {
        match field.rust.container {
            Container::None => self.item(structure, field),
            Container::List => {
                let item = self.item(structure, field);
                format!("[{}]", vec![item; self.fewest(field)].join(", "))
            }
            Container::Map => {
                format!("[(\"key\".to_owned(), {}.into())]", self.item(structure, field))
            }
        }
    }

    /// The minimum number of items of a list, at least 1.
    fn fewest(&self, field: &Field) -> usize {
        let shape = self.model.shapes.iter().find(|shape| shape.name == field.shape);
        match shape.map(|shape| &shape.value) {
            Some(ShapeValue::List { min: Some(min), .. }) => {
                usize::try_from(*min).unwrap_or(1).max(1)
            }
            _ => 1,
        }
    }

    /// 30, or the nearest number within the bounds of the shape.
    fn integer(&self, field: &Field) -> i64 {
        let shape = self.model.shapes.iter().find(|shape| shape.name == field.shape);
        match shape.map(|shape| &shape.value) {
            Some(ShapeValue::Integer { min, max }) => {
                30.max(min.unwrap_or(i64::MIN)).min(max.unwrap_or(i64::MAX))
            }
            _ => 30,
        }
    }

    fn item(&mut self, structure: &Structure, field: &Field) -> String {
        let model = self.model;
        let rust = field.rust.item.as_str();
        let own = format!("{}.{}", structure.name, field.member);
        let text = model.examples.get(&own).or_else(|| model.examples.get(&field.member));
        if let Some(text) = text {
            return format!("{text:?}");
        }
        if model.ids.iter().any(|id| id.name == rust) {
            return format!("{:?}", snake(rust).replace('_', "-"));
        }
        let mut enums = model.groups.iter().flat_map(|group| &group.enums);
        if let Some((variant, ..)) =
            enums.find(|item| item.name == rust).and_then(|item| item.values.first())
        {
            return format!("{rust}::{variant}");
        }
        let mut structures = model.groups.iter().flat_map(|group| &group.structures);
        if let Some(structure) = structures.find(|structure| structure.name == rust) {
            return match structure.fields.first() {
                Some(first) if !structure.fields.iter().any(|field| field.required) => {
                    format!("{rust}::default().{}({})", first.name, self.optional(structure, first))
                }
                _ => self.new_structure(structure),
            };
        }
        match rust {
            "bool" => "true".to_owned(),
            "i32" => self.integer(field).to_string(),
            _ if field.rust.container == Container::Map => "\"value\"".to_owned(),
            _ => {
                self.missing.push(own);
                String::new()
            }
        }
    }
}
