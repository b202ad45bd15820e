//! The features that a meeting is created with.

use chime_model::meetings::*;

use crate::engine::errors::{Result, bad_request};

/// The most attendees of a meeting with video in full HD or content in ultra HD.
const MOST_IN_HIGH_RESOLUTION: i32 = 25;

/// Checks that features go together.
pub(super) fn check(features: &MeetingFeaturesConfiguration) -> Result<()> {
    let is_high = video(features) == Some(&VideoResolution::Fhd)
        || content(features) == Some(&ContentResolution::Uhd);
    if !is_high {
        return Ok(());
    }
    match features.attendee.as_ref().and_then(|attendee| attendee.max_count) {
        Some(..=MOST_IN_HIGH_RESOLUTION) => Ok(()),
        Some(_) => Err(bad_request(
            "MeetingFeatures: MaxCount must be 25 or less with FHD video or UHD content",
        )),
        None => Err(bad_request(
            "MeetingFeatures: FHD video and UHD content need Attendee with MaxCount",
        )),
    }
}

/// Whether a meeting has no video.
pub(super) fn is_without_video(meeting: &Meeting) -> bool {
    let features = meeting.meeting_features.as_ref();
    features.and_then(video) == Some(&VideoResolution::None)
}

/// Whether a meeting has no shared content.
pub(super) fn is_without_content(meeting: &Meeting) -> bool {
    let features = meeting.meeting_features.as_ref();
    features.and_then(content) == Some(&ContentResolution::None)
}

fn video(features: &MeetingFeaturesConfiguration) -> Option<&VideoResolution> {
    features.video.as_ref()?.max_resolution.as_ref()
}

fn content(features: &MeetingFeaturesConfiguration) -> Option<&ContentResolution> {
    features.content.as_ref()?.max_resolution.as_ref()
}
