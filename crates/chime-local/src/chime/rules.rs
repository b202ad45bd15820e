//! The rules of Amazon Chime.

use chime_model::chime::PhoneNumberId;

use crate::engine::document::InvalidDocument;
use crate::engine::rules::rules;

rules! {
    /// Limits of Amazon Chime, and behaviour that it does not document.
    ///
    /// The defaults are the documented values, or else the most likely behaviour of the service.
    pub struct ChimeRules {
        /// The maximum number of rooms per account. Default: 1,500, as documented.
        rooms_per_account: usize = 1_500,
        /// The maximum number of memberships per room. Default: 1,000, as documented.
        memberships_per_room: usize = 1_000,
        /// The maximum number of memberships per user or bot. Default: 1,000, as documented.
        memberships_per_profile: usize = 1_000,
        /// The default page size of rooms and memberships. Default: 99, the maximum that a caller
        /// can request. The value of the service is not documented; a related service uses 10.
        room_page_size: usize = 99,
        /// Whether `CreateUser` refuses email addresses in unclaimed domains if the account has
        /// claimed domains. Default: true, because users of Enterprise accounts are recognised by
        /// domain. Addresses in a domain that another account has claimed are always refused.
        users_need_claimed_domain: bool = true,
        /// Whether `UpdateUser` refuses to change licenses in `EnterpriseDirectory` and
        /// `EnterpriseOIDC` accounts. Default: true, because the groups of the directory determine
        /// licenses there.
        directory_decides_licenses: bool = true,
        /// Whether `UpdateUser` returns only the user's id. Default: false. The published sample
        /// does, so a client must accept both.
        update_user_returns_id_only: bool = false,
        /// Whether only `EnterpriseDirectory` accounts can have sign-in delegate groups. Default:
        /// true, because the groups are those of a directory. The published sample does not show
        /// the type of the account.
        delegates_need_directory: bool = true,
        /// The maximum number of bots per account. Default: 10, as documented.
        bots_per_account: usize = 10,
        /// Whether a bot needs an events configuration to be added to a room. Default: true, as in
        /// the Chime app.
        bots_need_events_configuration: bool = true,
        /// Whether a disabled bot cannot be added to a room. Default: true, as in the Chime app.
        stopped_bots_cannot_join: bool = true,
        /// Whether an endpoint for a bot's events must respond to a challenge within two seconds
        /// before it is accepted. Default: false, although it is documented. Only endpoints with
        /// `http://`, which must be on this machine, get a challenge; those with `https://` are
        /// accepted without.
        events_endpoints_are_asked: bool = false,
        /// The maximum number of phone numbers per AWS account, not counting deleted ones. Default:
        /// 25, the documented value, which the service raises on request.
        phone_numbers_per_aws_account: usize = 25,
        /// The default page size of phone numbers and orders. Default: 99, the maximum that a
        /// caller can request. The value of the service is not documented.
        phone_number_page_size: usize = 99,
        /// The time until a phone number order completes, in seconds. Default: 1. Published figures
        /// for the service are about 10, and 85 at most. With 0, an order is complete at the next
        /// request.
        order_seconds: u32 = 1,
        /// Whether fictional numbers can be searched for and ordered, in addition to those of
        /// seeds: 100 in every area code of the US, and some in other countries. Default: true.
        fictional_phone_stock: bool = true,
        /// Numbers that every order fails to acquire, so that orders fail in part or as a whole. Each
        /// is written as `+12065550100`, `12065550100` or `%2B12065550100`. Searches find them,
        /// because callers learn of such a failure only from the order. Default: none.
        failing_numbers: Vec<PhoneNumberId> = Vec::new(),
        /// The time until a new calling name of a number takes effect, in seconds. Default: 5, long
        /// enough to observe the status `UpdateInProgress`. The documented maximum is 72 hours.
        calling_name_seconds: u32 = 5,
        /// Whether responses show a pending calling name. Default: false, because the published
        /// sample has the status without the name.
        pending_name_shows: bool = false,
        /// Whether the default calling name can be changed only once in seven days. Default: true,
        /// as documented.
        default_calling_name_rests: bool = true,
        /// Whether associating a phone number with a user who has one replaces it. Default: false,
        /// which gives an error. The behaviour of the service is not documented.
        association_replaces_number: bool = false,
    }
}

impl ChimeRules {
    /// Checks the phone numbers.
    ///
    /// # Errors
    /// Returns all invalid phone numbers.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        let numbers = self.failing_numbers.iter().enumerate();
        let invalid = numbers.filter(|(_, number)| number.to_e164().is_none());
        let problem = "must be a phone number, such as +12065550100";
        let problems = invalid.map(|(i, _)| format!("FailingNumbers[{i}]: {problem}"));
        InvalidDocument::unless_none(problems.collect())
    }
}
