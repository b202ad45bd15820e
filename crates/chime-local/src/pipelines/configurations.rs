//! Configurations of insights pipelines.

use std::collections::BTreeSet;

use chime_model::ServiceError;
use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, limit_exceeded, not_found};
use crate::engine::home::Home;
use crate::engine::paging::List;
use crate::pipelines::call::conflict;
use crate::pipelines::lifecycle::PAGE;
use crate::pipelines::record::{CONFIGURATION, ConfigurationRecord, Work};
use crate::pipelines::tags::new_tags;
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        create_media_insights_pipeline_configuration, get_media_insights_pipeline_configuration,
        update_media_insights_pipeline_configuration, delete_media_insights_pipeline_configuration,
        list_media_insights_pipeline_configurations
}

/// How many configurations an AWS account can have in a control region.
const MOST: usize = 100;
const KIND: &str = "configuration";

type Name = MediaInsightsPipelineConfigurationName;

impl ConfigurationRecord {
    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{CONFIGURATION}{}", self.name))
    }

    fn shown(&self, home: &Home) -> MediaInsightsPipelineConfiguration {
        MediaInsightsPipelineConfiguration::default()
            .created_timestamp(self.created)
            .elements(self.elements.clone())
            .media_insights_pipeline_configuration_arn(self.arn(home))
            .media_insights_pipeline_configuration_id(&self.id)
            .media_insights_pipeline_configuration_name(&self.name)
            .set_real_time_alert_configuration(self.alerts.clone())
            .resource_access_role_arn(self.role.clone())
            .updated_timestamp(self.updated)
    }
}

impl Call<'_> {
    /// The configuration of that name, id or ARN.
    fn configuration(&self, identifier: &str) -> Result<(Name, &ConfigurationRecord)> {
        let name = self.home.name(CONFIGURATION, identifier).unwrap_or_default();
        let all = self.region().into_iter().flat_map(|region| region.configurations.values());
        let mut found = all.filter(|it| it.name.as_str() == name || it.id.as_str() == name);
        found.next().map(|it| (it.name.clone(), it)).ok_or_else(|| unknown(identifier))
    }

    /// The configuration of that ARN.
    pub(super) fn configuration_of(
        &self,
        arn: &MediaInsightsPipelineConfigurationArn,
    ) -> Result<(Name, &ConfigurationRecord)> {
        self.home.resource(arn.as_str()).ok_or_else(|| unknown(arn.as_str()))?;
        self.configuration(arn.as_str())
    }

    /// Checks that no pipeline at work uses a configuration, and returns its name.
    fn unused(&self, identifier: &ResourceIdentifier) -> Result<Name> {
        let (name, record) = self.configuration(identifier.as_str())?;
        let arn = record.arn(&self.home);
        let mut all = self.region().into_iter().flat_map(|region| region.pipelines.values());
        let is_used = all.any(|it| match &it.work {
            Work::Insights(work) => {
                let used = work.media_insights_pipeline_configuration_arn.as_ref();
                it.is_active() && used.is_some_and(|used| *used.as_str() == arn)
            }
            _ => false,
        });
        if is_used { Err(conflict("A pipeline uses the configuration")) } else { Ok(name) }
    }
}

fn unknown(identifier: &str) -> ServiceError {
    not_found(&format!("Media insights pipeline configuration <{identifier}>"))
}

