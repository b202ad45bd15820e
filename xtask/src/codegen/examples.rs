//! Writes the example in the docs of a request: everything it requires, and one thing more.

use super::lower::{Field, Model, Structure};
use super::names::snake;
use crate::Result;

/// Members that say more about the call than about what it does.
const TECHNICAL: [&str; 3] = ["ClientRequestToken", "MaxResults", "NextToken"];

/// The example as lines of documentation. It runs as a test: what it makes is valid.
pub(super) fn example(model: &Model, request: &Structure) -> Result<String> {
    let further = request
        .fields
        .iter()
        .find(|field| !field.required && !TECHNICAL.contains(&field.member.as_str()));
    let setter = match further {
        Some(field) => format!("\n    .{}({})", field.name, value(model, request, field)?),
        None => String::new(),
    };
    Ok(format!(
        "```\n# use chime_model::{{Validate, {}::*}};\nlet request = {}{setter};\n\
         # request.validate().unwrap();\n```",
        model.module,
        new(model, request)?,
    ))
}

fn new(model: &Model, structure: &Structure) -> Result<String> {
    let arguments = structure
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| value(model, structure, field))
        .collect::<Result<Vec<_>>>()?;
    Ok(format!("{}::new({})", structure.name, arguments.join(", ")))
}

fn value(model: &Model, structure: &Structure, field: &Field) -> Result<String> {
    let item = item(model, structure, field)?;
    Ok(if field.rust.list { format!("[{item}]") } else { item })
}

fn item(model: &Model, structure: &Structure, field: &Field) -> Result<String> {
    let rust = field.rust.item.as_str();
    let own = model.examples.get(&format!("{}.{}", structure.name, field.member));
    if let Some(text) = own.or_else(|| model.examples.get(&field.member)) {
        return Ok(format!("{text:?}"));
    }
    if model.ids.iter().any(|(id, _)| id == rust) {
        return Ok(format!("{:?}", snake(rust).replace('_', "-")));
    }
    let mut groups = model.groups.iter();
    if let Some(found) = groups.find_map(|group| group.enums.iter().find(|e| e.name == rust)) {
        let (variant, ..) = found.values.first().ok_or("an enum without values")?;
        return Ok(format!("{rust}::{variant}"));
    }
    let mut structures = model.groups.iter().flat_map(|group| &group.structures);
    if let Some(structure) = structures.find(|structure| structure.name == rust) {
        if structure.fields.iter().any(|field| field.required) {
            return new(model, structure);
        }
        let first = structure.fields.first().ok_or("a structure without members")?;
        return Ok(format!(
            "{rust}::default().{}({})",
            first.name,
            value(model, structure, first)?
        ));
    }
    match rust {
        "bool" => Ok("true".to_owned()),
        "i32" => Ok("30".to_owned()),
        _ => Err(format!("decisions.toml has no example for {}", field.member).into()),
    }
}
