//! What becomes of pipelines, tasks and pools as time goes by, and when meetings end.

use chime_model::events::StreamPoolEventType as PoolEvent;
use chime_model::media_pipelines::*;
use chime_model::meetings::MeetingId;

use crate::engine::dispatch::Moment;
use crate::engine::home::Home;
use crate::meetings::events::EventSource;
use crate::meetings::{Meetings, Watcher};
use crate::pipelines::due::Step;
use crate::pipelines::events::Change;
use crate::pipelines::record::{PipelineRecord, TaskRecord};
use crate::pipelines::{Pipelines, artifacts};
use crate::rules::Rules;

impl Pipelines {
    /// Does what is due at this moment.
    pub(crate) fn act(&mut self, at: &mut Moment<'_>, rules: &Rules, meetings: &mut Meetings) {
        let now = at.now;
        let steps = self.steps(&rules.pipelines).filter(|(due, ..)| *due <= now);
        let steps: Vec<_> =
            steps.map(|(_, home, id, step)| (home.clone(), id.clone(), step)).collect();
        for (home, id, step) in steps {
            match step {
                Step::Start => self.start(&home, &id, at, rules, meetings),
                Step::Stop => self.stop(&home, &id, at, rules, meetings),
                Step::Finish => {
                    let (status, change) = (MediaPipelineStatus::Stopped, Change::Stopped);
                    self.set_status(&home, &id, status, Some((change, None)), at);
                }
                Step::Fail => self.fail(&home, &id, None, at, rules, meetings),
                Step::Forget => {
                    let region = self.regions.below_mut(&home);
                    region.map(|region| region.pipelines.remove(&id).is_some());
                }
            }
        }
        let steps = self.steps_of_tasks().filter(|(due, ..)| *due <= now);
        let steps: Vec<_> = steps
            .map(|(_, home, pipeline, id, status)| {
                (home.clone(), pipeline.clone(), id.clone(), status)
            })
            .collect();
        for (home, pipeline, id, status) in steps {
            let region = self.regions.below_mut(&home);
            let below = region.and_then(|region| region.pipelines.below_mut(&pipeline));
            if let Some(task) = below.and_then(|below| below.tasks.get_mut(&id)) {
                task.set_status(status, now);
            }
        }
        let steps = self.steps_of_pools(&rules.pipelines).filter(|(due, ..)| *due <= now);
        let steps: Vec<_> = steps.map(|(_, home, name)| (home.clone(), name.clone())).collect();
        for (home, name) in steps {
            self.act_on_pool(&home, &name, at);
        }
    }

    fn act_on_pool(&mut self, home: &Home, name: &PoolName, at: &mut Moment<'_>) -> Option<()> {
        use KinesisVideoStreamPoolStatus as Status;
        let pools = &mut self.regions.below_mut(home)?.pools;
        let pool = pools.get_mut(name)?;
        let event = match pool.status {
            Status::Creating => PoolEvent::Active,
            Status::Updating => PoolEvent::Updated,
            _ => PoolEvent::Deleted,
        };
        at.events.push(pool.caused(home, event, at.now));
        if pool.status == Status::Deleting {
            pools.remove(name);
        } else {
            pool.status = Status::Active;
            pool.updated = at.now;
        }
        Some(())
    }

    /// The record of a pipeline, to change it.
    pub(super) fn record_mut(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
    ) -> Option<&mut PipelineRecord> {
        self.regions.below_mut(home)?.pipelines.get_mut(id)
    }

    fn set_status(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        status: MediaPipelineStatus,
        change: Option<(Change, Option<String>)>,
        at: &mut Moment<'_>,
    ) {
        let Some(record) = self.record_mut(home, id) else { return };
        record.set_status(status, at.now);
        let event = change.and_then(|(change, why)| record.caused(home, change, why, at.now));
        at.events.extend(event);
    }

