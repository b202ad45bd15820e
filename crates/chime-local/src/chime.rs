//! Amazon Chime: records, handlers, rules and seeds, with one file per resource.

pub(crate) mod accounts;
mod bots;
pub(crate) mod call;
mod complete;
pub(crate) mod documents;
pub(crate) mod inventory;
mod meetings;
mod memberships;
mod messages;
pub(crate) mod numbers;
pub(crate) mod organisation;
pub(crate) mod phone_stock;
mod record;
mod rooms;
pub(crate) mod rules;
mod settings;
pub(crate) mod tenant;
mod users;
mod view;

use chime_model::Api;
use chime_model::chime::{API, AccountId, AwsAccountId, PhoneNumberId};
use http::Method;
use serde_json::Value;
use time::OffsetDateTime;

use crate::chime::call::Call;
use crate::chime::phone_stock::PhoneStock;
use crate::chime::rules::ChimeRules;
use crate::chime::tenant::Tenant;
use crate::engine::dispatch::{Context, Hosted, Moment, handlers};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::engine::world::{ActionError, Refusal};

pub(crate) use view::view;

tables! {
    /// The state of Amazon Chime.
    pub(crate) struct Chime indexed by Chime::index {
        pub(crate) tenants: Table<AwsAccountId, (), Tenant> = "aws-accounts",
        pub(crate) phone_stock: PhoneStock = "phone-stock",
        /// The account that has claimed a domain, by the domain in lower case. Only one account of
        /// all AWS accounts can claim it. Claimed domains and owned numbers are the only state that
        /// AWS accounts share.
        pub(crate) domains: Index<String, AccountId> = index,
        /// The phone numbers of all AWS accounts. Only one of them can own a number.
        pub(crate) owned_numbers: Index<PhoneNumberId, ()> = index,
    }
}

impl Hosted for Chime {
    const API: &'static Api = &API;
    type Call<'a> = Call<'a>;
}

handlers! {
    Chime; with
        accounts, bots, meetings, memberships, messages, numbers, rooms, settings, users
}

impl Chime {
    /// Gives a call access to the resources of the caller's AWS account.
    pub(crate) fn call<'a>(&'a mut self, rules: &'a ChimeRules, context: Context<'a>) -> Call<'a> {
        let Context { caller, at: Moment { now, ids, .. }, .. } = context;
        let Self { tenants, phone_stock, domains, owned_numbers } = self;
        let tenant = tenants.below_or_default(&AwsAccountId::from(&caller.aws_account_id));
        Call { caller, now, rules, tenant, domains, phone_stock, owned_numbers, ids }
    }

    /// Handles requests to the control endpoint below `domains`.
    pub(crate) fn control(
        &mut self,
        method: &Method,
        path: &[String],
    ) -> Result<Option<Value>, Refusal> {
        let [domain] = path else { return Err(Refusal::Unknown) };
        match *method {
            Method::DELETE if self.release(domain) => Ok(None),
            Method::DELETE => Err(ActionError::NotFound.into()),
            _ => Err(Refusal::WrongMethod),
        }
    }

    /// Does the work that is due in all AWS accounts, because a number that one releases becomes
    /// available to the others. Returns the time at which more work becomes due.
    pub(crate) fn settle(
        &mut self,
        now: OffsetDateTime,
        rules: &ChimeRules,
    ) -> Option<OffsetDateTime> {
        let is_due =
            |tenant: &Tenant| tenant.inventory.next_due(rules).is_some_and(|due| due <= now);
        for tenant in self.tenants.each_below_mut(|row| is_due(&row.below)) {
            tenant.inventory.settle(now, rules, &mut self.owned_numbers);
        }
        let tenants = self.tenants.rows().map(|(_, row)| &row.below);
        tenants.filter_map(|tenant| tenant.inventory.next_due(rules)).min()
    }

    fn index(&mut self) {
        let Self { tenants, domains, owned_numbers, .. } = self;
        for (_, tenant) in tenants.rows() {
            for (id, record) in tenant.below.accounts().rows() {
                record.domains.iter().for_each(|domain| domains.insert(domain.clone(), id.clone()));
            }
            let numbers = tenant.below.inventory.numbers.ids();
            numbers.for_each(|number| owned_numbers.insert(number.clone(), ()));
        }
    }
}