/// Checks that elements go together, and that each has its settings.
fn check_elements(elements: &[MediaInsightsPipelineConfigurationElement]) -> Result<()> {
    use MediaInsightsPipelineConfigurationElementType as Type;
    let types: BTreeSet<_> = elements.iter().map(|element| &element.r#type).collect();
    if types.len() < elements.len() {
        return Err(bad_request("Elements: each Type can be there once"));
    }
    if types.contains(&Type::AmazonTranscribeCallAnalyticsProcessor)
        && types.contains(&Type::AmazonTranscribeProcessor)
    {
        return Err(bad_request("Elements: only one processor of Amazon Transcribe can be there"));
    }
    let has_settings = |it: &MediaInsightsPipelineConfigurationElement| match it.r#type {
        Type::AmazonTranscribeCallAnalyticsProcessor => {
            it.amazon_transcribe_call_analytics_processor_configuration.is_some()
        }
        Type::VoiceAnalyticsProcessor => it.voice_analytics_processor_configuration.is_some(),
        Type::AmazonTranscribeProcessor => it.amazon_transcribe_processor_configuration.is_some(),
        Type::KinesisDataStreamSink => it.kinesis_data_stream_sink_configuration.is_some(),
        Type::LambdaFunctionSink => it.lambda_function_sink_configuration.is_some(),
        Type::SqsQueueSink => it.sqs_queue_sink_configuration.is_some(),
        Type::SnsTopicSink => it.sns_topic_sink_configuration.is_some(),
        Type::S3RecordingSink => it.s3_recording_sink_configuration.is_some(),
        _ => true,
    };
    match elements.iter().find(|element| !has_settings(element)) {
        Some(without) => {
            Err(bad_request(format!("Elements: {0} needs {0}Configuration", without.r#type)))
        }
        None => Ok(()),
    }
}

fn create_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: CreateMediaInsightsPipelineConfigurationRequest,
) -> Result<CreateMediaInsightsPipelineConfigurationResponse> {
    let respond = |record: &ConfigurationRecord, home: &Home| {
        let response = CreateMediaInsightsPipelineConfigurationResponse::default();
        Ok(response.media_insights_pipeline_configuration(record.shown(home)))
    };
    check_elements(&request.elements)?;
    let tags = new_tags(request.tags)?;
    let (name, token) =
        (request.media_insights_pipeline_configuration_name, request.client_request_token);
    if let Some(first) = call.made_with(KIND, token.as_ref())
        && let Ok((_, first)) = call.configuration(first)
    {
        return respond(first, &call.home);
    }
    let table = call.region().map(|region| &region.configurations);
    if table.is_some_and(|table| table.contains(&name)) {
        return Err(bad_request("MediaInsightsPipelineConfigurationName: is taken"));
    }
    if table.is_some_and(|table| table.len() >= MOST) {
        return Err(limit_exceeded("The AWS account has as many configurations as it can have"));
    }
    let record = ConfigurationRecord {
        name: name.clone(),
        id: call.at.ids.guid().into(),
        role: request.resource_access_role_arn,
        alerts: request.real_time_alert_configuration,
        elements: request.elements,
        created: call.at.now,
        updated: call.at.now,
        tags,
    };
    call.remember(KIND, token, name.as_str().to_owned());
    call.region_mut().configurations.insert(name, record.clone());
    respond(&record, &call.home)
}

fn get_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: GetMediaInsightsPipelineConfigurationRequest,
) -> Result<GetMediaInsightsPipelineConfigurationResponse> {
    let (_, record) = call.configuration(request.identifier.as_str())?;
    let response = GetMediaInsightsPipelineConfigurationResponse::default();
    Ok(response.media_insights_pipeline_configuration(record.shown(&call.home)))
}

fn update_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: UpdateMediaInsightsPipelineConfigurationRequest,
) -> Result<UpdateMediaInsightsPipelineConfigurationResponse> {
    check_elements(&request.elements)?;
    let name = call.unused(&request.identifier)?;
    let now = call.at.now;
    let record = call.region_mut().configurations.get_mut(&name);
    let record = record.ok_or_else(|| unknown(name.as_str()))?;
    record.role = request.resource_access_role_arn;
    record.alerts = request.real_time_alert_configuration;
    record.elements = request.elements;
    record.updated = now;
    let record = record.clone();
    let response = UpdateMediaInsightsPipelineConfigurationResponse::default();
    Ok(response.media_insights_pipeline_configuration(record.shown(&call.home)))
}

fn delete_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: DeleteMediaInsightsPipelineConfigurationRequest,
) -> Result<()> {
    let name = call.unused(&request.identifier)?;
    call.region_mut().configurations.remove(&name);
    Ok(())
}

fn list_media_insights_pipeline_configurations(
    call: &mut Call<'_>,
    request: ListMediaInsightsPipelineConfigurationsRequest,
) -> Result<ListMediaInsightsPipelineConfigurationsResponse> {
    let list = List::open(&call.list_owner(), &request, PAGE)?;
    let rows = call.region().into_iter().flat_map(|it| it.configurations.after(list.after()));
    Ok(list.page(rows, |row| {
        MediaInsightsPipelineConfigurationSummary::default()
            .media_insights_pipeline_configuration_arn(row.arn(&call.home))
            .media_insights_pipeline_configuration_id(&row.id)
            .media_insights_pipeline_configuration_name(&row.name)
    }))
}
