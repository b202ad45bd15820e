//! Choices that the documentation of Amazon Chime leaves open.

use chime_model::SensitiveString;

use crate::engine::rules::rules;

rules! {
    /// Limits of Amazon Chime, and choices where its behaviour is not documented.
    ///
    /// The defaults are the documented numbers, and elsewhere the reading that most likely holds.
    pub struct ChimeRules {
        /// How many rooms an account can have: 1,500 as documented.
        rooms_per_account: usize = 1_500,
        /// How many memberships a room can have: 1,000 as documented.
        memberships_per_room: usize = 1_000,
        /// How many memberships a user or a bot can have: 1,000 as documented.
        memberships_per_profile: usize = 1_000,
        /// How many rooms or memberships a page has if the caller does not say: 99, the greatest that a
        /// caller can ask for. The number is not documented; a sibling service uses 10.
        room_page_size: usize = 99,
        /// Whether `CreateUser` rejects addresses outside the domains that the account has claimed, if
        /// it has claimed any. True, since users of an Enterprise account are recognised by domain.
        users_need_claimed_domain: bool = true,
        /// Whether the license of a user is fixed in `EnterpriseDirectory` and `EnterpriseOIDC`
        /// accounts. True, since there the groups of the directory decide it.
        directory_decides_licenses: bool = true,
        /// Whether `UpdateUser` returns no more than the user's id. False; the published sample
        /// does, so a client must live with both.
        update_user_answers_id_only: bool = false,
        /// Whether only an `EnterpriseDirectory` account can be given sign-in delegate groups. True,
        /// since they are groups of a directory; the published sample does not show the account's type.
        delegates_need_directory: bool = true,
        /// How many bots an account can have: 10 as documented.
        bots_per_account: usize = 10,
        /// Whether only a bot with an events configuration can be added to a room. True, as in the app.
        bots_need_events_configuration: bool = true,
        /// Whether a stopped bot cannot be added to a room. True, as in the app.
        stopped_bots_cannot_join: bool = true,
        /// Whether an endpoint for a bot's events has to respond to a challenge before it is accepted, as
        /// documented: false. With it, one on this machine is asked, and has two seconds; what is
        /// reached by TLS, which this Chime does not speak, is taken as it is.
        events_endpoints_are_asked: bool = false,
        /// How many phone numbers an AWS account can have, deleted ones not counted: 25, the documented
        /// default, which the real service raises on request.
        phone_numbers_per_aws_account: usize = 25,
        /// How many phone numbers or orders a page has if the caller does not say: 99, the greatest that
        /// a caller can ask for. The number is not documented.
        phone_number_page_size: usize = 99,
        /// How many seconds an order of phone numbers is processed: 1. It was about 10 as published, and
        /// callers have waited for 85 at most. With 0, an order has ended when it is looked at.
        order_seconds: u32 = 1,
        /// Whether there are fictional numbers to search for and to order, beside those that seeds put in
        /// stock: a hundred in every area code of the US, and some in other countries. True.
        fictional_phone_stock: bool = true,
        /// Numbers in any spelling that no order gets, so that orders fail in part or as a whole: none.
        /// Searches find them all the same, as callers learn of such a failure from the order alone.
        failing_numbers: Vec<SensitiveString> = Vec::new(),
        /// How many seconds a new calling name of a number takes: 5. Carriers may take 72 hours as
        /// documented, and nobody waits for that here; but it is long enough to be seen in progress.
        calling_name_seconds: u32 = 5,
        /// Whether a new calling name shows while it is in progress. False: the published sample has the
        /// status and not the name.
        pending_name_shows: bool = false,
        /// Whether the default calling name can change once in seven days only. True, as documented.
        default_calling_name_rests: bool = true,
        /// Whether a phone number can be given to a user who has one, and takes its place. False, since
        /// nothing is said of it.
        association_replaces_number: bool = false,
    }
}
