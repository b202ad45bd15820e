//! What pipelines, tasks and pools do as time passes, and when their meetings end.

use chime_model::media_pipelines::{MediaPipelineId, MediaPipelineStatus as Status, PoolName};
use chime_model::meetings::MeetingId;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::Moment;
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::meetings::{Meetings, Watcher};
use crate::pipelines::documents::{SdkPool, SdkTask};
use crate::pipelines::events::types;
use crate::pipelines::record::{KEPT, PipelineRecord, Work};
use crate::pipelines::rules::PipelineRules;
use crate::pipelines::{Pipelines, Service, artifacts};

/// How long an insights pipeline runs at most.
const MAX_INSIGHTS: Duration = Duration::hours(8);
/// How long an insights pipeline can be paused.
const MAX_PAUSE: Duration = Duration::hours(2);
/// How long an insights pipeline waits for fragments of a live stream.
const MAX_SILENCE: Duration = Duration::seconds(15);

/// A step of a pipeline that becomes due.
#[derive(Clone, Copy)]
enum Step {
    Start,
    Stop,
    Finish,
    Fail,
    /// Changes the status of tasks.
    Tasks,
    Forget,
}

/// Returns the next step of an active pipeline and when it is due. A concatenation waits for its capture
/// pipeline if that still exists.
fn next(
    record: &PipelineRecord,
    capture: Option<&PipelineRecord>,
    rules: &PipelineRules,
) -> Option<(OffsetDateTime, Step)> {
    let (created, updated) = (record.created, record.updated());
    let seconds = |seconds: u32| Duration::seconds(seconds.into());
    let (since, wait, step) = match (&record.status, &record.work) {
        (Status::Initializing, _) => (created, seconds(rules.pipeline_start_seconds), Step::Start),
        (Status::Stopping, _) => (updated, seconds(rules.pipeline_stop_seconds), Step::Finish),
        (Status::Stopped | Status::Failed, _) => return None,
        (_, Work::Insights(_)) => (end_of_insights(record), Duration::ZERO, Step::Stop),
        (_, Work::Concatenation(_)) => {
            let since = capture.map_or(updated, |capture| updated.max(capture.updated()));
            match capture {
                Some(capture) if capture.status == Status::Failed => {
                    (since, Duration::ZERO, Step::Fail)
                }
                Some(capture) if capture.is_active() => return None,
                _ => (since, seconds(rules.concatenation_seconds), Step::Finish),
            }
        }
        _ => return None,
    };
    Some((since.saturating_add(wait), step))
}

/// Returns when an insights pipeline stops by itself. Only one in progress waits for fragments.
fn end_of_insights(record: &PipelineRecord) -> OffsetDateTime {
    let early = match record.status {
        Status::Paused => Some(record.updated().saturating_add(MAX_PAUSE)),
        _ => record
            .state
            .no_fragments_since
            .map(|since| since.max(record.updated()).saturating_add(MAX_SILENCE)),
    };
    let latest = record.created.saturating_add(MAX_INSIGHTS);
    early.map_or(latest, |early| early.min(latest))
}

impl Pipelines {
    fn steps<'a>(
        &'a self,
        rules: &'a PipelineRules,
    ) -> impl Iterator<Item = (OffsetDateTime, &'a Home, &'a MediaPipelineId, Step)> {
        let unfinished = self.unfinished().flat_map(move |(home, record)| {
            let own = next(record, self.capture_of(home, &record.work), rules);
            let tasks =
                record.state.tasks.iter().filter_map(SdkTask::next).map(|(due, _)| due).min();
            let steps = own.into_iter().chain(tasks.map(|due| (due, Step::Tasks)));
            steps.map(move |(due, step)| (due, home, &record.id, step))
        });
        let forgotten = self.regions().filter_map(|(home, region)| {
            let (due, id) = region.first_forgotten()?;
            Some((*due, home, id, Step::Forget))
        });
        unfinished.chain(forgotten)
    }

    fn steps_of_pools<'a>(
        &'a self,
        rules: &'a PipelineRules,
    ) -> impl Iterator<Item = (OffsetDateTime, &'a Home, &'a PoolName)> {
        self.regions().flat_map(move |(home, region)| {
            let due = move |pool: &SdkPool| pool.due(region, home, rules);
            region.pools.values().filter_map(move |pool| Some((due(pool)?, home, &pool.pool_name)))
        })
    }

    /// Returns when something becomes due next.
    pub(crate) fn next_due(&self, rules: &PipelineRules) -> Option<OffsetDateTime> {
        let pipelines = self.steps(rules).map(|(due, ..)| due);
        pipelines.chain(self.steps_of_pools(rules).map(|(due, ..)| due)).min()
    }
}

