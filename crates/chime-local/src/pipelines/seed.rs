//! Media pipelines, pools and configurations put in place by a seed.

use chime_model::media_pipelines::*;
use chime_model::timestamp::Iso8601;
use serde::Deserialize;
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::engine::tags::by_key;
use crate::meetings::Meetings;
use crate::meetings::rules::MeetingRules;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::create::default_configuration;
use crate::pipelines::documents::{SdkPipelineMeeting, SdkPipelineState};
use crate::pipelines::pools::{SdkPool, new_pool_id};
use crate::pipelines::record::{CONFIGURATION, PipelineRecord, Work};
use crate::pipelines::sources::{element_statuses, meeting_id};
use crate::pipelines::tasks::SdkTask;
use crate::pipelines::{Pipelines, RegionTables};

/// The members of a pipeline that the record has for all kinds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Common {
    media_pipeline_id: Option<MediaPipelineId>,
    status: Option<MediaPipelineStatus>,
    #[serde(with = "As::<Option<Iso8601>>")]
    created_timestamp: Option<OffsetDateTime>,
    #[serde(with = "As::<Option<Iso8601>>")]
    updated_timestamp: Option<OffsetDateTime>,
}

impl PipelineRecord {
    /// Makes the record of a pipeline that a seed describes as responses show it.
    fn seeded(mut work: Work, now: OffsetDateTime, ids: &mut Ids) -> Self {
        if let Work::Capture(work) = &mut work {
            work.sink_type = Some(MediaPipelineSinkType::S3Bucket);
            work.source_type = Some(MediaPipelineSourceType::ChimeSdkMeeting);
            work.chime_sdk_meeting_configuration.get_or_insert_with(default_configuration);
        }
        // The value of an enumeration is an object of the kind and its members.
        let json = serde_json::to_value(&work).unwrap_or_default();
        let members = json.as_object().and_then(|kind| kind.values().next());
        let members = members.and_then(|members| Common::deserialize(members).ok());
        let of = members.unwrap_or_default();
        let id = of.media_pipeline_id.unwrap_or_else(|| ids.guid().into());
        let created = of.created_timestamp.unwrap_or(now);
        Self {
            status: of.status.unwrap_or(MediaPipelineStatus::InProgress),
            updated: of.updated_timestamp.unwrap_or(created),
            ..Self::new(id, work, None, Vec::new(), created)
        }
    }
}

