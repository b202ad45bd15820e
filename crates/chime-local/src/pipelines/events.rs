//! The events of pipelines and pools.

use chime_model::Value;
use chime_model::events::{
    DetailType, MediaInsightsElementStatus, MediaInsightsEvent, MediaInsightsEventType as Insights,
    MediaPipelineEvent, MediaPipelineEventType as Pipeline, StreamPoolEvent, StreamPoolEventType,
};
use chime_model::media_pipelines::{MediaInsightsPipeline, MediaPipelineStatus as Status};
use time::OffsetDateTime;

use crate::engine::events::Effect;
use crate::engine::home::Home;
use crate::meetings::events::effect;
use crate::pipelines::documents::SdkPool;
use crate::pipelines::record::{PipelineRecord, Work};

/// The types of an event: of insights pipelines, and of all others.
pub(super) type Types = (Insights, Option<Pipeline>);

pub(super) const TEMPORARY_FAILURE: Types =
    (Insights::TemporaryFailure, Some(Pipeline::MediaPipelineTemporaryFailure));
pub(super) const RESUMED: Types = (Insights::InProgress, Some(Pipeline::MediaPipelineResumed));

/// Returns the types of the event of a new status. Some statuses cause no event.
pub(super) fn types(status: &Status) -> Option<Types> {
    match status {
        Status::InProgress => Some((Insights::InProgress, Some(Pipeline::MediaPipelineInProgress))),
        Status::Paused => Some((Insights::Paused, None)),
        Status::Stopped => Some((Insights::Stopped, Some(Pipeline::MediaPipelineDeleted))),
        Status::Failed => {
            Some((Insights::PermanentFailure, Some(Pipeline::MediaPipelinePermanentFailure)))
        }
        _ => None,
    }
}

/// The members of all insights events. Metadata of the caller cannot replace them.
const OWN_MEMBERS: [&str; 5] = [
    "version",
    "eventType",
    "mediaInsightsPipelineArn",
    "mediaInsightsPipelineElementStatuses",
    "failureReason",
];

impl PipelineRecord {
    /// Makes an event of these types. Only insights pipelines give the reason.
    pub(super) fn effect(
        &self,
        home: &Home,
        (of_insights, of_others): Types,
        reason: Option<String>,
        now: OffsetDateTime,
    ) -> Option<Effect> {
        if let Work::Insights(work) = &self.work {
            let event = self.insights_event(work, home, of_insights, now);
            let event = event.set_failure_reason(reason);
            return Some(effect(home, None, DetailType::MediaInsightsStateChange, event, now));
        }
        self.effect_in_meeting(home, self.event(of_others?, now)?, now)
    }

    /// Makes an event of a pipeline that has a meeting.
    pub(super) fn event(&self, kind: Pipeline, now: OffsetDateTime) -> Option<MediaPipelineEvent> {
        let meeting = self.state.meeting.as_ref()?;
        let external = meeting.external_meeting_id.as_ref();
        Some(
            MediaPipelineEvent::new(kind)
                .timestamp(now)
                .meeting_id(meeting.meeting_id.as_str())
                .set_external_meeting_id(external.map(|id| id.as_str().into()))
                .set_media_region(meeting.media_region.clone())
                .media_pipeline_id(&self.id),
        )
    }

    /// Addresses an event to all channels of the meeting. The meeting may have ended.
    pub(super) fn effect_in_meeting(
        &self,
        home: &Home,
        event: MediaPipelineEvent,
        now: OffsetDateTime,
    ) -> Option<Effect> {
        let meeting = self.state.meeting.as_ref()?;
        let region = meeting.control_region.as_ref().unwrap_or(&home.region);
        let of_meeting = Home::new(&home.account, region);
        let to = meeting.notifications_configuration.as_ref();
        Some(effect(&of_meeting, to, DetailType::MediaPipelineStateChange, event, now))
    }

    fn insights_event(
        &self,
        work: &MediaInsightsPipeline,
        home: &Home,
        kind: Insights,
        now: OffsetDateTime,
    ) -> MediaInsightsEvent {
        let status = self.element_status();
        let types = work.element_statuses.iter().flatten().filter_map(|it| it.r#type.as_ref());
        let element =
            |kind: &str| MediaInsightsElementStatus::new(kind, status.as_str()).updated_on(now);
        let elements: Vec<_> = types.map(|kind| element(kind.as_str())).collect();
        let metadata = work.media_insights_runtime_metadata.iter().flat_map(|map| map.expose());
        let metadata = metadata.filter(|(name, _)| !OWN_MEMBERS.contains(&name.as_str()));
        let text = |value: &String| Value::Text(value.as_str().into());
        let mut event = MediaInsightsEvent::new(kind)
            .media_insights_pipeline_arn(self.arn(home))
            .set_media_insights_pipeline_element_statuses((elements.len() > 1).then_some(elements));
        event.other = metadata.map(|(name, value)| (name.clone(), text(value))).collect();
        event
    }
}

impl SdkPool {
    /// Makes an event of the pool.
    pub(super) fn effect(
        &self,
        home: &Home,
        kind: StreamPoolEventType,
        now: OffsetDateTime,
    ) -> Effect {
        let event = StreamPoolEvent::new(kind)
            .timestamp(now)
            .media_region(self.region())
            .pool_arn(self.arn(home));
        effect(home, None, DetailType::StreamPoolStateChange, event, now)
    }
}
