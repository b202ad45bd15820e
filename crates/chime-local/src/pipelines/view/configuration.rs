//! Configurations of insights pipelines on the page.

use chime_model::media_pipelines::GetMediaInsightsPipelineConfigurationResponse;

use super::{link_by_arn, list, tags};
use crate::engine::home::Home;
use crate::engine::view::{Cell, Listing, Page};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::documents::SdkInsightsConfiguration;
use crate::pipelines::record::{PipelineRecord, Work};

pub(super) fn all(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |(home, configuration): (&Home, &SdkInsightsConfiguration)| {
        vec![
            link_by_arn("configuration", &configuration.arn(home)),
            elements(configuration).into(),
            Cell::time(configuration.created_timestamp),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &["Name", "Elements", "Created", "AWS account", "Control region"],
        total: pipelines.regions().map(|(_, region)| region.configurations.len()).sum(),
        rows: rows(pipelines).map(row),
    }
}

/// Shows a configuration, with the pipelines that use it.
pub(super) fn show(
    pipelines: &Pipelines,
    meetings: &Meetings,
    arn: &str,
    page: &mut Page<'_>,
) -> Option<()> {
    let (home, configuration) = rows(pipelines).find(|(home, it)| it.arn(home) == arn)?;
    page.title("Configurations", &[], configuration.name.as_str());
    page.facts(&[
        ("Id", Cell::id(configuration.id.as_ref().map_or("", |id| id.as_str()))),
        ("ARN", Cell::id(arn)),
        ("Elements", elements(configuration).into()),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Tags", tags(&configuration.tags)),
        ("Created", Cell::time(configuration.created_timestamp)),
        ("Updated", Cell::time(configuration.updated_timestamp)),
    ]);
    let uses = |record: &PipelineRecord| used(record) == Some(arn);
    list(pipelines, meetings, uses, page);
    let response = GetMediaInsightsPipelineConfigurationResponse::default();
    page.response(&response.media_insights_pipeline_configuration(configuration.shown(home)));
    Some(())
}

/// The ARN of the configuration that a pipeline uses.
pub(super) fn used(record: &PipelineRecord) -> Option<&str> {
    let Work::Insights(work) = &record.work else { return None };
    work.media_insights_pipeline_configuration_arn.as_ref().map(|arn| arn.as_str())
}

fn rows(pipelines: &Pipelines) -> impl Iterator<Item = (&Home, &SdkInsightsConfiguration)> {
    let regions = pipelines.regions();
    regions.flat_map(|(home, region)| region.configurations.values().map(move |it| (home, it)))
}

/// The types of the elements.
fn elements(configuration: &SdkInsightsConfiguration) -> String {
    let types = configuration.elements.iter().map(|element| element.r#type.as_str());
    types.collect::<Vec<_>>().join(", ")
}
