//! What the service's documentation leaves open and this Chime lets you choose.

use chime_model::SensitiveString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::engine::document::{self, InvalidDocument};

/// Limits, and choices where the real service's behaviour is not documented.
///
/// The defaults are the documented numbers, and elsewhere the reading that most likely holds. As a
/// document, names are spelled as the API does, and what is left out keeps its default:
///
/// ```
/// use chime_local::Rules;
///
/// let rules = Rules::parse(r#"{"RoomsPerAccount": 3, "OrderSeconds": 10}"#)?;
/// assert_eq!((rules.rooms_per_account, rules.bots_per_account), (3, 10));
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Rules {
    /// How many rooms an account can have: 1,500 as documented.
    pub rooms_per_account: usize,
    /// How many memberships a room can have: 1,000 as documented.
    pub memberships_per_room: usize,
    /// How many memberships a user or a bot can have: 1,000 as documented.
    pub memberships_per_profile: usize,
    /// How many rooms or memberships a page has if the caller does not say: 99, the greatest that a
    /// caller can ask for. The number is not documented; a sibling service uses 10.
    pub room_page_size: usize,
    /// Whether `CreateUser` refuses addresses outside the domains that the account has claimed, if
    /// it has claimed any. True, since users of an Enterprise account are recognised by domain.
    pub users_need_claimed_domain: bool,
    /// Whether the license of a user is fixed in `EnterpriseDirectory` and `EnterpriseOIDC`
    /// accounts. True, since there the groups of the directory decide it.
    pub directory_decides_licenses: bool,
    /// Whether `UpdateUser` answers with no more than the user's id. False; the published sample
    /// does, so a client must live with both.
    pub update_user_answers_id_only: bool,
    /// Whether only an `EnterpriseDirectory` account can be given sign-in delegate groups. True,
    /// since they are groups of a directory; the published sample does not show the account's type.
    pub delegates_need_directory: bool,
    /// How many bots an account can have: 10 as documented.
    pub bots_per_account: usize,
    /// Whether only a bot with an events configuration can be added to a room. True, as in the app.
    pub bots_need_events_configuration: bool,
    /// Whether a stopped bot cannot be added to a room. True, as in the app.
    pub stopped_bots_cannot_join: bool,
    /// Whether an endpoint for a bot's events has to answer a challenge before it is taken, as
    /// documented: false. With it, one on this machine is asked, and has two seconds; what is
    /// reached by TLS, which this Chime does not speak, is taken as it is.
    pub events_endpoints_are_asked: bool,
    /// How many phone numbers an AWS account can have, deleted ones not counted: 25, the documented
    /// default, which the real service raises on request.
    pub phone_numbers_per_aws_account: usize,
    /// How many phone numbers or orders a page has if the caller does not say: 99, the greatest that
    /// a caller can ask for. The number is not documented.
    pub phone_number_page_size: usize,
    /// How many seconds an order of phone numbers is processed: 1. It was about 10 as published, and
    /// callers have waited for 85 at most. With 0, an order has ended when it is looked at.
    pub order_seconds: u32,
    /// Whether there are fictional numbers to search for and to order, beside those that seeds put in
    /// stock: a hundred in every area code of the US, and some in other countries. True.
    pub fictional_phone_stock: bool,
    /// Numbers in any spelling that no order gets, so that orders fail in part or as a whole: none.
    /// Searches find them all the same, as callers learn of such a failure from the order alone.
    pub failing_numbers: Vec<SensitiveString>,
    /// How many seconds a new calling name of a number takes: 5. Carriers may take 72 hours as
    /// documented, and nobody waits for that here; but it is long enough to be seen in progress.
    pub calling_name_seconds: u32,
    /// Whether a new calling name shows while it is in progress. False: the published sample has the
    /// status and not the name.
    pub pending_name_shows: bool,
    /// Whether the default calling name can change once in seven days only. True, as documented.
    pub default_calling_name_rests: bool,
    /// Whether a phone number can be given to a user who has one, and takes its place. False, since
    /// nothing is said of it.
    pub association_replaces_number: bool,
}

impl Rules {
    /// Reads JSON, or YAML with the Cargo feature `yaml`.
    ///
    /// # Errors
    /// The names of the members that are no rules or do not take that value, which is not repeated.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let document = document::read(text)?;
        let Value::Object(members) = &document else {
            return Err(InvalidDocument::one("rules are an object"));
        };
        let is_wrong = |(name, value): &(&String, &Value)| {
            let alone = Map::from_iter([((*name).clone(), (*value).clone())]);
            serde_json::from_value::<Self>(Value::Object(alone)).is_err()
        };
        let wrong: Vec<&str> =
            members.iter().filter(is_wrong).map(|(name, _)| name.as_str()).collect();
        let message = format!("{}: no rule, or not what it takes", wrong.join(", "));
        serde_json::from_value(document).map_err(|_| InvalidDocument::one(message))
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            rooms_per_account: 1_500,
            memberships_per_room: 1_000,
            memberships_per_profile: 1_000,
            room_page_size: 99,
            users_need_claimed_domain: true,
            directory_decides_licenses: true,
            update_user_answers_id_only: false,
            delegates_need_directory: true,
            bots_per_account: 10,
            bots_need_events_configuration: true,
            stopped_bots_cannot_join: true,
            events_endpoints_are_asked: false,
            phone_numbers_per_aws_account: 25,
            phone_number_page_size: 99,
            order_seconds: 1,
            fictional_phone_stock: true,
            failing_numbers: Vec::new(),
            calling_name_seconds: 5,
            pending_name_shows: false,
            default_calling_name_rests: true,
            association_replaces_number: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_written() {
        let rules = Rules { failing_numbers: vec!["+12065550100".into()], ..Rules::default() };
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(Rules::parse(&text), Ok(rules));
        assert_eq!(Rules::parse("{}"), Ok(Rules::default()));
    }

    #[test]
    fn what_is_no_rule_is_named_and_its_value_is_not() {
        let told = |text: &str| Rules::parse(text).unwrap_err().to_string();
        let text = r#"{"OrderSeconds": 7, "RoomsPerAccont": 1, "FailingNumbers": 12065550100}"#;
        assert_eq!(told(text), "FailingNumbers, RoomsPerAccont: no rule, or not what it takes");
        assert_eq!(told("[]"), "rules are an object");
        assert!(told("{").contains(": line "));
    }
}
