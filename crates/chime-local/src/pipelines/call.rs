//! The context of a call, and of everything else that changes media pipelines.

use chime_model::media_pipelines::*;
use chime_model::{PagedOperation, SensitiveString};
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

use crate::engine::credential::Credential;
use crate::engine::errors::{Result, not_found};
use crate::engine::home::Home;
use crate::engine::paging::List;
use crate::meetings;
use crate::pipelines::record::{PIPELINE, PipelineRecord, Work};
use crate::pipelines::rules::PipelineRules;
use crate::pipelines::{Pipelines, RegionTables};

/// How long a client request token is remembered.
const TOKEN_LIFE: Duration = Duration::hours(24);
/// The default page size of all lists.
const PAGE_SIZE: usize = 100;

/// The service at one moment: its state and its rules, and the meetings that pipelines join.
pub(crate) struct Service<'a> {
    pub(crate) pipelines: &'a mut Pipelines,
    pub(crate) rules: &'a PipelineRules,
    /// Has the moment of both services.
    pub(crate) meetings: meetings::Service<'a>,
}

/// One call of one operation.
pub(crate) struct Call<'a> {
    pub(crate) home: Home,
    pub(crate) service: Service<'a>,
}

/// A client request token that has created something.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Spent {
    /// The id of what the token created.
    made: String,
    #[serde(with = "As::<chime_model::timestamp::Iso8601>")]
    at: OffsetDateTime,
}

impl<'a> Call<'a> {
    pub(crate) fn new(service: Service<'a>, caller: &Credential, region: &str) -> Result<Self> {
        let strict = service.meetings.rules.strict_control_regions.then_some(API.service);
        Ok(Self { home: Home::of(caller, region, strict)?, service })
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.service.meetings.at.now
    }

    /// Returns a new id, a GUID.
    pub(super) fn new_id(&mut self) -> String {
        self.service.meetings.at.ids.guid()
    }

    /// Returns the resources of the caller in this region.
    pub(super) fn region(&self) -> &RegionTables {
        self.service.pipelines.region(&self.home)
    }

    pub(super) fn region_mut(&mut self) -> &mut RegionTables {
        self.service.pipelines.region_mut(&self.home)
    }

    pub(super) fn pipeline(&self, id: &MediaPipelineId) -> Result<&PipelineRecord> {
        self.pipeline_if(id.as_str(), |_| true)
    }

    /// Finds an insights pipeline by id or ARN.
    pub(super) fn insights(&self, identifier: &ResourceIdentifier) -> Result<&PipelineRecord> {
        self.pipeline_if(identifier.as_str(), |record| matches!(record.work, Work::Insights(_)))
    }

    /// Finds a pipeline that matches, by id or ARN.
    pub(super) fn pipeline_if(
        &self,
        identifier: &str,
        matches: impl Fn(&PipelineRecord) -> bool,
    ) -> Result<&PipelineRecord> {
        let id = self.home.name(identifier, PIPELINE).unwrap_or_default();
        let record = self.service.pipelines.get(&self.home, &id.into());
        let record = record.filter(|record| matches(record));
        record.ok_or_else(|| not_found(&format!("Media pipeline <{identifier}>")))
    }

    /// Opens the list that a request reads a page of.
    pub(super) fn list<'r, O: PagedOperation>(&self, request: &'r O) -> Result<List<'r, O>> {
        List::open(&self.home, request, PAGE_SIZE)
    }

    /// Creates a resource, unless the same token created one of that kind within 24 hours and it still
    /// exists. `create` returns the id of the new resource; `find` loads the resource by that id.
    pub(super) fn once<T>(
        &mut self,
        kind: &str,
        token: Option<SensitiveString>,
        find: impl Fn(&Self, &str) -> Result<T>,
        create: impl FnOnce(&mut Self) -> Result<String>,
    ) -> Result<T> {
        let now = self.now();
        let is_old = |spent: &Spent| now - spent.at >= TOKEN_LIFE;
        let key = token.map(|token| (kind.to_owned(), token));
        if let Some(spent) = key.as_ref().and_then(|key| self.region().tokens.get(key))
            && !is_old(spent)
            && let Ok(found) = find(self, &spent.made)
        {
            return Ok(found);
        }
        let made = create(self)?;
        if let Some(key) = key {
            let tokens = &mut self.region_mut().tokens;
            tokens.remove_while(is_old);
            tokens.insert(key, Spent { made: made.clone(), at: now });
        }
        find(self, &made)
    }
}
