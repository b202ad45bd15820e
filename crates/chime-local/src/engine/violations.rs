//! Messages about violated constraints, in the words of AWS.

use std::fmt::Write as _;

use chime_model::{Rule, Violations};

/// A message with all violations, such as `1 validation error detected: Value at 'attendees' failed
/// to satisfy constraint: Member must have length less than or equal to 20`.
pub(crate) fn text(violations: &Violations) -> String {
    let all = violations.as_slice();
    let plural = if all.len() == 1 { "" } else { "s" };
    let mut text = format!("{} validation error{plural} detected: ", all.len());
    for (i, violation) in all.iter().enumerate() {
        let separator = if i == 0 { "" } else { "; " };
        let (path, constraint) = (path(&violation.path), constraint(&violation.rule));
        let _ =
            write!(text, "{separator}Value at '{path}' failed to satisfy constraint: {constraint}");
    }
    text
}

/// Converts a path such as `Attendees[3].ExternalUserId` to `attendees.4.member.externalUserId`.
fn path(path: &str) -> String {
    let part = |part: &str| {
        let (name, places) = part.split_once('[').unwrap_or((part, ""));
        let mut chars = name.chars();
        let first = chars.next().map(|c| c.to_ascii_lowercase());
        let mut part: String = first.into_iter().chain(chars).collect();
        for place in places.trim_end_matches(']').split("][").filter(|place| !place.is_empty()) {
            match place.parse::<usize>() {
                Ok(place) => write!(part, ".{}.member", place + 1),
                Err(_) => write!(part, ".{place}.member"),
            }
            // Writing to a `String` cannot fail.
            .unwrap_or_default();
        }
        part
    };
    path.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn constraint(rule: &Rule) -> String {
    let length = |min: &Option<usize>, max: &Option<usize>, actual: usize| match (min, max) {
        (Some(min), _) if actual < *min => {
            format!("Member must have length greater than or equal to {min}")
        }
        (_, Some(max)) => format!("Member must have length less than or equal to {max}"),
        _ => rule.to_string(),
    };
    match rule {
        Rule::Required => "Member must not be null".to_owned(),
        Rule::Length { min, max, actual } | Rule::Size { min, max, actual } => {
            length(min, max, *actual)
        }
        Rule::Pattern { pattern } => {
            format!("Member must satisfy regular expression pattern: {pattern}")
        }
        Rule::OneOf { values } => {
            format!("Member must satisfy enum value set: [{}]", values.join(", "))
        }
        Rule::Range { min: Some(min), actual, .. } if actual < min => {
            format!("Member must have value greater than or equal to {min}")
        }
        Rule::Range { max: Some(max), .. } => {
            format!("Member must have value less than or equal to {max}")
        }
        other => format!("Member {other}"),
    }
}

#[cfg(test)]
mod tests {
    use chime_model::Violation;

    use super::*;

    #[test]
    fn messages_have_the_form_of_aws() {
        let size = Rule::Size { min: Some(1), max: Some(20), actual: 21 };
        assert_eq!(
            text(&Violation::new("Attendees", size).into()),
            "1 validation error detected: Value at 'attendees' failed to satisfy constraint: \
             Member must have length less than or equal to 20"
        );
        assert_eq!(path("Attendees[3].ExternalUserId"), "attendees.4.member.externalUserId");
        assert_eq!(path("A.Tags[0][1].Key"), "a.tags.1.member.2.member.key");
    }
}
