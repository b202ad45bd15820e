//! The tags of pipelines, configurations and pools.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, not_found};
use crate::engine::tags;
use crate::pipelines::record::{CONFIGURATION, PIPELINE, POOL};
use crate::pipelines::{Call, Pipelines};

/// The most tags of a resource.
const MAX_TAGS: usize = 200;

handlers! {
    Pipelines: tag_resource, untag_resource, list_tags_for_resource
}

impl tags::Tag for Tag {
    fn key(&self) -> &str {
        &self.key
    }
}

impl Call<'_> {
    /// Passes the tags of the resource of an ARN to a function that reads or changes them.
    fn tags<T>(&mut self, arn: &ResourceARN, work: impl FnOnce(&mut Vec<Tag>) -> T) -> Result<T> {
        let resource = self.home.resource(arn.as_str()).unwrap_or_default();
        let name = |prefix: &str| resource.strip_prefix(prefix);
        let region = self.region_mut();
        let done = if let Some(id) = name(PIPELINE) {
            region.pipelines.change(&id.into(), |pipeline| work(&mut pipeline.state.tags))
        } else if let Some(name) = name(CONFIGURATION) {
            region.configurations.get_mut(&name.into()).map(|found| work(&mut found.tags))
        } else {
            let pool = name(POOL).and_then(|name| region.pools.get_mut(&name.into()));
            pool.map(|pool| work(&mut pool.tags))
        };
        done.ok_or_else(|| not_found(&format!("Resource <{arn}>")))
    }
}

fn tag_resource(call: &mut Call<'_>, request: TagResourceRequest) -> Result<()> {
    let too_many = || bad_request("Tags: a resource can have 200 tags");
    let more = request.tags;
    call.tags(&request.resource_arn, |tags| tags::add(tags, more, MAX_TAGS, too_many))?
}

fn untag_resource(call: &mut Call<'_>, request: UntagResourceRequest) -> Result<()> {
    call.tags(&request.resource_arn, |tags| {
        tags.retain(|tag| !request.tag_keys.contains(&tag.key));
    })
}

fn list_tags_for_resource(
    call: &mut Call<'_>,
    request: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let tags = call.tags(&request.resource_arn, |tags| tags.clone())?;
    Ok(ListTagsForResourceResponse::default().tags(tags))
}
