//! The verbs of the control endpoint for pipelines and pools.

use chime_model::events::StreamPoolEventType as PoolEvent;
use chime_model::media_pipelines::*;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::engine::dispatch::Moment;
use crate::engine::home::Home;
use crate::engine::world::{ActionError, Outcome, Verb, action};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::events::Change;
use crate::pipelines::record::POOL;
use crate::rules::Rules;

/// What happens to a pipeline. Written in kebab case, such as `stream-start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PipelineAction {
    /// It fails and tries again.
    FailTemporarily,
    /// It works again after a temporary failure.
    Resume,
    /// It fails for good.
    Fail,
    /// Audio flows into a stream again.
    StreamStart,
    /// No more audio flows into a stream.
    StreamEnd,
}

/// What happens to a pool. Written in kebab case, such as `fail-temporarily`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PoolAction {
    /// It fails and recovers on its own.
    FailTemporarily,
    /// It fails for good.
    Fail,
}

/// What an action on a pipeline is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct About {
    /// Why it fails.
    pub(crate) message: Option<String>,
    /// Whose stream; that of mixed audio by default.
    pub(crate) attendee_id: Option<String>,
}

impl Pipelines {
    /// Does what a verb below `media-pipelines` or `pools` says.
    pub(crate) fn control(
        &mut self,
        verb: &Verb<'_>,
        rules: &Rules,
        meetings: &mut Meetings,
        at: &mut Moment<'_>,
    ) -> Result<Outcome, ActionError> {
        let [kind, name, act] = &verb.path[..] else { return Ok(Outcome::Unknown) };
        if verb.method != Method::POST {
            return Ok(Outcome::WrongMethod);
        }
        if kind == "pools" {
            let Some(action) = action(act) else { return Ok(Outcome::Unknown) };
            self.act_on_pool_as(name, action, at)?;
            return Ok(Outcome::Done);
        }
        let Some(action) = action(act) else { return Ok(Outcome::Unknown) };
        match verb.read() {
            Ok(about) => self.act_as(name, action, about, rules, meetings, at)?,
            Err(error) => return Ok(Outcome::Invalid(error.to_string())),
        }
        Ok(Outcome::Done)
    }

    /// Lets something happen to a pipeline.
    pub(crate) fn act_as(
        &mut self,
        id: &str,
        action: PipelineAction,
        about: About,
        rules: &Rules,
        meetings: &mut Meetings,
        at: &mut Moment<'_>,
    ) -> Result<(), ActionError> {
        use PipelineAction as Do;
        let id = MediaPipelineId::from(id);
        let has = |home: &&Home| self.region(home).is_some_and(|it| it.pipelines.contains(&id));
        let home = self.regions.ids().find(has).cloned().ok_or(ActionError::NotFound)?;
        let record = self.region(&home).and_then(|region| region.pipelines.get(&id));
        let record = record.ok_or(ActionError::NotFound)?;
        let is_in_progress = record.status == MediaPipelineStatus::InProgress;
        if action == Do::Fail {
            if !record.is_active() {
                return Err(ActionError::Conflict("the pipeline has stopped or failed"));
            }
            self.fail(&home, &id, about.message, at, rules, meetings);
            return Ok(());
        }
        if !is_in_progress {
            return Err(ActionError::Conflict("the pipeline is not in progress"));
        }
        let change = match action {
            Do::FailTemporarily => Change::TemporaryFailure,
            Do::Resume => Change::Resumed,
            _ => {
                let (attendee, flows) = (about.attendee_id.as_deref(), action == Do::StreamStart);
                let no =
                    ActionError::Conflict("the pipeline has no such stream in the state for that");
                return self.set_stream(&home, &id, attendee, flows, at).ok_or(no);
            }
        };
        at.events.extend(record.caused(&home, change, None, at.now));
        Ok(())
    }

    /// Lets something happen to a pool, by its name or its ARN.
    pub(crate) fn act_on_pool_as(
        &mut self,
        identifier: &str,
        action: PoolAction,
        at: &mut Moment<'_>,
    ) -> Result<(), ActionError> {
        use KinesisVideoStreamPoolStatus as Status;
        let find = |home: &Home| {
            let name = PoolName::from(home.name(POOL, identifier)?);
            self.region(home)?.pools.contains(&name).then(|| (home.clone(), name))
        };
        let mut found = self.regions.ids().filter_map(find);
        let (home, name) = found.next().ok_or(ActionError::NotFound)?;
        if found.next().is_some() {
            return Err(ActionError::Conflict("several pools have that name; use the ARN"));
        }
        drop(found);
        let region = self.regions.below_mut(&home).ok_or(ActionError::NotFound)?;
        let pool = region.pools.get_mut(&name).ok_or(ActionError::NotFound)?;
        if !matches!(pool.status, Status::Active | Status::Updating | Status::Creating) {
            return Err(ActionError::Conflict("the pool has failed or is being deleted"));
        }
        let event = match action {
            PoolAction::FailTemporarily => PoolEvent::TemporaryFailure,
            PoolAction::Fail => {
                pool.status = Status::Failed;
                pool.updated = at.now;
                PoolEvent::PermanentFailure
            }
        };
        at.events.push(pool.caused(&home, event, at.now));
        Ok(())
    }
}
