//! The features of meetings, and the capabilities of attendees that follow from them.

use chime_model::meetings::MediaCapabilities::{None as Nothing, Receive, SendReceive};
use chime_model::meetings::*;

use crate::engine::errors::{Result, bad_request};
use crate::meetings::record::SdkMeeting;
use crate::meetings::rules::MeetingRules;

/// The highest `MaxCount` of a meeting with FHD video or UHD content.
const MAX_COUNT_IN_HIGH_RESOLUTION: usize = 25;

/// Checks that the features of a meeting can be combined.
pub(super) fn check_features(meeting: &SdkMeeting) -> Result<()> {
    let (video, content) = resolutions(meeting);
    let is_high = video == Some(&VideoResolution::Fhd) || content == Some(&ContentResolution::Uhd);
    if is_high && meeting.max_count().is_none_or(|count| count > MAX_COUNT_IN_HIGH_RESOLUTION) {
        return Err(bad_request(
            "MeetingFeatures: FHD video and UHD content require a MaxCount of at most 25",
        ));
    }
    Ok(())
}

/// Returns the default capabilities of the attendees of a meeting.
pub(super) fn default_of(meeting: &SdkMeeting) -> AttendeeCapabilities {
    let (video, content) = match resolutions(meeting) {
        (Some(VideoResolution::None), Some(ContentResolution::None)) => (Nothing, Nothing),
        (Some(VideoResolution::None), _) => (Receive, SendReceive),
        (_, Some(ContentResolution::None)) => (SendReceive, Nothing),
        _ => (SendReceive, SendReceive),
    };
    AttendeeCapabilities::new(SendReceive, video, content)
}

/// Checks that attendees of a meeting can be given these capabilities.
pub(super) fn check(
    meeting: &SdkMeeting,
    capabilities: &AttendeeCapabilities,
    rules: &MeetingRules,
) -> Result<()> {
    let AttendeeCapabilities { content, video, .. } = capabilities;
    let (video_features, content_features) = resolutions(meeting);
    let receives = |media: &MediaCapabilities| matches!(media, SendReceive | Receive);
    let problem = if meeting.is_replica() && !rules.replica_capabilities {
        "must not be set for attendees of a replica"
    } else if video_features == Some(&VideoResolution::None) && *video != Nothing {
        "the meeting has no video, so Video must be None"
    } else if content_features == Some(&ContentResolution::None) && *content != Nothing {
        "the meeting has no content, so Content must be None"
    } else if receives(content) && !receives(video) {
        "Content can be received only where Video is Receive or SendReceive"
    } else {
        return Ok(());
    };
    Err(bad_request(format!("Capabilities: {problem}")))
}

/// Whether an attendee with this capability sends.
pub(super) fn sends(media: &MediaCapabilities) -> bool {
    matches!(media, SendReceive | MediaCapabilities::Send)
}

/// Returns the resolutions of video and content, as far as the features of a meeting have them.
fn resolutions(meeting: &SdkMeeting) -> (Option<&VideoResolution>, Option<&ContentResolution>) {
    let features = meeting.meeting_features.as_ref();
    let video = features.and_then(|features| features.video.as_ref()?.max_resolution.as_ref());
    let content = features.and_then(|features| features.content.as_ref()?.max_resolution.as_ref());
    (video, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(video: &str, content: &str) -> SdkMeeting {
        let features = MeetingFeaturesConfiguration::default()
            .video(VideoFeatures::default().max_resolution(video))
            .content(ContentFeatures::default().max_resolution(content));
        SdkMeeting { meeting_features: Some(features), ..SdkMeeting::new("id", "standup") }
    }

    #[test]
    fn default_capabilities_follow_the_features() {
        for (video, content, expected) in [
            ("HD", "FHD", (SendReceive, SendReceive)),
            ("None", "FHD", (Receive, SendReceive)),
            ("HD", "None", (SendReceive, Nothing)),
            ("None", "None", (Nothing, Nothing)),
        ] {
            let given = default_of(&meeting(video, content));
            assert_eq!((given.video, given.content), expected, "{video} {content}");
            assert_eq!(given.audio, SendReceive);
        }
        assert_eq!(default_of(&SdkMeeting::new("id", "standup")).video, SendReceive);
    }

    #[test]
    fn capabilities_are_limited_to_the_features_of_the_meeting() {
        let fits = |video: &str, content: &str, capabilities: (&str, &str)| {
            let capabilities = AttendeeCapabilities::new("Send", capabilities.0, capabilities.1);
            check(&meeting(video, content), &capabilities, &MeetingRules::default()).is_ok()
        };
        for (video, content) in [("Receive", "None"), ("Send", "None"), ("None", "Send")] {
            assert!(fits("HD", "FHD", (video, content)), "{video} {content}");
        }
        assert!(!fits("None", "FHD", ("Receive", "None")));
        assert!(fits("None", "FHD", ("None", "Send")));
        assert!(!fits("HD", "None", ("SendReceive", "Send")));
        for video in ["Send", "None"] {
            assert!(!fits("HD", "FHD", (video, "Receive")), "{video}");
            assert!(!fits("HD", "FHD", (video, "SendReceive")), "{video}");
        }
    }
}
