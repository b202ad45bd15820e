//! The services of a local Chime, with their common state.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use chime_model::Api;
use chime_model::chime::AwsAccountId;
use chime_model::events::{Detail, Event};
use chime_model::meetings::MeetingId;
use serde_json::Value;
use time::OffsetDateTime;

use crate::chime::organisation::Organisation;
use crate::chime::{self, Chime};
use crate::engine::core::seeds;
use crate::engine::dispatch::{Context, Handlers, HostedService, Moment};
use crate::engine::document::InvalidDocument;
use crate::engine::errors::{Result, invalid};
use crate::engine::events::EventRules;
use crate::engine::faults::Faults;
use crate::engine::home::Home;
use crate::engine::rows::tables;
use crate::engine::seeding::Seeding;
use crate::engine::view::{Cell, Page, Shown};
use crate::engine::world::{Refusal, Verb, World};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{self, Meetings};
use crate::pipelines::{self, Pipelines};
use crate::rules::Rules;
use crate::seed::Seed;
use crate::seed::aws_account::AwsAccount;
use crate::seed::sdk_region::SdkRegion;

tables! {
    /// The state of all services.
    pub(crate) struct Family {
        pub(crate) chime: Chime = "chime",
        pub(crate) meetings: Meetings = "meetings",
        pub(crate) pipelines: Pipelines = "pipelines",
    }
}

/// The APIs of the services. Requests that name no service are for the first one, Amazon Chime.
pub(crate) const APIS: [&Api; 3] =
    [&chime_model::chime::API, &chime_model::meetings::API, &chime_model::media_pipelines::API];

impl World for Family {
    type Rules = Rules;
    type Seed = Seed;

