//! The tags of pipelines, configurations and pools.

use chime_model::ServiceError;
use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, not_found};
use crate::engine::tags::{self, Tags};
use crate::pipelines::record::{CONFIGURATION, PIPELINE, POOL};
use crate::pipelines::{Call, Pipelines};

/// How many tags a resource can have.
const MOST_TAGS: usize = 200;

handlers! {
    Pipelines: tag_resource, untag_resource, list_tags_for_resource
}

pub(super) fn pairs(tags: Vec<Tag>) -> impl Iterator<Item = (String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value))
}

pub(super) fn listed(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::new(key, value)).collect()
}

/// The tags of a new resource.
pub(super) fn new_tags(asked: Option<Vec<Tag>>) -> Result<Tags> {
    let mut tags = Tags::new();
    add(&mut tags, asked.unwrap_or_default())?;
    Ok(tags)
}

fn add(tags: &mut Tags, more: Vec<Tag>) -> Result<()> {
    tags::add(tags, pairs(more), MOST_TAGS, || bad_request("Tags: a resource can have 200 tags"))
}

impl Call<'_> {
    /// The tags of what an ARN names.
    fn tags(&mut self, arn: &ResourceARN) -> Result<&mut Tags> {
        let missing = || -> ServiceError { not_found(&format!("Resource <{arn}>")) };
        let Self { home, pipelines, .. } = self;
        let resource = home.resource(arn.as_str()).ok_or_else(missing)?;
        let name = |prefix: &str| resource.strip_prefix(prefix);
        let region = pipelines.regions.below_mut(home).ok_or_else(missing)?;
        let tags = if let Some(id) = name(PIPELINE) {
            region.pipelines.get_mut(&id.into()).map(|record| &mut record.tags)
        } else if let Some(name) = name(CONFIGURATION) {
            region.configurations.get_mut(&name.into()).map(|record| &mut record.tags)
        } else {
            let pool = name(POOL).and_then(|name| region.pools.get_mut(&name.into()));
            pool.map(|record| &mut record.tags)
        };
        tags.ok_or_else(missing)
    }
}

fn tag_resource(call: &mut Call<'_>, request: TagResourceRequest) -> Result<()> {
    add(call.tags(&request.resource_arn)?, request.tags)
}

fn untag_resource(call: &mut Call<'_>, request: UntagResourceRequest) -> Result<()> {
    let tags = call.tags(&request.resource_arn)?;
    tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(())
}

fn list_tags_for_resource(
    call: &mut Call<'_>,
    request: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let tags = listed(call.tags(&request.resource_arn)?);
    Ok(ListTagsForResourceResponse::default().tags(tags))
}
