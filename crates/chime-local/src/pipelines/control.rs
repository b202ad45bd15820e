//! The verbs of the control endpoint for pipelines and pools.

use chime_model::events::StreamPoolEventType as PoolEvent;
use chime_model::media_pipelines::KinesisVideoStreamPoolStatus as PoolStatus;
use chime_model::media_pipelines::*;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::home::Home;
use crate::engine::world::{ActionError, Refusal, Verb, action};
use crate::pipelines::call::Service;
use crate::pipelines::events::{RESUMED, TEMPORARY_FAILURE};
use crate::pipelines::record::{POOL, Work};

/// An action on a pipeline. Serialized in kebab case, such as `stream-start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PipelineAction {
    /// The pipeline fails and tries again.
    FailTemporarily,
    /// The pipeline resumes after a temporary failure.
    Resume,
    /// The pipeline fails permanently.
    Fail,
    /// Audio flows again: into a stream of a stream pipeline, or out of those that an insights pipeline
    /// analyzes.
    StreamStart,
    /// The audio ends. An insights pipeline stops after 15 seconds without it.
    StreamEnd,
}

/// An action on a pool. Serialized in kebab case, such as `fail-temporarily`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PoolAction {
    /// The pool fails and recovers by itself.
    FailTemporarily,
    /// The pool fails permanently.
    Fail,
}

/// The body of the verbs of pipelines. Each verb reads one member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct About {
    /// Why the pipeline fails.
    pub(crate) message: Option<String>,
    /// The attendee whose stream starts or ends. Default: the stream of mixed audio.
    pub(crate) attendee_id: Option<String>,
}

/// The body of the verbs of pools.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoMembers {}

impl Service<'_> {
    /// Performs a verb below `media-pipelines` or `pools`.
    pub(crate) fn control(&mut self, verb: &Verb<'_>) -> Result<Option<Value>, Refusal> {
        let [kind, name, act] = &verb.path[..] else { return Err(Refusal::Unknown) };
        if verb.method != Method::POST {
            return Err(Refusal::WrongMethod);
        }
        if kind == "pools" {
            let Some(action) = action(act) else { return Err(Refusal::Unknown) };
            return verb.with_body(|NoMembers {}| self.act_on_pool_as(name, action));
        }
        let Some(action) = action(act) else { return Err(Refusal::Unknown) };
        verb.with_body(|about| self.act_as(name, action, about))
    }

    /// Performs an action on a pipeline.
    pub(crate) fn act_as(
        &mut self,
        id: &str,
        action: PipelineAction,
        about: About,
    ) -> Result<(), ActionError> {
        use PipelineAction as Do;
        let (home, record) = self.pipelines.find(&id.into()).ok_or(ActionError::NotFound)?;
        let (home, id, at) = (home.clone(), record.id.clone(), &mut self.meetings.at);
        let (failing_since, types) = match action {
            Do::Fail if record.is_active() => {
                self.fail(&home, &id, about.message);
                return Ok(());
            }
            Do::Fail => return Err(ActionError::Conflict("the pipeline has stopped or failed")),
            _ if record.status != MediaPipelineStatus::InProgress => {
                return Err(ActionError::Conflict("the pipeline is not in progress"));
            }
            Do::Resume if record.state.failing_since.is_none() => {
                return Err(ActionError::Conflict("the pipeline does not fail temporarily"));
            }
            Do::FailTemporarily => (Some(at.now), TEMPORARY_FAILURE),
            Do::Resume => (None, RESUMED),
            Do::StreamStart | Do::StreamEnd => {
                let attendee = about.attendee_id.map(AttendeeId::from);
                let flows = action == Do::StreamStart;
                let region = self.pipelines.region_mut(&home);
                let set = region.pipelines.change(&id, |record| match record.work {
                    Work::Insights(_) => record.set_fragments(flows, at.now),
                    _ => record.set_flow(&home, |it| it.attendee_id == attendee, flows, at),
                });
                let why = "the pipeline has no such stream in the required state";
                return set.flatten().ok_or(ActionError::Conflict(why));
            }
        };
        self.pipelines.region_mut(&home).pipelines.change(&id, |record| {
            record.state.failing_since = failing_since;
            at.events.extend(record.effect(&home, types, None, at.now));
        });
        Ok(())
    }

    /// Performs an action on a pool, which is given by name or ARN.
    pub(crate) fn act_on_pool_as(
        &mut self,
        identifier: &str,
        action: PoolAction,
    ) -> Result<(), ActionError> {
        let find = |home: &Home| {
            let name = PoolName::from(home.name(identifier, POOL)?);
            self.pipelines.region(home).pools.contains(&name).then(|| (home.clone(), name))
        };
        let found: Vec<_> = self.pipelines.regions.ids().filter_map(find).collect();
        let (home, name) = match &found[..] {
            [] => return Err(ActionError::NotFound),
            [one] => one,
            _ => return Err(ActionError::Conflict("several pools have that name; use the ARN")),
        };
        let pools = &mut self.pipelines.region_mut(home).pools;
        let pool = pools.get_mut(name).ok_or(ActionError::NotFound)?;
        if let Some(PoolStatus::Failed | PoolStatus::Deleting) = pool.pool_status {
            return Err(ActionError::Conflict("the pool has failed or is being deleted"));
        }
        let at = &mut self.meetings.at;
        let event = match action {
            PoolAction::FailTemporarily => PoolEvent::TemporaryFailure,
            PoolAction::Fail => {
                pool.set_status(PoolStatus::Failed, at.now);
                PoolEvent::PermanentFailure
            }
        };
        at.events.push(pool.effect(home, event, at.now));
        Ok(())
    }
}
