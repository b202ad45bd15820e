//! What a handler of media pipelines works with.

use chime_model::media_pipelines::*;
use chime_model::{Exception, SensitiveString, ServiceError};
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::{Context, Moment};
use crate::engine::errors::{Result, not_found};
use crate::engine::home::Home;
use crate::meetings::Meetings;
use crate::pipelines::record::{PIPELINE, PipelineRow};
use crate::pipelines::{Pipelines, RegionTables};
use crate::rules::Rules;

/// How long a client request token is remembered.
const TOKEN_LIFE: Duration = Duration::hours(24);

/// One call of one operation.
pub(crate) struct Call<'a> {
    pub(crate) home: Home,
    pub(crate) at: Moment<'a>,
    pub(crate) rules: &'a Rules,
    pub(crate) pipelines: &'a mut Pipelines,
    pub(crate) meetings: &'a mut Meetings,
}

/// What was created with a client request token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Spent {
    /// The id or the name.
    made: String,
    #[serde(with = "As::<chime_model::timestamp::Iso8601>")]
    at: OffsetDateTime,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        pipelines: &'a mut Pipelines,
        meetings: &'a mut Meetings,
        rules: &'a Rules,
        context: Context<'a>,
    ) -> Result<Self> {
        let Context { caller, region, at } = context;
        let strict = rules.meetings.strict_control_regions.then_some(API.service);
        let home = Home::of(caller, region, strict)?;
        Ok(Self { home, at, rules, pipelines, meetings })
    }

    /// What the caller has in this region, if anything.
    pub(super) fn region(&self) -> Option<&RegionTables> {
        self.pipelines.region(&self.home)
    }

    pub(super) fn region_mut(&mut self) -> &mut RegionTables {
        self.pipelines.regions.below_or_default(&self.home)
    }

    /// Who a list belongs to.
    pub(super) fn list_owner(&self) -> String {
        format!("{} {}", self.home.account, self.home.region)
    }

    pub(super) fn pipeline(&self, id: &MediaPipelineId) -> Result<&PipelineRow> {
        let row = self.region().and_then(|region| region.pipelines.get(id));
        row.ok_or_else(|| no_pipeline(id.as_str()))
    }

    /// The insights pipeline of that id or ARN.
    pub(super) fn insights(&self, identifier: &ResourceIdentifier) -> Result<MediaPipelineId> {
        let id = self.home.name(PIPELINE, identifier.as_str()).map(MediaPipelineId::from);
        id.filter(|id| self.pipeline(id).is_ok_and(|row| row.work.is_insights()))
            .ok_or_else(|| no_pipeline(identifier.as_str()))
    }

    /// What was created with a token, if that is not long ago. The kind tells tokens of different
    /// things apart.
    pub(super) fn made_with(&self, kind: &str, token: Option<&SensitiveString>) -> Option<&str> {
        let spent = self.region()?.tokens.get(&(kind.to_owned(), token?.clone()))?;
        (self.at.now - spent.at < TOKEN_LIFE).then_some(spent.value.made.as_str())
    }

    /// Remembers what was created with a token, and forgets what was long ago.
    pub(super) fn remember(&mut self, kind: &str, token: Option<SensitiveString>, made: String) {
        let Some(token) = token else { return };
        let now = self.at.now;
        let tokens = &mut self.region_mut().tokens;
        let old = tokens.rows().take_while(|(_, spent)| now - spent.at >= TOKEN_LIFE);
        for old in old.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            tokens.remove(&old);
        }
        tokens.insert((kind.to_owned(), token), Spent { made, at: now });
    }
}

pub(super) fn no_pipeline(id: &str) -> ServiceError {
    not_found(&format!("Media pipeline <{id}>"))
}

/// The error where the state of a resource forbids something.
pub(super) fn conflict(message: &str) -> ServiceError {
    ServiceError::new(Exception::Conflict, message)
}

/// The error for too many calls.
pub(super) fn throttled() -> ServiceError {
    ServiceError::new(Exception::ThrottledClient, "Rate exceeded")
}
