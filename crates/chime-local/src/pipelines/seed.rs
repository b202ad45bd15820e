//! Media pipelines, pools and configurations put in place by a seed.

use std::collections::BTreeMap;

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
use crate::pipelines::pools::SdkPool;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::sources::{element_statuses, meeting_id};
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
        let kinds: BTreeMap<String, Common> = serde_json::from_value(json).unwrap_or_default();
        let of = kinds.into_values().next().unwrap_or_default();
        let id = of.media_pipeline_id.unwrap_or_else(|| ids.guid().into());
        let created = of.created_timestamp.unwrap_or(now);
        Self {
            status: of.status.unwrap_or(MediaPipelineStatus::InProgress),
            updated: of.updated_timestamp.unwrap_or(created),
            ..Self::new(id, work, created)
        }
    }
}

impl Pipelines {
    /// Puts a pipeline in place, and takes its state out of those of the seed. It replaces a pipeline of
    /// the same id.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        (work, path): (Work, String),
        states: &mut BTreeMap<MediaPipelineId, (SdkPipelineState, String)>,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let mut record = PipelineRecord::seeded(work, at.now, at.ids);
        let id = record.id.clone();
        at.once("media pipeline", id.as_str(), || format!("{path}.MediaPipelineId"), TWICE);
        if let Some((state, path)) = states.remove(&id) {
            record.meeting = state.meeting;
            record.streams = state.streams;
            record.no_fragments_since = state.no_fragments_since;
            record.failing_since = state.failing_since;
            record.failure_reason = state.failure_reason;
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
            _ => self.complete_meeting(home, &mut record, meetings, rules, at.now),
        };
        if let Some((member, problem)) = problem.filter(|_| !at.alone) {
            at.problem(format!("{path}{member}"), problem);
        }
        for old in self.regions.each_below_mut(|row| row.below.pipelines.contains(&id)) {
            old.remove(&id);
        }
        self.region_mut(home).add(record);
    }

    /// Moves pipelines behind all others, in this order.
    pub(crate) fn put_in_order(&mut self, home: &Home, ids: &[MediaPipelineId]) {
        let region = self.region_mut(home);
        for id in ids {
            if let Some(record) = region.pipelines.get(id).map(|row| row.value.clone()) {
                region.remove(id);
                region.add(record);
            }
        }
    }

    /// Sets the elements of an insights pipeline, which needs its configuration while it is active.
    fn complete_insights(&self, home: &Home, record: &mut PipelineRecord) -> Option<Problem> {
        let is_active = record.is_active();
        let Work::Insights(work) = &mut record.work else { return None };
        let found = self.region(home).configuration_of(home, work);
        let elements = || found.map(element_statuses).unwrap_or_default();
        work.element_statuses.get_or_insert_with(elements);
        let member = ".MediaInsightsPipelineConfigurationArn";
        let problem = (member, "must be a configuration of this region");
        (found.is_none() && is_active).then_some(problem)
    }

    /// Finds the meeting of a pipeline, unless the seed has it. A pipeline in progress joins it.
    fn complete_meeting(
        &self,
        home: &Home,
        record: &mut PipelineRecord,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) -> Option<Problem> {
        use MediaPipelineStatus::{InProgress, Initializing};
        let found = self.meeting_of(home, &record.work, meetings);
        let is_running = matches!(record.status, InProgress | Initializing);
        let source = record.work.source();
        let problem = match record.work {
            Work::Concatenation(_) => {
                (".CapturePipelineId", "must be a capture pipeline of this region")
            }
            _ => ("", "must name an active meeting of this AWS account"),
        };
        let is_missing = found.is_none() && source.is_some() && is_running;
        if record.meeting.is_none() {
            let ended = || Some(SdkPipelineMeeting::new(meeting_id(&home.account, source?)?));
            let mut meeting = found.or_else(ended);
            if let (Some(meeting), Some(_), InProgress) = (&mut meeting, source, &record.status) {
                let (id, pipeline) = (&meeting.meeting_id, record.id.as_str());
                meeting.attendee_id = meetings.put_pipeline(id, pipeline, rules, now);
            }
            record.meeting = meeting;
        }
        (is_missing || record.meeting.is_none()).then_some(problem)
    }

    /// Puts a pool in place.
    pub(crate) fn put_pool(
        &mut self,
        home: &Home,
        (pool, path): (SdkPool, String),
        at: &mut Seeding<'_>,
    ) {
        at.once("pool", pool.arn(home), || format!("{path}.PoolName"), TWICE);
        let pool = pool.complete(home, at.ids, at.now);
        self.region_mut(home).pools.insert(pool.pool_name.clone(), pool);
    }

    /// Puts a configuration in place.
    pub(crate) fn put_configuration(
        &mut self,
        home: &Home,
        (of, path): (SdkInsightsConfiguration, String),
        at: &mut Seeding<'_>,
    ) {
        at.once("insights configuration", of.arn(home), || format!("{path}.Name"), TWICE);
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

/// A member that is wrong, and the problem.
type Problem = (&'static str, &'static str);
