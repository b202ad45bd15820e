//! The events of meetings, and the channels that they go to.

use chime_model::SensitiveString;
use chime_model::events::{
    Detail, DetailType, Event, EventCapabilities, MeetingEvent, MeetingEventType as Kind,
    UpdateOutcome,
};
use chime_model::meetings::{AttendeeCapabilities, NotificationsConfiguration};
use time::OffsetDateTime;

use crate::engine::events::{Channel, Effect};
use crate::engine::home::Home;
use crate::meetings::record::{MeetingRecord, SdkAttendee, TranscriptionState};

impl MeetingRecord {
    /// Makes an event of the meeting.
    pub(super) fn event(&self, kind: Kind, now: OffsetDateTime) -> Effect {
        self.addressed(self.members(kind, now), now)
    }

    /// Makes an event of an attendee. Those of connections name the network, and those of capabilities
    /// name the capabilities.
    pub(super) fn attendee_event(
        &self,
        kind: Kind,
        attendee: &SdkAttendee,
        now: OffsetDateTime,
    ) -> Effect {
        let event = self
            .members(kind, now)
            .attendee_id(&attendee.attendee_id)
            .external_user_id(&attendee.external_user_id);
        let event = match event.event_type {
            Kind::AttendeeJoined
            | Kind::AttendeeLeft
            | Kind::AttendeeDropped
            | Kind::AttendeeContentJoined
            | Kind::AttendeeContentLeft
            | Kind::AttendeeContentDropped => event.set_network_type(attendee.network_type.clone()),
            Kind::AttendeeCapabilitiesUpdated => event
                .success(UpdateOutcome::Success)
                .set_attendee_capabilities(attendee.capabilities.clone().map(in_event)),
            _ => event,
        };
        self.addressed(event, now)
    }

    /// Makes an event of the live transcription, if there is one. One that has not started does not stop.
    pub(super) fn transcription_event(
        &self,
        kind: Kind,
        message: Option<String>,
        now: OffsetDateTime,
    ) -> Option<Effect> {
        let transcription = self.meeting.transcription.as_ref()?;
        if kind == Kind::TranscriptionStopped && transcription.state == TranscriptionState::Starting
        {
            return None;
        }
        let configuration = serde_json::to_string(&transcription.configuration).ok();
        let event = self
            .members(kind, now)
            .transcription_region(&transcription.region)
            .set_transcription_configuration(configuration)
            .set_message(message);
        Some(self.addressed(event, now))
    }

    /// Makes an event with the members that all events of the meeting have.
    fn members(&self, kind: Kind, now: OffsetDateTime) -> MeetingEvent {
        MeetingEvent::new(kind)
            .timestamp(now)
            .meeting_id(&self.meeting.meeting_id)
            .external_meeting_id(&self.meeting.external_meeting_id)
            .media_region(self.meeting.media_region())
    }

    /// Addresses an event to all channels of the meeting.
    fn addressed(&self, event: MeetingEvent, now: OffsetDateTime) -> Effect {
        let to = self.meeting.notifications_configuration.as_ref();
        effect(&self.home, to, DetailType::MeetingStateChange, event, now)
    }
}

/// Returns capabilities as events show them.
fn in_event(
    AttendeeCapabilities { audio, video, content, .. }: AttendeeCapabilities,
) -> EventCapabilities {
    EventCapabilities::default().audio(audio).video(video).content(content)
}

/// Addresses an event to EventBridge and the targets of a meeting.
pub(crate) fn effect(
    home: &Home,
    notifications: Option<&NotificationsConfiguration>,
    kind: DetailType,
    detail: impl Into<Detail>,
    now: OffsetDateTime,
) -> Effect {
    let event = Event::new(kind, detail, &home.account, &home.region, now);
    let to = notifications.into_iter().flat_map(targets);
    let reached = to.filter(|(_, _, arn)| problem(arn.expose(), &home.region).is_none());
    let channels = reached.map(|(_, channel, arn)| channel(arn.expose().to_owned()));
    Effect::Event([Channel::EventBridge].into_iter().chain(channels).collect(), event)
}

/// Returns the targets that no events reach, each as `MEMBER: REASON`.
pub(super) fn unreached(to: &NotificationsConfiguration, region: &str) -> Vec<String> {
    let unreached = targets(to).filter_map(|(member, _, arn)| {
        Some(format!("{member}: {}", problem(arn.expose(), region)?))
    });
    unreached.collect()
}

/// Makes the channel of an ARN.
type Make = fn(String) -> Channel;
type Target<'a> = (&'static str, Make, &'a SensitiveString);

/// Returns the targets of a meeting: member, kind of channel, ARN.
fn targets(to: &NotificationsConfiguration) -> impl Iterator<Item = Target<'_>> {
    let all: [(_, Make, _); 3] = [
        ("SqsQueueArn", Channel::Sqs, &to.sqs_queue_arn),
        ("SnsTopicArn", Channel::Sns, &to.sns_topic_arn),
        ("LambdaFunctionArn", Channel::Lambda, &to.lambda_function_arn),
    ];
    all.into_iter().filter_map(|(member, channel, arn)| Some((member, channel, arn.as_ref()?)))
}

/// Returns why no event reaches a target.
fn problem(arn: &str, region: &str) -> Option<&'static str> {
    if arn.split(':').nth(3) != Some(region) {
        return Some("is not in the control region of the meeting");
    }
    arn.ends_with(".fifo").then_some("FIFO queues and topics get no events")
}
