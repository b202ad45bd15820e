//! Seeds of insights pipelines and their configurations, put in place.

use chime_model::media_pipelines::*;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::pipelines::Pipelines;
use crate::pipelines::insights::element_statuses;
use crate::pipelines::record::{CONFIGURATION, ConfigurationRecord, TaskRecord, Work};
use crate::pipelines::seed::put::{Common, common};
use crate::pipelines::seed::*;
use crate::pipelines::tags::pairs;

impl Pipelines {
    pub(super) fn put_insights(
        &mut self,
        home: &Home,
        of: SdkInsightsPipeline,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let id = of.media_pipeline_id.as_str();
        at.once("media pipeline", id, || format!("{path}.MediaPipelineId"), TWICE);
        let arn = of.media_insights_pipeline_configuration_arn;
        let name = home.resource(arn.as_str()).and_then(|name| name.strip_prefix(CONFIGURATION));
        let name = name.map(MediaInsightsPipelineConfigurationName::from);
        let found = name.and_then(|name| self.region(home)?.configurations.get(&name));
        let elements = of.element_statuses.or_else(|| found.map(|it| element_statuses(it)));
        let is_active =
            !matches!(of.status, Some(MediaPipelineStatus::Stopped | MediaPipelineStatus::Failed));
        let missing = found.is_none() && is_active && !at.alone;
        let member = || format!("{path}.MediaInsightsPipelineConfigurationArn");
        at.problem_if(missing, member, "is no configuration of this region");
        let work = MediaInsightsPipeline::default()
            .element_statuses(elements.unwrap_or_default())
            .media_insights_pipeline_configuration_arn(arn)
            .set_kinesis_video_stream_source_runtime_configuration(
                of.kinesis_video_stream_source_runtime_configuration,
            )
            .set_kinesis_video_stream_recording_source_runtime_configuration(
                of.kinesis_video_stream_recording_source_runtime_configuration,
            )
            .set_media_insights_runtime_metadata(of.media_insights_runtime_metadata)
            .set_s3_recording_sink_runtime_configuration(
                of.s3_recording_sink_runtime_configuration,
            );
        let tasks = of.tasks;
        let id = self.put_pipeline(home, common!(of), Work::Insights(work), None, at);
        let region = self.regions.below_mut(home);
        let Some(below) = region.and_then(|region| region.pipelines.below_mut(&id)) else { return };
        for (i, task) in tasks.into_iter().enumerate() {
            let path = || format!("{path}.Tasks[{i}].TaskId");
            at.once("task", format!("{id} {}", task.task_id), path, TWICE);
            let created = task.created_timestamp.unwrap_or(at.now);
            let record = TaskRecord {
                kind: task.kind,
                status: task.status.unwrap_or(MediaPipelineTaskStatus::InProgress),
                created,
                updated: task.updated_timestamp.unwrap_or(created),
            };
            below.tasks.insert(task.task_id, record);
        }
    }

    pub(super) fn put_configuration(
        &mut self,
        home: &Home,
        of: SdkInsightsConfiguration,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let name = of.name;
        let key = format!("{} {} {name}", home.account, home.region);
        at.once("insights configuration", key, || format!("{path}.Name"), TWICE);
        let created = of.created_timestamp.unwrap_or(at.now);
        let record = ConfigurationRecord {
            name: name.clone(),
            id: of.id.unwrap_or_else(|| at.ids.guid().into()),
            role: of.resource_access_role_arn,
            alerts: of.real_time_alert_configuration,
            elements: of.elements,
            created,
            updated: of.updated_timestamp.unwrap_or(created),
            tags: pairs(of.tags).collect(),
        };
        self.regions.below_or_default(home).configurations.insert(name, record);
    }
}
