//! Limits of all services, and behaviour that AWS does not document.

use serde::{Deserialize, Serialize};

use crate::chime::rules::ChimeRules;
use crate::engine::document::InvalidDocument;
use crate::engine::events::EventRules;
use crate::engine::rules;
use crate::meetings::rules::MeetingRules;
use crate::pipelines::rules::PipelineRules;

/// The rules of all services.
///
/// As a document, all rules are members of one object, with names in Pascal case. Unset rules have
/// their defaults:
///
/// ```
/// use chime_local::Rules;
///
/// let rules = Rules::parse(r#"{"RoomsPerAccount": 3, "OrderSeconds": 10}"#)?;
/// assert_eq!((rules.chime.rooms_per_account, rules.chime.bots_per_account), (3, 10));
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// The rules of Amazon Chime.
    #[serde(flatten)]
    pub chime: ChimeRules,
    /// The rules of Chime SDK meetings.
    #[serde(flatten)]
    pub meetings: MeetingRules,
    /// The rules of Chime SDK media pipelines.
    #[serde(flatten)]
    pub pipelines: PipelineRules,
    /// How events are delivered.
    #[serde(flatten)]
    pub events: EventRules,
}

impl Rules {
    /// Reads JSON, or YAML with the Cargo feature `yaml`.
    ///
    /// # Errors
    /// The names of unknown rules and of rules with an invalid value. The value is not included.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let rules: Self = rules::parse(text)?;
        rules.check()?;
        Ok(rules)
    }

    /// Checks the values that their types do not.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        self.chime.check()?;
        self.events.check()
    }
}

impl From<ChimeRules> for Rules {
    fn from(chime: ChimeRules) -> Self {
        Self { chime, ..Self::default() }
    }
}

#[cfg(test)]
mod effects;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, LocalChime};

    #[test]
    fn serialized_rules_parse_to_the_same_rules() {
        let chime =
            ChimeRules { failing_numbers: vec!["+12065550100".into()], ..ChimeRules::default() };
        let rules = Rules::from(chime);
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(Rules::parse(&text), Ok(rules));
        assert_eq!(Rules::parse("{}"), Ok(Rules::default()));
    }

    #[test]
    fn no_two_rules_have_the_same_name() {
        let count = |rules: serde_json::Result<serde_json::Value>| {
            rules.unwrap().as_object().unwrap().len()
        };
        let rules = Rules::default();
        let all = count(serde_json::to_value(&rules));
        let Rules { chime, meetings, pipelines, events } = rules;
        let groups = [
            serde_json::to_value(chime),
            serde_json::to_value(meetings),
            serde_json::to_value(pipelines),
            serde_json::to_value(events),
        ];
        assert_eq!(groups.map(count).iter().sum::<usize>(), all);
    }

    #[test]
    fn values_out_of_range_are_errors_of_rules_and_of_a_configuration() {
        let expected = "EventDuplicates: must be between 0 and 1";
        let parsed = Rules::parse(r#"{"EventDuplicates": 1.5}"#);
        assert_eq!(parsed.unwrap_err().to_string(), expected);
        let refused = |rules: Rules| {
            let made = LocalChime::new(Config { rules, ..Config::default() });
            made.unwrap_err().to_string()
        };
        let events = EventRules { event_duplicates: 1.5, ..EventRules::default() };
        assert_eq!(refused(Rules { events, ..Rules::default() }), expected);
        let failing_numbers = vec!["+12065550100".into(), "(206) 555-0100".into()];
        let chime = ChimeRules { failing_numbers, ..ChimeRules::default() };
        let expected = "FailingNumbers[1]: must be a phone number, such as +12065550100";
        assert_eq!(refused(chime.into()), expected);
    }

    #[test]
    fn errors_name_the_rule_and_not_its_value() {
        let told = |text: &str| Rules::parse(text).unwrap_err().to_string();
        let text = r#"{"OrderSeconds": 7, "RoomsPerAccont": 1, "FailingNumbers": 12065550100}"#;
        assert_eq!(
            told(text),
            "FailingNumbers: invalid value; RoomsPerAccont: unknown rule; did you mean RoomsPerAccount?"
        );
        assert_eq!(told("[]"), "rules must be an object");
        assert!(told("{").contains("invalid JSON at line 1"));
    }
}
