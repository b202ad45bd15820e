//! The events of pipelines and pools.

use chime_model::Value;
use chime_model::events::{
    DetailType, Event, MediaInsightsElementStatus, MediaInsightsEvent,
    MediaInsightsEventType as Insights, MediaPipelineEvent, MediaPipelineEventType as Pipeline,
    StreamPoolEvent, StreamPoolEventType,
};
use chime_model::media_pipelines::MediaInsightsPipeline;
use time::OffsetDateTime;

use crate::engine::events::{Caused, Channel};
use crate::engine::home::Home;
use crate::pipelines::record::{PipelineRecord, PoolRecord, Work};

/// What happens to a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    InProgress,
    /// Of insights pipelines only.
    Paused,
    Stopped,
    TemporaryFailure,
    Resumed,
    PermanentFailure,
}

/// What every insights event has: metadata of the caller's cannot take its place.
const OWN_MEMBERS: [&str; 5] = [
    "version",
    "eventType",
    "mediaInsightsPipelineArn",
    "mediaInsightsPipelineElementStatuses",
    "failureReason",
];

impl PipelineRecord {
    /// The event of a change, in its envelope.
    pub(super) fn caused(
        &self,
        home: &Home,
        change: Change,
        reason: Option<String>,
        now: OffsetDateTime,
    ) -> Option<Caused> {
        if let Work::Insights(work) = &self.work {
            let event = self.insights_event(work, home, change, now).set_failure_reason(reason);
            let kind = DetailType::MediaInsightsStateChange;
            return Some(to_event_bridge(Event::new(
                kind,
                event,
                &home.account,
                &home.region,
                now,
            )));
        }
        let kind = match change {
            Change::InProgress => Pipeline::MediaPipelineInProgress,
            Change::Paused => return None,
            Change::Stopped => Pipeline::MediaPipelineDeleted,
            Change::TemporaryFailure => Pipeline::MediaPipelineTemporaryFailure,
            Change::Resumed => Pipeline::MediaPipelineResumed,
            Change::PermanentFailure => Pipeline::MediaPipelinePermanentFailure,
        };
        self.tell(self.event(kind, now)?, now)
    }

    /// An event of a pipeline that has a meeting.
    pub(super) fn event(&self, kind: Pipeline, now: OffsetDateTime) -> Option<MediaPipelineEvent> {
        let meeting = self.meeting.as_ref()?;
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

    /// An event in its envelope, for the channels of the meeting.
    pub(super) fn tell(&self, event: MediaPipelineEvent, now: OffsetDateTime) -> Option<Caused> {
        let kind = DetailType::MediaPipelineStateChange;
        Some(self.meeting.as_ref()?.caused(kind, event, now))
    }

    fn insights_event(
        &self,
        work: &MediaInsightsPipeline,
        home: &Home,
        change: Change,
        now: OffsetDateTime,
    ) -> MediaInsightsEvent {
        let kind = match change {
            Change::InProgress | Change::Resumed => Insights::InProgress,
            Change::Paused => Insights::Paused,
            Change::Stopped => Insights::Stopped,
            Change::TemporaryFailure => Insights::TemporaryFailure,
            Change::PermanentFailure => Insights::PermanentFailure,
        };
        let elements: Vec<_> = work.element_statuses.iter().flatten().collect();
        let element = |kind: &str| {
            MediaInsightsElementStatus::new(kind, self.element_status().as_str()).updated_on(now)
        };
        let statuses = (elements.len() > 1).then(|| {
            let types = elements.iter().filter_map(|element| element.r#type.as_ref());
            types.map(|kind| element(kind.as_str())).collect()
        });
        let metadata = work.media_insights_runtime_metadata.iter().flat_map(|map| map.expose());
        let metadata = metadata.filter(|(name, _)| !OWN_MEMBERS.contains(&name.as_str()));
        let mut event = MediaInsightsEvent::new(kind)
            .media_insights_pipeline_arn(self.arn(home))
            .set_media_insights_pipeline_element_statuses(statuses);
        event.other = metadata
            .map(|(name, value)| (name.clone(), Value::Text(value.as_str().into())))
            .collect();
        event
    }
}

impl PoolRecord {
    /// What happened to the pool, in its envelope.
    pub(super) fn caused(
        &self,
        home: &Home,
        kind: StreamPoolEventType,
        now: OffsetDateTime,
    ) -> Caused {
        let event = StreamPoolEvent::new(kind)
            .timestamp(now)
            .media_region(self.streams.region.as_str())
            .pool_arn(self.arn(home));
        let kind = DetailType::StreamPoolStateChange;
        to_event_bridge(Event::new(kind, event, &home.account, &home.region, now))
    }
}

fn to_event_bridge(event: Event) -> Caused {
    Caused { channels: vec![Channel::EventBridge], event }
}
