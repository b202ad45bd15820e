//! Violations of the constraints of an input, with the flag to correct and the valid names.

use std::fmt;

use chime_client::model::{OperationInfo, Rule, Structure, Violation};

use crate::names::kebab;
use crate::shapes::structure_in;
use crate::similar::most_similar;

/// Writes a line for a violation.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    info: &OperationInfo,
    violation: &Violation,
) -> fmt::Result {
    let path = &violation.path;
    match &violation.rule {
        Rule::Unknown => write!(f, "\n{violation}{}", known(info.input, path))?,
        Rule::Type { expected } if expected.contains("ISO 8601") => {
            write!(f, "\n{violation}, such as 2026-01-31T12:00:00Z")?;
        }
        Rule::Pattern { pattern } if pattern.trim_start_matches('^').starts_with("arn") => {
            write!(f, "\n{path}: must be an ARN that matches `{pattern}`")?;
        }
        _ => write!(f, "\n{violation}")?,
    }
    // The flag is that of the outermost member on the path.
    let outermost = path.split(['.', '[']).next().and_then(|name| info.input.member(name));
    match outermost {
        Some(member) => write!(f, " (--{})", kebab(member.name)),
        None => Ok(()),
    }
}

/// Suggests a member in place of an unknown one.
fn known(input: &'static Structure, path: &str) -> String {
    let (parents, unknown) = path.rsplit_once('.').unwrap_or(("", path));
    let mut parents = parents.split('.').filter(|name| !name.is_empty());
    let structure = parents.clone().try_fold(input, |structure, name| {
        // An item of a list has an index after its name.
        structure.member(name.split('[').next()?).and_then(|member| structure_in(member.shape))
    });
    let Some(structure) = structure else { return String::new() };
    let members = || structure.members.iter().map(|member| member.name);
    if let (true, Some(parent)) = (members().any(|name| name == unknown), parents.next_back()) {
        // The member exists, so the unknown name itself contains the dot.
        return format!("; write {parent}={{{unknown}=<value>}}");
    }
    match most_similar(unknown, members(), |name| name) {
        Some(similar) => format!("; did you mean {similar}?"),
        None => format!("; its members are {}", members().collect::<Vec<_>>().join(", ")),
    }
}
