//! Messages about violated constraints.

use std::fmt::Write as _;

use chime_model::{Rule, Violation, Violations};

/// How many violations a message lists. A request of 1 MiB can have hundreds of thousands.
const LISTED: usize = 20;

/// Lists the first violations, and counts the others.
pub(crate) fn listed(violations: &Violations, text: impl Fn(&Violation) -> String) -> String {
    let all = violations.as_slice();
    let more = all.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("and {more} more"));
    all.iter().take(LISTED).map(text).chain(more).collect::<Vec<_>>().join("; ")
}

/// A message in the words of AWS, such as `1 validation error detected: Value at 'attendees' failed
/// to satisfy constraint: Member must have length less than or equal to 20`.
pub(crate) fn text(violations: &Violations) -> String {
    let count = violations.as_slice().len();
    let plural = if count == 1 { "" } else { "s" };
    let listed = listed(violations, |Violation { path: at, rule, .. }| {
        format!("Value at '{}' failed to satisfy constraint: {}", path(at), constraint(rule))
    });
    format!("{count} validation error{plural} detected: {listed}")
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
    use chime_model::{Describe, check, meetings};
    use serde_json::json;

    use super::*;
    use crate::engine::errors;

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

    #[test]
    fn a_message_lists_the_first_violations_and_counts_the_others() {
        const GUID: &str = "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713";
        let found = |items: usize| {
            let request = json!({"MeetingId": GUID, "Attendees": vec![json!({}); items]});
            check(meetings::BatchCreateAttendeeRequest::SHAPE, &request).unwrap_err()
        };
        let all = text(&found(LISTED));
        assert!(all.ends_with("'attendees.20.member.externalUserId' failed to satisfy constraint: Member must not be null"), "{all}");
        let cut = text(&found(340_000));
        assert!(cut.starts_with("340001 validation errors detected: "), "{cut}");
        assert!(cut.ends_with("; and 339981 more"), "{cut}");
        assert!(errors::invalid(&found(340_000)).message.unwrap().ends_with("; and 339981 more"));
    }
}
