//! The tags of meetings.

use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};

use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;
use crate::engine::tags;
use crate::meetings::record::MeetingRecord;
use crate::meetings::{Call, Meetings};

/// How many tags a meeting can have.
pub(super) const MOST_TAGS: usize = 50;

handlers! {
    Meetings: tag_resource, untag_resource, list_tags_for_resource
}

pub(super) fn pairs(tags: Vec<Tag>) -> impl Iterator<Item = (String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value))
}

/// The error of a meeting that would have too many tags.
pub(super) fn too_many() -> ServiceError {
    ServiceError::new(Exception::TooManyTags, "A meeting can have 50 tags")
}

impl Call<'_> {
    /// The meeting that an ARN names.
    fn tagged(&mut self, arn: &ResourceARN) -> Result<&mut MeetingRecord> {
        let id = self.home.resource(arn.as_str()).and_then(|name| name.strip_prefix("meeting/"));
        let id = id.map(MeetingId::from).filter(|id| self.meeting(id).is_ok());
        let record = id.and_then(|id| self.meetings.meetings.get_mut(&id));
        record.ok_or_else(|| {
            let message = format!("Resource <{arn}> not found");
            about(arn, ServiceError::new(Exception::ResourceNotFound, message))
        })
    }
}

fn tag_resource(call: &mut Call<'_>, request: TagResourceRequest) -> Result<()> {
    let TagResourceRequest { resource_arn: arn, tags, .. } = request;
    let record = call.tagged(&arn)?;
    tags::add(&mut record.tags, pairs(tags), MOST_TAGS, || about(&arn, too_many()))
}

/// An error that names its resource.
fn about(arn: &ResourceARN, mut error: ServiceError) -> ServiceError {
    error.resource_name = Some(arn.as_str().into());
    error
}

fn untag_resource(call: &mut Call<'_>, request: UntagResourceRequest) -> Result<()> {
    let record = call.tagged(&request.resource_arn)?;
    record.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(())
}

fn list_tags_for_resource(
    call: &mut Call<'_>,
    request: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse> {
    let tags = call.tagged(&request.resource_arn)?.tags.clone();
    let tags = tags.into_iter().map(|(key, value)| Tag::new(key, value));
    Ok(ListTagsForResourceResponse::default().tags(tags.collect::<Vec<_>>()))
}