impl Pipelines {
    /// Puts a pipeline in place. It replaces a pipeline of the same id. `state` takes the state of a
    /// pipeline out of the seed.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        (work, path): (Work, String),
        state: impl FnOnce(&MediaPipelineId) -> Option<(SdkPipelineState, String)>,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let mut record = PipelineRecord::seeded(work, at.now, at.ids);
        let id = record.id.clone();
        at.once("media pipeline", id.as_str(), || format!("{path}.MediaPipelineId"), TWICE);
        if let Some((state, path)) = state(&id) {
            record.meeting = state.meeting;
            record.streams = state.streams;
            record.no_fragments_since = state.no_fragments_since;
            record.updated = state.updated_timestamp.unwrap_or(record.updated);
            record.tags = by_key(state.tags);
            for (task, path) in with_paths(state.tasks, &path, "Tasks") {
                let key = format!("{id} {}", task.task_id);
                at.once("task", key, || format!("{path}.TaskId"), TWICE);
                record.tasks.push(task.complete(at.now));
            }
        }
        let problem = match record.work {
            Work::Insights(_) => self.complete_insights(home, &mut record),
            Work::Concatenation(_) => self.complete_concatenation(home, &mut record),
            _ => record.complete_in_meeting(home, meetings, rules, at.now),
        };
        if let (Err((member, problem)), false) = (problem, at.alone) {
            at.problem(format!("{path}{member}"), problem);
        }
        for old in self.regions.each_below_mut(|row| row.below.pipelines.contains(&id)) {
            old.pipelines.remove(&id);
        }
        self.regions.below_or_default(home).pipelines.insert(id, record);
    }

    /// Sets the elements of an insights pipeline, which needs its configuration while it is active.
    fn complete_insights(&self, home: &Home, record: &mut PipelineRecord) -> Result<(), Problem> {
        let is_active = record.is_active();
        let Work::Insights(work) = &mut record.work else { return Ok(()) };
        let arn = work.media_insights_pipeline_configuration_arn.as_ref();
        let name = arn.and_then(|arn| home.resource(arn.as_str())?.strip_prefix(CONFIGURATION));
        let found = name.and_then(|name| self.region(home)?.configurations.get(&name.into()));
        work.element_statuses.get_or_insert_with(|| {
            found.map(|configuration| element_statuses(configuration)).unwrap_or_default()
        });
        if found.is_none() && is_active {
            let member = ".MediaInsightsPipelineConfigurationArn";
            return Err((member, "must be a configuration of this region"));
        }
        Ok(())
    }

    /// Finds the meeting of a concatenation.
    fn complete_concatenation(
        &self,
        home: &Home,
        record: &mut PipelineRecord,
    ) -> Result<(), Problem> {
        let capture = record.work.captured(home);
        let capture = capture.and_then(|id| self.region(home)?.pipelines.get(&id));
        let capture = capture.filter(|record| matches!(record.work, Work::Capture(_)));
        let meeting = capture.and_then(|record| record.captured_meeting());
        record.meeting = record.meeting.take().or(meeting);
        let missing = (".CapturePipelineId", "must be a capture pipeline of this region");
        record.meeting.as_ref().map(|_| ()).ok_or(missing)
    }

    /// Puts a pool in place.
    pub(crate) fn put_pool(
        &mut self,
        home: &Home,
        (pool, path): (SdkPool, String),
        at: &mut Seeding<'_>,
    ) {
        let key = format!("{} {} {}", home.account, home.region, pool.pool_name);
        at.once("pool", key, || format!("{path}.PoolName"), TWICE);
        let pool = pool.complete(home, at.ids, at.now);
        self.regions.below_or_default(home).pools.insert(pool.pool_name.clone(), pool);
    }

    /// Puts a configuration in place.
    pub(crate) fn put_configuration(
        &mut self,
        home: &Home,
        (of, path): (SdkInsightsConfiguration, String),
        at: &mut Seeding<'_>,
    ) {
        let key = format!("{} {} {}", home.account, home.region, of.name);
        at.once("insights configuration", key, || format!("{path}.Name"), TWICE);
        let of = of.complete(at.ids, at.now);
        self.regions.below_or_default(home).configurations.insert(of.name.clone(), of);
    }

    /// Returns the accounts and regions that have resources.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        let has = |region: &RegionTables| {
            region.pipelines.len() + region.configurations.len() + region.pools.len() > 0
        };
        self.regions().filter(move |(_, region)| has(region)).map(|(home, _)| home)
    }
}

/// A member that is wrong, and the problem.
type Problem = (&'static str, &'static str);

impl PipelineRecord {
    /// Finds the meeting of a pipeline, which must be active while the pipeline is. A pipeline in
    /// progress joins it, unless the seed says otherwise.
    fn complete_in_meeting(
        &mut self,
        home: &Home,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) -> Result<(), Problem> {
        use MediaPipelineStatus::{InProgress, Initializing};
        const NO_MEETING: Problem = ("", "must name an active meeting of this AWS account");
        let is_given = self.meeting.is_some();
        if !is_given {
            let id = self.work.source().and_then(|arn| meeting_id(&home.account, arn));
            self.meeting = id.map(SdkPipelineMeeting::new);
        }
        let meeting = self.meeting.as_mut().ok_or(NO_MEETING)?;
        let live = meetings.of_account(&home.account, &meeting.meeting_id);
        let Some(live) = live else {
            let needs_live = matches!(self.status, InProgress | Initializing);
            return if needs_live { Err(NO_MEETING) } else { Ok(()) };
        };
        if !is_given {
            *meeting = SdkPipelineMeeting::of(live);
            if self.status == InProgress {
                let (id, pipeline) = (&meeting.meeting_id, self.id.as_str());
                meeting.attendee_id = meetings.put_pipeline(id, pipeline, rules, now);
            }
        }
        Ok(())
    }
}

impl SdkTask {
    /// Sets the unset members to their defaults.
    fn complete(mut self, now: OffsetDateTime) -> Self {
        self.status.get_or_insert(MediaPipelineTaskStatus::InProgress);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self
    }
}

impl SdkPool {
    /// Sets the unset members to their defaults.
    fn complete(mut self, home: &Home, ids: &mut Ids, now: OffsetDateTime) -> Self {
        let name = &self.pool_name;
        self.pool_id.get_or_insert_with(|| new_pool_id(name, &ids.guid()));
        self.region.get_or_insert_with(|| home.region.clone());
        self.pool_status.get_or_insert(KinesisVideoStreamPoolStatus::Active);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }
}

impl SdkInsightsConfiguration {
    /// Sets the unset members to their defaults.
    fn complete(mut self, ids: &mut Ids, now: OffsetDateTime) -> Self {
        self.id.get_or_insert_with(|| ids.guid().into());
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }
}