    fn services() -> Vec<Box<dyn HostedService<Self, Rules>>> {
        fn of_chime<'a>(
            family: &'a mut Family,
            rules: &'a Rules,
            context: Context<'a>,
        ) -> Result<chime::call::Call<'a>> {
            Ok(family.chime.call(&rules.chime, context))
        }
        fn of_meetings<'a>(
            family: &'a mut Family,
            rules: &'a Rules,
            Context { caller, region, at }: Context<'a>,
        ) -> Result<meetings::Call<'a>> {
            meetings::Call::new(family.meetings(rules, at), caller, region)
        }
        fn of_pipelines<'a>(
            family: &'a mut Family,
            rules: &'a Rules,
            Context { caller, region, at }: Context<'a>,
        ) -> Result<pipelines::Call<'a>> {
            pipelines::Call::new(family.pipelines(rules, at), caller, region)
        }
        vec![
            Box::new(Handlers::<_, _, Chime>::new(
                of_chime,
                |_, violations| invalid(violations),
                chime::register,
            )),
            Box::new(Handlers::<_, _, Meetings>::new(
                of_meetings,
                |rules, violations| meetings::invalid(&rules.meetings, violations),
                meetings::register,
            )),
            Box::new(Handlers::<_, _, Pipelines>::new(
                of_pipelines,
                |rules, violations| meetings::invalid(&rules.meetings, violations),
                pipelines::register,
            )),
        ]
    }

    fn check(rules: &Rules) -> Result<(), InvalidDocument> {
        rules.check()
    }

    fn event_rules(rules: &Rules) -> EventRules {
        rules.events.clone()
    }

    fn settle(&mut self, at: Moment<'_>, rules: &Rules) -> Option<OffsetDateTime> {
        let next_of_chime = self.chime.settle(at.now, &rules.chime);
        let Moment { now, ids, events } = at;
        let next = loop {
            let of_meetings = self.meetings.next_due(&rules.meetings);
            let next = [of_meetings, self.pipelines.next_due(&rules.pipelines)];
            match next.into_iter().flatten().min() {
                Some(due) if due <= now => {
                    self.meetings(rules, Moment { now: due, ids, events }).run_due();
                    self.pipelines(rules, Moment { now: due, ids, events }).act();
                }
                later => break later,
            }
        };
        [next_of_chime, next].into_iter().flatten().min()
    }

    fn seed(&mut self, seed: Seed, rules: &Rules, at: &mut Seeding<'_>) {
        at.each("Organisations", seed.organisations, |at, organisation| {
            self.chime.add_organisation(organisation, at);
        });
        at.each("AwsAccounts", seed.aws_accounts, |at, mut account| {
            let (id, regions) = (account.aws_account_id.clone(), mem::take(&mut account.sdk));
            self.chime.add_aws_account(account, at);
            self.add_sdk_regions(id.as_str(), regions, &rules.meetings, at);
        });
        let stock = &mut self.chime.phone_stock;
        at.each("PhoneStock", seed.phone_stock, |at, number| stock.add(number, at));
        at.each("SupportedCountries", seed.supported_countries, |at, of| {
            stock.add_countries(of, at)
        });
    }

    fn export(&self) -> Seed {
        let tenants = || self.chime.tenants.rows().map(|(id, row)| (id, &row.below));
        let organisations = tenants().flat_map(|(_, tenant)| {
            tenant.accounts().rows().map(|(_, row)| Organisation::export(tenant, row))
        });
        let mut aws_accounts: BTreeMap<AwsAccountId, AwsAccount> =
            tenants().map(|(id, tenant)| (id.clone(), AwsAccount::export(id, tenant))).collect();
        for home in self.meetings.homes().chain(self.pipelines.homes()).collect::<BTreeSet<_>>() {
            let id = AwsAccountId::from(&home.account);
            let account = aws_accounts.entry(id.clone()).or_insert_with(|| AwsAccount::new(id));
            account.sdk.push(SdkRegion::export(home, &self.meetings, &self.pipelines));
        }
        Seed {
            credentials: Vec::new(),
            organisations: organisations.collect(),
            aws_accounts: aws_accounts.into_values().collect(),
            phone_stock: self.chime.phone_stock.numbers.values().cloned().collect(),
            supported_countries: self.chime.phone_stock.countries.values().cloned().collect(),
        }
    }

    fn control(
        &mut self,
        verb: &Verb<'_>,
        at: Moment<'_>,
        rules: &Rules,
    ) -> Result<Option<Value>, Refusal> {
        let Some((service, rest)) = verb.path.split_first() else { return Err(Refusal::Unknown) };
        match service.as_str() {
            "domains" => self.chime.control(verb.method, rest),
            "meetings" => self.meetings(rules, at).control(verb),
            "media-pipelines" | "pools" => self.pipelines(rules, at).control(verb),
            _ => Err(Refusal::Unknown),
        }
    }

    fn verbs() -> &'static [(&'static str, &'static str)] {
        &[
            ("DELETE domains/NAME", "Releases a domain, which suspends its users"),
            ("GET meetings", "Lists the SDK meetings with their attendees and who is connected"),
            (
                "POST meetings/ID/attendees/ID/ACTION",
                "Simulates an attendee: join, leave, drop, video-start, video-stop, content-join, \
                 content-leave, content-drop, content-video-start or content-video-stop",
            ),
            (
                "POST meetings/ID/transcription/ACTION",
                "Simulates live transcription: interrupt, resume or fail",
            ),
            (
                "POST media-pipelines/ID/ACTION",
                "Simulates a pipeline: fail-temporarily, resume, fail, stream-start or stream-end",
            ),
            (
                "POST pools/NAME/ACTION",
                "Simulates a pool of Kinesis video streams: fail-temporarily or fail",
            ),
        ]
    }

    fn view(&self, page: &mut Page<'_>) -> Option<Shown> {
        let Self { chime, meetings, pipelines } = self;
        if let Some(id) = page.asked("meeting").map(MeetingId::from) {
            let of_meeting = |page: &mut Page<'_>| {
                pipelines::list_of_meeting(pipelines, meetings, &id, page);
            };
            return meetings::view(meetings, &id, page, of_meeting);
        }
        if ["pipeline", "configuration", "pool"].iter().any(|part| page.asked(part).is_some()) {
            return pipelines::view(pipelines, meetings, page);
        }
        let shown = chime::view(chime, page)?;
        if shown == Shown::Overview {
            meetings::overview(meetings, page);
            pipelines::view(pipelines, meetings, page);
        }
        Some(shown)
    }

    fn subject(event: &Event) -> Option<Cell> {
        match &event.detail {
            Detail::Meeting(event) => meetings::subject(event),
            Detail::MediaPipeline(event) => pipelines::subject(event),
            Detail::StreamPool(event) => pipelines::pool_of(event),
            _ => None,
        }
    }
}

impl Family {
    /// Returns the meetings at one moment, which the pipelines watch.
    pub(crate) fn meetings<'a>(
        &'a mut self,
        rules: &'a Rules,
        at: Moment<'a>,
    ) -> meetings::Service<'a> {
        let Self { meetings, pipelines, .. } = self;
        meetings::Service { meetings, rules: &rules.meetings, at, watcher: Some(pipelines) }
    }

    /// Returns the pipelines at one moment, with the meetings that they join.
    pub(crate) fn pipelines<'a>(
        &'a mut self,
        rules: &'a Rules,
        at: Moment<'a>,
    ) -> pipelines::Service<'a> {
        let Self { meetings, pipelines, .. } = self;
        let meetings = meetings::Service { meetings, rules: &rules.meetings, at, watcher: None };
        pipelines::Service { pipelines, rules: &rules.pipelines, meetings }
    }

    /// Adds the meetings of all regions first, because a pipeline can belong to a meeting of
    /// another region.
    fn add_sdk_regions(
        &mut self,
        account: &str,
        mut regions: Vec<SdkRegion>,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let Self { meetings, pipelines, .. } = self;
        let mut placed = Vec::new();
        at.each("Sdk", &mut regions, |at, region| {
            let home = Home::new(account, &region.control_region);
            placed.extend(meetings.put(&home, mem::take(&mut region.meetings), rules, at));
        });
        meetings.check_replicas(placed, at);
        at.each("Sdk", regions, |at, region| {
            region.put_pipelines(account, pipelines, meetings, rules, at);
        });
    }
}

