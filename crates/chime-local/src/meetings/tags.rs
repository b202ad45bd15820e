//! The tags of meetings.

use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};

use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;
use crate::engine::tags;
use crate::meetings::{Call, Meetings};

/// The most tags of a meeting.
const MAX_TAGS: usize = 50;

handlers! {
    Meetings: tag_resource, untag_resource, list_tags_for_resource
}

impl tags::Tag for Tag {
    fn key(&self) -> &str {
        &self.key
    }
}

impl Call<'_> {
    /// Passes the tags of the meeting of an ARN to a function that reads or changes them.
    fn tags<T>(&mut self, arn: &ResourceARN, work: impl FnOnce(&mut Vec<Tag>) -> T) -> Result<T> {
        let id = self.home.name_in(arn.as_str(), "meeting/");
        let id = id.map(MeetingId::from).filter(|id| self.meeting(id).is_ok());
        let meetings = &mut self.service.meetings.meetings;
        let done = id.and_then(|id| meetings.change(&id, |row| work(&mut row.meeting.tags)));
        done.ok_or_else(|| {
            about(arn, Exception::ResourceNotFound, format!("Resource <{arn}> not found"))
        })
    }
}

/// Returns an error with the name of the resource.
fn about(arn: &ResourceARN, exception: Exception, message: impl Into<String>) -> ServiceError {
    let mut error = ServiceError::new(exception, message);
    error.resource_name = Some(arn.as_str().into());
    error
}

fn tag_resource(call: &mut Call<'_>, request: TagResourceRequest) -> Result<()> {
    let TagResourceRequest { resource_arn: arn, tags: more, .. } = request;
    let too_many = || about(&arn, Exception::TooManyTags, "A meeting can have 50 tags");
    call.tags(&arn, |tags| tags::add(tags, more, MAX_TAGS, too_many))?
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
