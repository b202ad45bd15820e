//! What becomes due as time goes by, and when.

use chime_model::media_pipelines::*;
use time::{Duration, OffsetDateTime};

use crate::engine::home::Home;
use crate::pipelines::record::{PipelineRecord, PoolRecord, TaskRecord, Work};
use crate::pipelines::rules::PipelineRules;
use crate::pipelines::{Pipelines, RegionTables};

/// For how long a pipeline is remembered, from its creation.
const REMEMBERED: Duration = Duration::days(30);
/// For how long an insights pipeline works at most.
const MOST_INSIGHTS: Duration = Duration::hours(8);
/// For how long an insights pipeline can be paused.
const MOST_PAUSED: Duration = Duration::hours(2);
/// How long a task takes to start and to stop.
const TASK: Duration = Duration::seconds(1);

/// What time does to a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Start,
    Stop,
    Finish,
    Fail,
    Forget,
}

/// The next step of a pipeline and when it is due. A concatenation waits for its capture pipeline,
/// unless that is forgotten.
fn next(
    record: &PipelineRecord,
    capture: Option<&PipelineRecord>,
    rules: &PipelineRules,
) -> Option<(OffsetDateTime, Step)> {
    use MediaPipelineStatus as Status;
    let PipelineRecord { created, updated, .. } = *record;
    let after = |since: OffsetDateTime, seconds: u32| {
        since.saturating_add(Duration::seconds(seconds.into()))
    };
    let too_old = created.saturating_add(MOST_INSIGHTS);
    let finished = |since| (after(since, rules.concatenation_seconds), Step::Finish);
    match (&record.status, &record.work) {
        (Status::Initializing, _) => {
            Some((after(created, rules.pipeline_start_seconds), Step::Start))
        }
        (Status::Stopping, _) => Some((after(updated, rules.pipeline_stop_seconds), Step::Finish)),
        (Status::Stopped | Status::Failed, _) => {
            Some((created.saturating_add(REMEMBERED).max(updated), Step::Forget))
        }
        (Status::Paused, _) => Some((updated.saturating_add(MOST_PAUSED).min(too_old), Step::Stop)),
        (_, Work::Insights(_)) => Some((too_old, Step::Stop)),
        (_, Work::Concatenation(_)) => match capture {
            None => Some(finished(updated)),
            Some(capture) if capture.status == Status::Failed => {
                Some((updated.max(capture.updated), Step::Fail))
            }
            Some(capture) if capture.is_active() => None,
            Some(capture) => Some(finished(updated.max(capture.updated))),
        },
        _ => None,
    }
}

/// The next status of a task and when it has it.
fn next_of_task(task: &TaskRecord) -> Option<(OffsetDateTime, MediaPipelineTaskStatus)> {
    use MediaPipelineTaskStatus as Status;
    match task.status {
        Status::Initializing => Some((task.created.saturating_add(TASK), Status::InProgress)),
        Status::Stopping => Some((task.updated.saturating_add(TASK), Status::Stopped)),
        _ => None,
    }
}

/// When the status of a pool changes. One that is deleted waits until no pipeline uses it.
fn next_of_pool(
    pool: &PoolRecord,
    region: &RegionTables,
    home: &Home,
    rules: &PipelineRules,
) -> Option<OffsetDateTime> {
    use KinesisVideoStreamPoolStatus as Status;
    let wait = Duration::seconds(rules.pool_seconds.into());
    let due = pool.updated.saturating_add(wait);
    match pool.status {
        Status::Creating | Status::Updating => Some(due),
        Status::Deleting => {
            let arn = pool.arn(home);
            let uses = |record: &&PipelineRecord| match &record.work {
                Work::Stream(work) => {
                    work.sinks.iter().flatten().any(|sink| *sink.sink_arn.expose() == *arn)
                }
                _ => false,
            };
            let mut users = region.pipelines.values().filter(uses);
            users.try_fold(due, |due, user| (!user.is_active()).then(|| due.max(user.updated)))
        }
        _ => None,
    }
}

impl Pipelines {
    pub(super) fn regions(&self) -> impl Iterator<Item = (&Home, &RegionTables)> {
        self.regions.rows().map(|(home, row)| (home, &row.below))
    }

    pub(super) fn steps<'a>(
        &'a self,
        rules: &'a PipelineRules,
    ) -> impl Iterator<Item = (OffsetDateTime, &'a Home, &'a MediaPipelineId, Step)> {
        self.regions().flat_map(move |(home, region)| {
            region.pipelines.values().filter_map(move |record| {
                let capture = region.capture_of(record, home).map(|row| &row.value);
                let (due, step) = next(record, capture, rules)?;
                Some((due, home, &record.id, step))
            })
        })
    }

    pub(super) fn steps_of_tasks(
        &self,
    ) -> impl Iterator<Item = (OffsetDateTime, &Home, &MediaPipelineId, &String, MediaPipelineTaskStatus)>
    {
        self.regions().flat_map(|(home, region)| {
            region.pipelines.rows().flat_map(move |(pipeline, row)| {
                row.below.tasks.rows().filter_map(move |(id, task)| {
                    let (due, status) = next_of_task(task)?;
                    Some((due, home, pipeline, id, status))
                })
            })
        })
    }

    pub(super) fn steps_of_pools<'a>(
        &'a self,
        rules: &'a PipelineRules,
    ) -> impl Iterator<Item = (OffsetDateTime, &'a Home, &'a PoolName)> {
        self.regions().flat_map(move |(home, region)| {
            region.pools.values().filter_map(move |pool| {
                Some((next_of_pool(pool, region, home, rules)?, home, &pool.name))
            })
        })
    }

    /// When something becomes due next.
    pub(crate) fn next_due(&self, rules: &PipelineRules) -> Option<OffsetDateTime> {
        let pipelines = self.steps(rules).map(|(due, ..)| due);
        let tasks = self.steps_of_tasks().map(|(due, ..)| due);
        let pools = self.steps_of_pools(rules).map(|(due, ..)| due);
        pipelines.chain(tasks).chain(pools).min()
    }
}