impl Faults {
    /// Reads JSON, or YAML with the Cargo feature `yaml`.
    ///
    /// # Errors
    /// If the text cannot be parsed, and all invalid members, each with its path.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let faults = Self::read(text)?;
        faults.validate()?;
        Ok(faults)
    }

    /// Checks all rules: operations must exist, probabilities must be between 0 and 1.
    ///
    /// # Errors
    /// All invalid members, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        self.check(&APIS)
    }
}

impl Seed {
    /// Parses and checks JSON, or YAML with the Cargo feature `yaml`.
    ///
    /// # Errors
    /// All problems, each with its path and without any value of the document.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        seeds::parse::<Family>(text)
    }

    /// Checks a seed that was built in code, as [`parse`](Self::parse) checks a document.
    ///
    /// A phone number can be associated with a user whose account is not in the seed. Whether that
    /// user exists is checked when the seed is added to an emulator.
    ///
    /// # Errors
    /// All problems, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        seeds::validate::<Family>([self])
    }

    /// Adds another seed to this one. Resources of the same AWS account are combined; if both seeds
    /// have its settings, those of the other one are used.
    ///
    /// # Errors
    /// All conflicts, each with its path in the other seed. Then nothing is added.
    pub fn merge(&mut self, mut other: Self) -> Result<(), InvalidDocument> {
        // Both can have the same AWS account, so its items are checked rather than its id.
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

#[cfg(test)]
mod tests {
    use chime_model::{Exception, ServiceError, chime, media_pipelines, meetings};
    use serde_json::json;

    use super::*;
    use crate::AttendeeAction;
    use crate::testing::{Bench, request};

    fn body(api: &Api, mut error: ServiceError) -> String {
        error.request_id = Some("an id".to_owned());
        let services = Family::services();
        let service = services.iter().find(|service| service.api().service.id == api.service.id);
        let response = service.unwrap().encode_error(error);
        assert_eq!(response.headers()["x-amzn-requestid"], "an id");
        String::from_utf8(response.body().to_vec()).unwrap()
    }

    #[test]
    fn every_operation_has_a_handler() {
        for service in Family::services() {
            let id = service.api().service.id;
            assert_eq!(service.missing(), [""; 0], "operations of {id} in no `handlers!`");
        }
    }

    #[test]
    fn every_action_of_an_attendee_is_listed() {
        let (_, text) =
            Family::verbs().iter().find(|(verb, _)| verb.contains("attendees")).unwrap();
        // The error lists the names of all actions, each between backticks, after the unknown name.
        let error = serde_json::from_str::<AttendeeAction>(r#""?""#).unwrap_err().to_string();
        let listed = text.strip_prefix("Simulates an attendee: ").unwrap().replace(" or ", ", ");
        assert!(listed.split(", ").eq(error.split('`').skip(3).step_by(2)), "{listed}");
    }

    #[test]
    fn meetings_and_pipelines_write_the_request_id_into_errors() {
        let error = || ServiceError::new(Exception::NotFound, "no");
        let plain = r#"{"Code":"NotFound","Message":"no"}"#;
        let with_id = r#"{"Code":"NotFound","Message":"no","RequestId":"an id"}"#;
        for (api, expected) in
            [(&chime::API, plain), (&meetings::API, with_id), (&media_pipelines::API, with_id)]
        {
            assert_eq!(body(api, error()), expected);
        }
        // Errors of signatures have no service yet.
        let unsigned = request("GET", "/chime-sdk-meetings/meetings/m", "");
        let refused = Bench::sample().handle(&unsigned);
        assert_eq!(refused.json(), json!({"Message": "Missing Authentication Token"}));
    }

    #[test]
    fn each_service_has_its_own_throttling_code() {
        let error = || ServiceError::new(Exception::ThrottledClient, "no");
        assert!(body(&chime::API, error()).contains(r#""Code":"Throttled""#));
        assert!(body(&media_pipelines::API, error()).contains(r#""Code":"Throttling""#));
    }
}
