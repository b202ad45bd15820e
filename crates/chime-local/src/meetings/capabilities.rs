//! What attendees may send and receive.

use chime_model::meetings::MediaCapabilities::{None as Nothing, Receive, SendReceive};
use chime_model::meetings::*;

use crate::engine::errors::{Result, bad_request};
use crate::meetings::features::{is_without_content, is_without_video};

/// The capabilities of an attendee for whom none are given.
pub(super) fn default_of(meeting: &Meeting) -> AttendeeCapabilities {
    let (audio, all) = (SendReceive, SendReceive);
    match (is_without_video(meeting), is_without_content(meeting)) {
        (false, false) => AttendeeCapabilities::new(audio, all.clone(), all),
        (true, false) => AttendeeCapabilities::new(audio, Receive, all),
        (false, true) => AttendeeCapabilities::new(audio, all, Nothing),
        (true, true) => AttendeeCapabilities::new(audio, Nothing, Nothing),
    }
}

/// Checks that a meeting lets an attendee have these capabilities.
pub(super) fn check(meeting: &Meeting, capabilities: &AttendeeCapabilities) -> Result<()> {
    let AttendeeCapabilities { content, video, .. } = capabilities;
    let receives = |media: &MediaCapabilities| matches!(media, SendReceive | Receive);
    if is_without_video(meeting) && *video != Nothing {
        return Err(bad_request("Capabilities: the meeting has no video, so Video must be None"));
    }
    if is_without_content(meeting) && *content != Nothing {
        return Err(bad_request(
            "Capabilities: the meeting has no content, so Content must be None",
        ));
    }
    if receives(content) && !receives(video) {
        return Err(bad_request(
            "Capabilities: Content can be received only where Video is Receive or SendReceive",
        ));
    }
    Ok(())
}

/// Whether these capabilities send a kind of media.
pub(super) fn sends(media: &MediaCapabilities) -> bool {
    matches!(media, SendReceive | MediaCapabilities::Send)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(video: &str, content: &str) -> Meeting {
        Meeting::default().meeting_features(
            MeetingFeaturesConfiguration::default()
                .video(VideoFeatures::default().max_resolution(video))
                .content(ContentFeatures::default().max_resolution(content)),
        )
    }

    #[test]
    fn defaults_follow_the_features() {
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
        assert_eq!(default_of(&Meeting::default()).video, SendReceive);
    }

    #[test]
    fn what_the_meeting_lacks_cannot_be_given() {
        let fits = |video: &str, content: &str, capabilities: (&str, &str)| {
            let capabilities = AttendeeCapabilities::new("Send", capabilities.0, capabilities.1);
            check(&meeting(video, content), &capabilities).is_ok()
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
