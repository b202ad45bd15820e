//! Media pipelines, pools and configurations put in place by a seed.

use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::dispatch::Moment;
use crate::engine::events::Outbox;
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::seeding::{Seeding, TWICE};
use crate::engine::tags::by_key;
use crate::meetings::rules::MeetingRules;
use crate::meetings::{self, Meetings};
use crate::pipelines::create::default_configuration;
use crate::pipelines::documents::{
    SdkInsightsConfiguration, SdkPipeline, SdkPipelineMeeting, SdkPipelineState, SdkPool,
};
use crate::pipelines::record::{PipelineRecord, Work, each};
use crate::pipelines::sources::{element_statuses, meeting_id};
use crate::pipelines::{Pipelines, RegionTables};

impl PipelineRecord {
    /// Makes the record of a pipeline that a seed describes.
    fn seeded(
        mut work: Work,
        mut state: SdkPipelineState,
        now: OffsetDateTime,
        ids: &mut Ids,
    ) -> Self {
        if let Work::Capture(work) = &mut work {
            work.sink_type = Some(MediaPipelineSinkType::S3Bucket);
            work.source_type = Some(MediaPipelineSourceType::ChimeSdkMeeting);
            work.chime_sdk_meeting_configuration.get_or_insert_with(default_configuration);
        }
        let updated = work.updated().and_then(Option::take);
        let (id, status, created) = each!(&mut work, of => {
            (of.media_pipeline_id.take(), of.status.take(), of.created_timestamp.take())
        });
        let created = created.unwrap_or(now);
        let id = id.unwrap_or_else(|| ids.guid().into());
        let status = status.unwrap_or(MediaPipelineStatus::InProgress);
        state.updated_timestamp = state.updated_timestamp.or(updated).or(Some(created));
        state.tasks = state.tasks.into_iter().map(|task| task.complete(now)).collect();
        state.tags = by_key(state.tags);
        Self { id, work, status, created, state }
    }
}

impl Pipelines {
    /// Puts a pipeline in place. It replaces a pipeline of the same id, which leaves its meeting unless the
    /// new one is the same attendee. No events are sent.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        SdkPipeline { media_pipeline, state }: SdkPipeline,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let Some(work) = Work::of(media_pipeline) else {
            return at.problem(
                "MediaPipeline",
                "must have exactly one member, such as MediaCapturePipeline",
            );
        };
        let mut record = PipelineRecord::seeded(work, state, at.now, at.ids);
        let id = record.id.clone();
        let same_id = "must have a unique MediaPipelineId; an earlier item has the same";
        at.once("media pipeline", id.as_str(), "", same_id);
        at.each("State.Tasks", &record.state.tasks, |at, task| {
            at.once("task", format!("{id} {}", task.task_id), "TaskId", TWICE);
        });
        let no_sinks = matches!(&record.work, Work::Concatenation(work) if work.sinks.is_none());
        at.problem_if(no_sinks, "", "must have Sinks");
        let mut silent = meetings::Service {
            meetings,
            rules,
            at: Moment { now: at.now, ids: at.ids, events: &mut Outbox::new() },
            watcher: None,
        };
        let has_source = match record.work {
            Work::Insights(_) => self.complete_insights(home, &mut record),
            _ => self.complete_meeting(home, &mut record, &mut silent),
        };
        let problem = match record.work {
            Work::Insights(_) => "must have a configuration of this region",
            Work::Concatenation(_) => {
                "must have a capture pipeline of this region, listed before it and created at most \
                 30 days before it"
            }
            _ => "must name an active meeting of this AWS account",
        };
        if let Some((home, old)) = self.find(&id) {
            let joined = old.joined();
            if let Some((meeting, attendee)) = joined.filter(|_| joined != record.joined()) {
                silent.remove_attendee(meeting, attendee);
            }
            self.region_mut(&home.clone()).pipelines.remove(&id);
        }
        self.region_mut(home).pipelines.insert(id.clone(), record);
        self.follow(home, &id, silent.meetings, &mut silent.at);
        at.problem_if(!has_source && !at.alone, "", problem);
    }

    /// Sets the elements of an insights pipeline, unless the seed has them. Returns whether it has the
    /// configuration that it needs while it is active.
    fn complete_insights(&self, home: &Home, record: &mut PipelineRecord) -> bool {
        let is_active = record.is_active();
        let Work::Insights(work) = &mut record.work else { return false };
        let found = self.region(home).configuration_of(home, work).ok();
        let elements = || found.map(element_statuses).unwrap_or_default();
        work.element_statuses.get_or_insert_with(elements);
        found.is_some() || !is_active
    }

    /// Finds the meeting of a pipeline, unless the seed has it. A pipeline in progress joins it. Returns
    /// whether it has the meeting that it needs.
    fn complete_meeting(
        &self,
        home: &Home,
        record: &mut PipelineRecord,
        silent: &mut meetings::Service<'_>,
    ) -> bool {
        use MediaPipelineStatus::{InProgress, Initializing};
        let found = self.meeting_of(home, &record.work, record.created, silent.meetings).ok();
        let is_running = matches!(record.status, InProgress | Initializing);
        let source = record.work.source();
        let is_missing = found.is_none() && source.is_some() && is_running;
        let PipelineRecord { id, state: SdkPipelineState { meeting, .. }, .. } = record;
        if meeting.is_none() {
            let ended = || Some(SdkPipelineMeeting::new(meeting_id(&home.account, source?)?));
            *meeting = found.or_else(ended);
            if let (Some(it), Some(_), InProgress) = (&mut *meeting, source, &record.status) {
                let meetings::Service { meetings, rules, at, .. } = silent;
                it.attendee_id = meetings.put_pipeline(&it.meeting_id, id.as_str(), rules, at.now);
            }
        }
        meeting.is_some() && !is_missing
    }

    /// Puts a pool in place.
    pub(crate) fn put_pool(&mut self, home: &Home, pool: SdkPool, at: &mut Seeding<'_>) {
        at.once("pool", pool.arn(home), "PoolName", TWICE);
        let pool = pool.complete(home, at.ids, at.now);
        self.region_mut(home).pools.insert(pool.pool_name.clone(), pool);
    }

    /// Puts a configuration in place.
    pub(crate) fn put_configuration(
        &mut self,
        home: &Home,
        of: SdkInsightsConfiguration,
        at: &mut Seeding<'_>,
    ) {
        at.once("insights configuration", of.arn(home), "Name", TWICE);
        let of = of.complete(at.ids, at.now);
        self.region_mut(home).configurations.insert(of.name.clone(), of);
    }

    /// Returns the accounts and regions that have resources.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        let has = |region: &RegionTables| {
            region.pipelines.len() + region.configurations.len() + region.pools.len() > 0
        };
        self.regions().filter(move |(_, region)| has(region)).map(|(home, _)| home)
    }
}
