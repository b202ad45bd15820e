//! `--generate-cli-skeleton`: the input or the output of an operation with placeholders, from its row.

use chime_client::model::{MemberInfo, OperationInfo, Shape, Structure};

use crate::output::json;
use crate::tree::Tree;

// The kinds of skeletons.
pub(crate) const INPUT: &str = "input";
pub(crate) const YAML_INPUT: &str = "yaml-input";
pub(crate) const OUTPUT: &str = "output";

/// Python prints its first second without an offset.
const EPOCH: &str = "1970-01-01T00:00:00";

/// Returns the input as JSON, or as YAML with what each member means.
pub(crate) fn input(info: &OperationInfo, kind: &str) -> String {
    if kind == INPUT {
        return json(&structure(info.input, &placeholder, &[]));
    }
    let mut text = String::new();
    yaml(&mut text, info.input, "", "", &[info.input.name]);
    if text.is_empty() { "{}\n".to_owned() } else { text }
}

/// Returns the output, with the name of its member in place of each text.
pub(crate) fn output(info: &OperationInfo) -> Tree {
    let name = |_: &Shape, name: &'static str| Tree::from(name);
    info.output.map_or_else(|| Tree::Map([].into()), |output| structure(output, &name, &[]))
}

/// The first value of an enumeration, and empty text elsewhere.
fn placeholder(shape: &Shape, _: &'static str) -> Tree {
    match shape {
        Shape::Enumeration(names) => names.values.first().copied().unwrap_or_default().into(),
        _ => "".into(),
    }
}

/// Writes a text member of this shape and name.
type Text<'a> = &'a dyn Fn(&Shape, &'static str) -> Tree;

/// `around` has the names of the structures that this one is part of: some contain themselves.
fn structure(structure: &Structure, text: Text<'_>, around: &[&str]) -> Tree {
    let Some(around) = entered(structure, around) else { return Tree::Map([].into()) };
    let members = structure
        .members
        .iter()
        .map(|member| (member.name.into(), value(member.shape, member.name, text, &around)));
    members.collect()
}

/// Adds the name of a structure to those around it. `None` if it contains itself for the second time.
fn entered<'a>(structure: &Structure, around: &[&'a str]) -> Option<Vec<&'a str>> {
    let times = around.iter().filter(|name| **name == structure.name).count();
    (times < 2).then(|| [around, &[structure.name]].concat())
}

fn value(shape: &Shape, name: &'static str, text: Text<'_>, around: &[&str]) -> Tree {
    match shape {
        Shape::Structure(inner) => structure(inner, text, around),
        Shape::List(list) => {
            let name = match list.item {
                Shape::Enumeration(names) => names.name,
                _ => name,
            };
            [value(list.item, name, text, around)].into_iter().collect()
        }
        Shape::Map(map) => {
            let value = value(map.value, "", text, around);
            [("KeyName".into(), value)].into_iter().collect()
        }
        Shape::Boolean => Tree::Bool(true),
        Shape::Integer(_) => serde_json::Value::from(0).into(),
        Shape::Float(_) => serde_json::Value::from(0.0).into(),
        Shape::Timestamp(_) => EPOCH.into(),
        other => text(other, name),
    }
}

/// Writes the members of a structure as YAML, each with a comment. The first one stands behind
/// `lead`, the others behind the indent.
fn yaml(text: &mut String, structure: &Structure, lead: &str, indent: &str, around: &[&str]) {
    for (i, member) in structure.members.iter().enumerate() {
        let lead = if i == 0 { lead } else { indent };
        text.push_str(&format!("{lead}{}:", member.name));
        let comment = comment(member);
        yaml_member(text, member.shape, &comment, indent, around);
    }
}

/// Writes what stands behind `name:`.
fn yaml_member(text: &mut String, shape: &Shape, comment: &str, indent: &str, around: &[&str]) {
    let deeper = format!("{indent}  ");
    match (shape, block(shape, around)) {
        (Shape::Structure(inner), Some(around)) => {
            text.push_str(&format!("{comment}\n"));
            yaml(text, inner, &deeper, &deeper, &around);
        }
        (Shape::Map(map), _) => {
            text.push_str(&format!("{comment}\n{deeper}KeyName:"));
            yaml_member(text, map.value, "", &deeper, around);
        }
        (Shape::List(list), _) => {
            text.push_str(&format!("{comment}\n{indent}- "));
            yaml_item(text, list.item, &deeper, around);
        }
        (scalar, _) => text.push_str(&format!(" {}{comment}\n", yaml_scalar(scalar, around))),
    }
}

