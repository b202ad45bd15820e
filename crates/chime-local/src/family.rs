//! The services that live here, in one world.

use chime_model::Api;
use time::OffsetDateTime;

use crate::chime::call::Call;
use crate::chime::organisation::Organisation;
use crate::chime::{self, Chime};
use crate::engine::core::seeds;
use crate::engine::dispatch::{Context, Host, HostedService, Moment};
use crate::engine::document::InvalidDocument;
use crate::engine::events::EventRules;
use crate::engine::faults::Faults;
use crate::engine::rows::tables;
use crate::engine::seeding::Seeding;
use crate::engine::view::{Page, Shown};
use crate::engine::world::{Outcome, Verb, World};
use crate::rules::Rules;
use crate::seed::Seed;
use crate::seed::aws_account::AwsAccount;

tables! {
    /// The state of all services.
    pub(crate) struct Family {
        pub(crate) chime: Chime = "chime",
    }
}

/// What fault rules can name. Amazon Chime answers requests that name no service.
const APIS: [&Api; 1] = [&chime_model::chime::API];

impl World for Family {
    type Rules = Rules;
    type Seed = Seed;

    fn services() -> Vec<Box<dyn HostedService<Self, Rules>>> {
        fn chime<'a>(family: &'a mut Family, rules: &'a Rules, context: Context<'a>) -> Call<'a> {
            family.chime.call(&rules.chime, context)
        }
        vec![Box::new(Host { handlers: chime::handlers(), call: chime })]
    }

    fn event_rules(rules: &Rules) -> EventRules {
        rules.events.clone()
    }

    fn settle(&mut self, at: Moment<'_>, rules: &Rules) -> Option<OffsetDateTime> {
        self.chime.settle(at.now, &rules.chime)
    }

    fn seed(&mut self, seed: Seed, at: &mut Seeding<'_>) {
        for (i, organisation) in seed.organisations.into_iter().enumerate() {
            self.chime.add_organisation(organisation, &format!("Organisations[{i}]"), at);
        }
        for (i, account) in seed.aws_accounts.into_iter().enumerate() {
            self.chime.add_aws_account(account, &format!("AwsAccounts[{i}]"), at);
        }
        for (i, number) in seed.phone_stock.into_iter().enumerate() {
            self.chime.phone_stock.add(number, &format!("PhoneStock[{i}]"), at);
        }
        for (i, countries) in seed.supported_countries.into_iter().enumerate() {
            let path = format!("SupportedCountries[{i}]");
            self.chime.phone_stock.add_countries(countries, &path, at);
        }
    }

    fn export(&self) -> Seed {
        let tenants = || self.chime.tenants.rows().map(|(id, row)| (id, &row.below));
        let accounts = tenants().flat_map(|(_, tenant)| tenant.accounts().rows());
        Seed {
            credentials: Vec::new(),
            organisations: accounts.map(|(_, account)| Organisation::export(account)).collect(),
            aws_accounts: tenants().map(|(id, tenant)| AwsAccount::export(id, tenant)).collect(),
            phone_stock: self.chime.phone_stock.numbers.values().cloned().collect(),
            supported_countries: self.chime.phone_stock.countries.values().cloned().collect(),
        }
    }

    fn control(&mut self, verb: &Verb<'_>, _: Moment<'_>, _: &Rules) -> Option<Outcome> {
        match &verb.path[..] {
            [domains, domain] if domains == "domains" => Some(match verb.method.as_str() {
                "DELETE" if self.chime.release(domain) => Outcome::Done,
                "DELETE" => Outcome::NotFound,
                _ => Outcome::WrongMethod,
            }),
            _ => None,
        }
    }

    fn verbs() -> &'static [(&'static str, &'static str)] {
        &[("DELETE domains/NAME", "Releases a domain, which suspends its users")]
    }

    fn view(&self, page: &mut Page<'_>) -> Option<Shown> {
        chime::view(&self.chime, page)
    }
}

impl Faults {
    /// Reads JSON, or YAML with the Cargo feature `yaml`.
    ///
    /// # Errors
    /// If the text is not such a document, and all invalid members.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let faults = Self::read(text)?;
        faults.validate()?;
        Ok(faults)
    }

    /// Checks that all of it can happen: operations are known, probabilities are between 0 and 1.
    ///
    /// # Errors
    /// All invalid members, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        self.check(&APIS)
    }
}

impl Seed {
    /// Reads a document and checks it.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path. No value of the document is repeated.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        seeds::parse::<Family>(text)
    }

    /// Checks a seed that was made in code, as [`parse`](Self::parse) does with one that was read.
    ///
    /// A number can be that of a user whose account is not in the seed. Whether that user exists is
    /// checked when the seed is put in place.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        seeds::validate::<Family>([self])
    }

    /// Adds another seed to this one. What both say of an AWS account comes together; where both
    /// have its settings, those of the other one count.
    ///
    /// # Errors
    /// All of the other one that does not fit to this one, each with its path there; then nothing is
    /// added.
    pub fn merge(&mut self, mut other: Self) -> Result<(), InvalidDocument> {
        // An AWS account may be in both, and its parts are checked.
        seeds::validate::<Family>([&*self, &other])?;
        for account in std::mem::take(&mut other.aws_accounts) {
            let id = &account.aws_account_id;
            match self.aws_accounts.iter_mut().find(|own| own.aws_account_id == *id) {
                Some(own) => own.extend(account),
                None => self.aws_accounts.push(account),
            }
        }
        self.extend(other);
        Ok(())
    }
}
