//! Configurations of insights pipelines.

use std::collections::BTreeSet;

use chime_model::ServiceError;
use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, conflict, not_found, require_below_limit};
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::tags::{self, by_key};
use crate::pipelines::documents::SdkInsightsConfiguration;
use crate::pipelines::record::{CONFIGURATION, PipelineRecord, Work};
use crate::pipelines::{Call, Pipelines, RegionTables};

handlers! {
    Pipelines:
        create_media_insights_pipeline_configuration, get_media_insights_pipeline_configuration,
        update_media_insights_pipeline_configuration, delete_media_insights_pipeline_configuration,
        list_media_insights_pipeline_configurations
}

/// The most configurations of an AWS account in a control region.
const MAX_CONFIGURATIONS: usize = 100;

impl SdkInsightsConfiguration {
    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{CONFIGURATION}{}", self.name))
    }

    fn id(&self) -> &str {
        self.id.as_ref().map_or("", |id| id.as_str())
    }

    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, ids: &mut Ids, now: OffsetDateTime) -> Self {
        self.id.get_or_insert_with(|| ids.guid().into());
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }

    /// Returns the configuration as responses show it.
    pub(super) fn shown(&self, home: &Home) -> MediaInsightsPipelineConfiguration {
        MediaInsightsPipelineConfiguration::default()
            .set_created_timestamp(self.created_timestamp)
            .elements(self.elements.clone())
            .media_insights_pipeline_configuration_arn(self.arn(home))
            .set_media_insights_pipeline_configuration_id(self.id.clone())
            .media_insights_pipeline_configuration_name(&self.name)
            .set_real_time_alert_configuration(self.real_time_alert_configuration.clone())
            .resource_access_role_arn(self.resource_access_role_arn.clone())
            .set_updated_timestamp(self.updated_timestamp)
    }
}

impl RegionTables {
    /// Finds the configuration of an insights pipeline, which has its ARN.
    pub(super) fn configuration_of(
        &self,
        home: &Home,
        work: &MediaInsightsPipeline,
    ) -> Result<&SdkInsightsConfiguration> {
        let arn = work.media_insights_pipeline_configuration_arn.as_ref();
        let arn = arn.map_or("", |arn| arn.as_str());
        let name = home.name_in(arn, CONFIGURATION).unwrap_or_default();
        let found = self.configurations.get(&name.into());
        found.map(|row| &row.value).ok_or_else(|| unknown(arn))
    }
}

impl Call<'_> {
    /// Finds a configuration by name or ARN, or else by id. The ARN has the name.
    fn configuration(&self, identifier: &str) -> Result<&SdkInsightsConfiguration> {
        let name = self.home.name(identifier, CONFIGURATION).unwrap_or_default();
        let named = self.region().configurations.get(&name.into());
        named.map_or_else(|| self.configuration_with(identifier), |row| Ok(&row.value))
    }

    /// Finds a configuration by id. A name can equal the id of another one.
    fn configuration_with(&self, id: &str) -> Result<&SdkInsightsConfiguration> {
        let found = self.region().configurations.values().find(|it| it.id() == id);
        found.ok_or_else(|| unknown(id))
    }

    /// Finds a configuration to change it. No active pipeline may use it.
    fn unused(&mut self, identifier: &ResourceIdentifier) -> Result<&mut SdkInsightsConfiguration> {
        let found = self.configuration(identifier.as_str())?;
        let (name, arn) = (found.name.clone(), Some(found.arn(&self.home).into()));
        let uses = |it: &PipelineRecord| match &it.work {
            Work::Insights(work) => {
                it.is_active() && work.media_insights_pipeline_configuration_arn == arn
            }
            _ => false,
        };
        if self.region().unfinished().any(uses) {
            return Err(conflict("An active pipeline uses the configuration"));
        }
        let configuration = self.region_mut().configurations.get_mut(&name);
        configuration.ok_or_else(|| unknown(identifier.as_str()))
    }
}

fn unknown(identifier: &str) -> ServiceError {
    not_found(&format!("Media insights pipeline configuration <{identifier}>"))
}