/// Writes what stands behind the dash of a list.
fn yaml_item(text: &mut String, shape: &Shape, indent: &str, around: &[&str]) {
    match (shape, block(shape, around)) {
        (Shape::Structure(inner), Some(around)) => yaml(text, inner, "", indent, &around),
        (Shape::Map(map), _) => {
            text.push_str("KeyName:");
            yaml_member(text, map.value, "", indent, around);
        }
        (Shape::List(list), _) => {
            text.push_str("- ");
            yaml_item(text, list.item, &format!("{indent}  "), around);
        }
        (scalar, _) => text.push_str(&format!("{}\n", yaml_scalar(scalar, around))),
    }
}

/// The names around the members of a structure; `None` if it is written as `{}`.
fn block<'a>(shape: &Shape, around: &[&'a str]) -> Option<Vec<&'a str>> {
    match shape {
        Shape::Structure(inner) if !inner.members.is_empty() => entered(inner, around),
        _ => None,
    }
}

fn yaml_scalar(shape: &Shape, around: &[&str]) -> String {
    match value(shape, "", &placeholder, around) {
        Tree::Text(value) if value.is_empty() => "''".to_owned(),
        Tree::Text(value) => value.to_string(),
        other => serde_json::to_string(&other).unwrap_or_default(),
    }
}

fn comment(member: &MemberInfo) -> String {
    let required = if member.required { "[REQUIRED] " } else { "" };
    let values = match member.shape {
        Shape::Enumeration(names) => format!(" Valid values are: {}.", names.values.join(", ")),
        _ => String::new(),
    };
    format!("  # {required}{}{values}", member.doc.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_client::model::APIS;
    use serde_json::Value;

    /// All operations of all services.
    fn operations() -> impl Iterator<Item = &'static OperationInfo> {
        APIS.iter().flat_map(|api| api.operations.iter().copied())
    }

    #[test]
    fn json_and_yaml_are_the_same_input_of_every_operation() {
        for info in operations() {
            let json: Value = serde_json::from_str(&input(info, INPUT)).unwrap();
            let yaml: Value = serde_norway::from_str(&input(info, YAML_INPUT))
                .unwrap_or_else(|error| panic!("{}: {error}", info.name));
            assert_eq!(json, yaml, "{}", info.name);
            let members = json.as_object().unwrap();
            assert!(info.input.members.iter().all(|member| members.contains_key(member.name)));
        }
    }

    #[test]
    fn an_input_names_what_each_member_means_and_may_be() {
        let info = chime_client::model::chime::API.operation("CreateRoomMembership").unwrap();
        let yaml = input(info, YAML_INPUT);
        let role = yaml.lines().find(|line| line.starts_with("Role: ")).unwrap();
        assert!(role.starts_with("Role: Administrator  # "), "{role}");
        assert!(role.ends_with("Valid values are: Administrator, Member."), "{role}");
        assert!(yaml.starts_with("AccountId: ''  # [REQUIRED] "), "{yaml}");
    }

    /// As the AWS CLI prints it.
    #[test]
    fn an_output_has_the_names_of_its_members() {
        let info = chime_client::model::chime::API.operation("GetAccount").unwrap();
        let printed = serde_json::to_string(&output(info)).unwrap();
        let expected = r#"{"Account":{"AwsAccountId":"AwsAccountId","AccountId":"AccountId","Name":"Name","AccountType":"AccountType","CreatedTimestamp":"1970-01-01T00:00:00","DefaultLicense":"DefaultLicense","SupportedLicenses":["License"],"AccountStatus":"AccountStatus","SigninDelegateGroups":[{"GroupName":"GroupName"}]}}"#;
        assert_eq!(printed, expected);
    }
}
