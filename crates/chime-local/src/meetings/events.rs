//! The events of meetings, and the channels that they go to.

use chime_model::SensitiveString;
use chime_model::events::{Detail, DetailType, Event, MeetingEvent, MeetingEventType};
use chime_model::meetings::{Attendee, ExternalMeetingId, MeetingId, NotificationsConfiguration};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::events::{Caused, Channel};
use crate::engine::home::Home;
use crate::meetings::record::MeetingRecord;

/// What events that follow from a meeting say of it, and where they go. It outlives the meeting.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventSource {
    pub(crate) home: Home,
    pub(crate) meeting_id: MeetingId,
    pub(crate) external_meeting_id: Option<ExternalMeetingId>,
    pub(crate) media_region: Option<String>,
    pub(crate) notifications: Option<NotificationsConfiguration>,
}

impl EventSource {
    /// An event in its envelope, for all channels of the meeting.
    pub(crate) fn caused(
        &self,
        kind: DetailType,
        detail: impl Into<Detail>,
        now: OffsetDateTime,
    ) -> Caused {
        caused(&self.home, self.notifications.as_ref(), kind, detail, now)
    }
}

impl MeetingRecord {
    /// An event of the meeting.
    pub(crate) fn event(&self, kind: MeetingEventType, now: OffsetDateTime) -> MeetingEvent {
        let meeting = &self.meeting;
        MeetingEvent::new(kind)
            .timestamp(now)
            .set_meeting_id(meeting.meeting_id.clone())
            .set_external_meeting_id(meeting.external_meeting_id.clone())
            .set_media_region(meeting.media_region.as_ref().map(ToString::to_string))
    }

    /// An event of one of its attendees.
    pub(crate) fn attendee_event(
        &self,
        kind: MeetingEventType,
        attendee: &Attendee,
        now: OffsetDateTime,
    ) -> MeetingEvent {
        self.event(kind, now)
            .set_attendee_id(attendee.attendee_id.clone())
            .set_external_user_id(attendee.external_user_id.clone())
    }

    /// An event of the meeting in its envelope, for all channels of the meeting.
    pub(crate) fn tell(&self, event: MeetingEvent, now: OffsetDateTime) -> Caused {
        let kind = DetailType::MeetingStateChange;
        caused(&self.home, self.notifications.as_ref(), kind, event, now)
    }

    /// What events of others that follow from the meeting need of it.
    pub(crate) fn event_source(&self, id: &MeetingId) -> EventSource {
        EventSource {
            home: self.home.clone(),
            meeting_id: id.clone(),
            external_meeting_id: self.meeting.external_meeting_id.clone(),
            media_region: self.meeting.media_region.as_ref().map(ToString::to_string),
            notifications: self.notifications.clone(),
        }
    }
}

/// An event in its envelope, for EventBridge and the targets of a meeting.
fn caused(
    home: &Home,
    notifications: Option<&NotificationsConfiguration>,
    kind: DetailType,
    detail: impl Into<Detail>,
    now: OffsetDateTime,
) -> Caused {
    let event = Event::new(kind, detail, &home.account, &home.region, now);
    let mut channels = vec![Channel::EventBridge];
    channels.extend(notifications.into_iter().flat_map(|to| targets(to, &home.region)));
    Caused { channels, event }
}

/// The targets of a meeting that events reach.
fn targets(to: &NotificationsConfiguration, region: &str) -> Vec<Channel> {
    let reached = |arn: &Option<SensitiveString>| {
        let arn = arn.as_ref().map(|arn| arn.expose().to_owned());
        arn.filter(|arn| problem(arn, region).is_none())
    };
    let queue = reached(&to.sqs_queue_arn).map(Channel::Sqs);
    let topic = reached(&to.sns_topic_arn).map(Channel::Sns);
    let function = reached(&to.lambda_function_arn).map(Channel::Lambda);
    queue.into_iter().chain(topic).chain(function).collect()
}

/// The targets that no events reach, by member, each with the reason.
pub(super) fn unreached(to: &NotificationsConfiguration, region: &str) -> Vec<String> {
    let all = [
        ("SqsQueueArn", &to.sqs_queue_arn),
        ("SnsTopicArn", &to.sns_topic_arn),
        ("LambdaFunctionArn", &to.lambda_function_arn),
    ];
    let told = |(member, arn): (&str, &Option<SensitiveString>)| {
        let problem = problem(arn.as_ref()?.expose(), region)?;
        Some(format!("{member}: {problem}"))
    };
    all.into_iter().filter_map(told).collect()
}

/// Why no event reaches a target.
fn problem(arn: &str, region: &str) -> Option<&'static str> {
    if arn.split(':').nth(3) != Some(region) {
        return Some("is not in the control region of the meeting");
    }
    arn.ends_with(".fifo").then_some("FIFO queues and topics get no events")
}