    /// Lets a pipeline work: it joins its meeting first.
    fn start(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        at: &mut Moment<'_>,
        rules: &Rules,
        meetings: &mut Meetings,
    ) {
        let Some(record) = self.record_mut(home, id) else { return };
        if record.work.is_in_meeting() {
            let join = |meeting: &EventSource| {
                meetings.join_pipeline(&meeting.meeting_id, id.as_str(), &rules.meetings, at)
            };
            record.attendee = record.meeting.as_ref().and_then(join);
            if record.attendee.is_none() {
                return self.fail(home, id, None, at, rules, meetings);
            }
        }
        if let Some(directory) = &rules.pipelines.artifact_directory {
            artifacts::write(directory, record, at.now);
        }
        let status = MediaPipelineStatus::InProgress;
        self.set_status(home, id, status, Some((Change::InProgress, None)), at);
        self.follow_one(home, id, meetings, at);
    }

    /// Lets a pipeline stop, which takes a while.
    pub(super) fn stop(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        at: &mut Moment<'_>,
        rules: &Rules,
        meetings: &mut Meetings,
    ) {
        let Some(record) = self.record_mut(home, id).filter(|it| it.can_stop()) else { return };
        record.leave(at, rules, meetings);
        self.begin_stop(home, id, MediaPipelineStatus::Stopping, None, at);
    }

    /// Lets a pipeline fail for good.
    pub(super) fn fail(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        why: Option<String>,
        at: &mut Moment<'_>,
        rules: &Rules,
        meetings: &mut Meetings,
    ) {
        let Some(record) = self.record_mut(home, id).filter(|it| it.is_active()) else { return };
        record.leave(at, rules, meetings);
        let change = Some((Change::PermanentFailure, why));
        self.begin_stop(home, id, MediaPipelineStatus::Failed, change, at);
    }

    /// Sets the status of a pipeline that no longer works, and stops its tasks.
    fn begin_stop(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        status: MediaPipelineStatus,
        change: Option<(Change, Option<String>)>,
        at: &mut Moment<'_>,
    ) {
        self.set_status(home, id, status, change, at);
        let region = self.regions.below_mut(home);
        let Some(below) = region.and_then(|region| region.pipelines.below_mut(id)) else { return };
        let can_stop = |task: &TaskRecord| {
            task.is_active() && task.status != MediaPipelineTaskStatus::Stopping
        };
        let tasks = below.tasks.rows().filter(|(_, task)| can_stop(task)).map(|(id, _)| id.clone());
        for id in tasks.collect::<Vec<_>>() {
            if let Some(task) = below.tasks.get_mut(&id) {
                task.set_status(MediaPipelineTaskStatus::Stopping, at.now);
            }
        }
    }
}

impl PipelineRecord {
    /// Ends what a pipeline does in its meeting.
    fn leave(&mut self, at: &mut Moment<'_>, rules: &Rules, meetings: &mut Meetings) {
        self.end_streams(at);
        if let (Some(attendee), Some(meeting)) = (self.attendee.take(), &self.meeting) {
            meetings.remove_pipeline(&meeting.meeting_id, &attendee, &rules.meetings, at);
        }
    }
}

impl Watcher for Pipelines {
    fn meeting_ends(&mut self, id: &MeetingId, at: &mut Moment<'_>) {
        let is_of = |record: &PipelineRecord| {
            let meeting = record.meeting.as_ref().map(|meeting| &meeting.meeting_id);
            record.can_stop() && record.work.is_in_meeting() && meeting == Some(id)
        };
        let all = self.regions().flat_map(|(home, region)| {
            let records = region.pipelines.values().filter(|record| is_of(record));
            records.map(move |record| (home.clone(), record.id.clone()))
        });
        for (home, pipeline) in all.collect::<Vec<_>>() {
            let Some(record) = self.record_mut(&home, &pipeline) else { continue };
            // Its attendee has left with all others.
            record.attendee = None;
            record.end_streams(at);
            self.begin_stop(&home, &pipeline, MediaPipelineStatus::Stopping, None, at);
        }
    }

    fn attendees_change(&mut self, meetings: &Meetings, at: &mut Moment<'_>) {
        self.follow(meetings, at);
    }
}