/// Checks that elements can be combined, and that each has its settings.
fn check_elements(elements: &[MediaInsightsPipelineConfigurationElement]) -> Result<()> {
    use MediaInsightsPipelineConfigurationElementType as Type;
    let types: BTreeSet<_> = elements.iter().map(|element| &element.r#type).collect();
    if types.len() < elements.len() {
        return Err(bad_request("Elements: must not have two elements of a Type"));
    }
    if types.contains(&Type::AmazonTranscribeCallAnalyticsProcessor)
        && types.contains(&Type::AmazonTranscribeProcessor)
    {
        return Err(bad_request("Elements: must have only one processor of Amazon Transcribe"));
    }
    for element in elements.iter().filter(|it| it.r#type != Type::VoiceEnhancementSink) {
        // The member with the settings is named after the type.
        let member = format!("{}Configuration", element.r#type);
        let settings = serde_json::to_value(element).unwrap_or_default();
        if settings.get(&member).is_none() {
            return Err(bad_request(format!("Elements: {} requires {member}", element.r#type)));
        }
    }
    Ok(())
}

fn create_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: CreateMediaInsightsPipelineConfigurationRequest,
) -> Result<CreateMediaInsightsPipelineConfigurationResponse> {
    check_elements(&request.elements)?;
    let tags = tags::new(request.tags.unwrap_or_default())?;
    let find = |call: &Call<'_>, id: &str| Ok(call.configuration_with(id)?.shown(&call.home));
    let shown = call.once("configuration", request.client_request_token, find, |call| {
        let name = request.media_insights_pipeline_configuration_name;
        let table = &call.region().configurations;
        if table.contains(&name) {
            return Err(bad_request("MediaInsightsPipelineConfigurationName: must be unique; a configuration has this name"));
        }
        require_below_limit(table.len(), MAX_CONFIGURATIONS, "The AWS account", "configurations")?;
        let configuration = SdkInsightsConfiguration {
            real_time_alert_configuration: request.real_time_alert_configuration,
            elements: request.elements,
            tags,
            ..SdkInsightsConfiguration::new(&name, request.resource_access_role_arn)
        };
        let at = &mut call.service.meetings.at;
        let configuration = configuration.complete(at.ids, at.now);
        let id = configuration.id().to_owned();
        call.region_mut().configurations.insert(name, configuration);
        Ok(id)
    })?;
    let response = CreateMediaInsightsPipelineConfigurationResponse::default();
    Ok(response.media_insights_pipeline_configuration(shown))
}

fn get_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: GetMediaInsightsPipelineConfigurationRequest,
) -> Result<GetMediaInsightsPipelineConfigurationResponse> {
    let shown = call.configuration(request.identifier.as_str())?.shown(&call.home);
    let response = GetMediaInsightsPipelineConfigurationResponse::default();
    Ok(response.media_insights_pipeline_configuration(shown))
}

fn update_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: UpdateMediaInsightsPipelineConfigurationRequest,
) -> Result<UpdateMediaInsightsPipelineConfigurationResponse> {
    check_elements(&request.elements)?;
    let now = call.now();
    let configuration = call.unused(&request.identifier)?;
    configuration.resource_access_role_arn = request.resource_access_role_arn;
    configuration.real_time_alert_configuration = request.real_time_alert_configuration;
    configuration.elements = request.elements;
    configuration.updated_timestamp = Some(now);
    let configuration = configuration.clone();
    let response = UpdateMediaInsightsPipelineConfigurationResponse::default();
    Ok(response.media_insights_pipeline_configuration(configuration.shown(&call.home)))
}

fn delete_media_insights_pipeline_configuration(
    call: &mut Call<'_>,
    request: DeleteMediaInsightsPipelineConfigurationRequest,
) -> Result<()> {
    let name = call.unused(&request.identifier)?.name.clone();
    call.region_mut().configurations.remove(&name);
    Ok(())
}

fn list_media_insights_pipeline_configurations(
    call: &mut Call<'_>,
    request: ListMediaInsightsPipelineConfigurationsRequest,
) -> Result<ListMediaInsightsPipelineConfigurationsResponse> {
    let list = call.list(&request)?;
    Ok(list.page(call.region().configurations.after(list.after()), |row| {
        MediaInsightsPipelineConfigurationSummary::default()
            .media_insights_pipeline_configuration_arn(row.arn(&call.home))
            .set_media_insights_pipeline_configuration_id(row.id.clone())
            .media_insights_pipeline_configuration_name(&row.name)
    }))
}