impl Service<'_> {
    /// Does what is due now.
    pub(crate) fn act(&mut self) {
        let now = self.meetings.at.now;
        let steps = self.pipelines.steps(self.rules).filter(|(due, ..)| *due <= now);
        let steps = steps.map(|(_, home, id, step)| (home.clone(), id.clone(), step));
        for (home, id, step) in steps.collect::<Vec<_>>() {
            match step {
                Step::Start => self.start(&home, &id),
                Step::Stop => self.stop(&home, &id),
                Step::Finish => self.set_status(&home, &id, Status::Stopped, None),
                Step::Fail => self.fail(&home, &id, Some("the capture pipeline failed".into())),
                Step::Tasks => self.act_on_tasks(&home, &id),
                Step::Forget => {
                    self.pipelines.region_mut(&home).pipelines.remove(&id);
                }
            }
        }
        let steps = self.pipelines.steps_of_pools(self.rules).filter(|(due, ..)| *due <= now);
        let steps = steps.map(|(_, home, name)| (home.clone(), name.clone()));
        for (home, name) in steps.collect::<Vec<_>>() {
            self.act_on_pool(&home, &name);
        }
    }

    fn act_on_tasks(&mut self, home: &Home, id: &MediaPipelineId) {
        let now = self.meetings.at.now;
        self.pipelines.region_mut(home).pipelines.change(id, |record| {
            for task in &mut record.state.tasks {
                if let Some((_, status)) = task.next().filter(|(due, _)| *due <= now) {
                    task.set_status(status, now);
                }
            }
        });
    }

    /// Sets the status of a pipeline and sends the event of the change.
    pub(super) fn set_status(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        status: Status,
        reason: Option<String>,
    ) {
        let at = &mut self.meetings.at;
        self.pipelines.region_mut(home).pipelines.change(id, |record| {
            if let Some(directory) = &self.rules.artifact_directory {
                at.events.extend(artifacts::of(record, &status, directory, at.now));
            }
            let types = types(&status);
            record.set_status(status, at.now);
            record.state.failure_reason.clone_from(&reason);
            at.events.extend(types.and_then(|types| record.effect(home, types, reason, at.now)));
        });
    }

    /// Lets a pipeline join its meeting and begin to work.
    fn start(&mut self, home: &Home, id: &MediaPipelineId) {
        let Self { pipelines, meetings, .. } = self;
        let joined = pipelines.region_mut(home).pipelines.change(id, |record| {
            if record.work.source().is_none() {
                return true;
            }
            let Some(meeting) = &mut record.state.meeting else { return false };
            meeting.attendee_id = meetings.join_pipeline(&meeting.meeting_id, id.as_str());
            meeting.attendee_id.is_some()
        });
        if joined == Some(false) {
            return self.fail(home, id, Some("it could not join the meeting".into()));
        }
        self.set_status(home, id, Status::InProgress, None);
        let Self { pipelines, meetings, .. } = self;
        // An imported pipeline starts the same streams as the exported one.
        let ids = &mut Ids::of(id.as_str());
        let mut at = Moment { now: meetings.at.now, ids, events: meetings.at.events };
        pipelines.follow(home, id, meetings.meetings, &mut at);
    }

    /// Begins to stop a pipeline.
    pub(super) fn stop(&mut self, home: &Home, id: &MediaPipelineId) {
        if self.pipelines.get(home, id).is_some_and(PipelineRecord::can_stop) {
            self.end(home, id, Status::Stopping, None);
        }
    }

    /// Lets a pipeline fail permanently.
    pub(super) fn fail(&mut self, home: &Home, id: &MediaPipelineId, reason: Option<String>) {
        if self.pipelines.get(home, id).is_some_and(PipelineRecord::is_active) {
            self.end(home, id, Status::Failed, reason);
        }
    }

    /// Ends the streams of a pipeline, removes its attendee from the meeting, and sets its status.
    fn end(&mut self, home: &Home, id: &MediaPipelineId, status: Status, reason: Option<String>) {
        let Self { pipelines, meetings, .. } = self;
        pipelines.region_mut(home).pipelines.change(id, |record| {
            record.end_streams(home, &mut meetings.at);
            if let Some(meeting) = &mut record.state.meeting
                && let Some(attendee) = meeting.attendee_id.take()
            {
                meetings.remove_attendee(&meeting.meeting_id, &attendee);
            }
        });
        self.set_status(home, id, status, reason);
    }
}

impl PipelineRecord {
    /// Returns when the pipeline is forgotten; `None` before it and its tasks have ended.
    pub(super) fn forgotten_at(&self) -> Option<OffsetDateTime> {
        let has_ended =
            !self.is_active() && self.state.tasks.iter().all(|task| task.next().is_none());
        has_ended.then(|| self.created.saturating_add(KEPT).max(self.updated()))
    }
}

impl Watcher for Pipelines {
    fn meeting_ends(&mut self, id: &MeetingId, at: &mut Moment<'_>) {
        for (home, pipeline) in self.ids_of(|record| record.can_stop() && record.is_in(id)) {
            self.region_mut(&home).pipelines.change(&pipeline, |record| {
                // The attendee has left with all others.
                if let Some(meeting) = &mut record.state.meeting {
                    meeting.attendee_id = None;
                }
                record.end_streams(&home, at);
                record.set_status(Status::Stopping, at.now);
            });
        }
    }

    fn attendees_change(&mut self, id: &MeetingId, meetings: &Meetings, at: &mut Moment<'_>) {
        let streams =
            |record: &PipelineRecord| matches!(record.work, Work::Stream(_)) && record.is_in(id);
        for (home, pipeline) in self.ids_of(streams) {
            self.follow(&home, &pipeline, meetings, at);
        }
    }
}
