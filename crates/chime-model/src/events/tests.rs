//! Tests of every kind of event, in the form that the service writes.

use serde_json::{Value as Json, from_value, json, to_value};

use super::*;
use crate::Masked;

/// Reads a detail, and checks that it is written as it was read and that sensitive members are masked.
fn round_trip(json: &Json) -> Detail {
    let detail: Detail = from_value(json.clone()).unwrap();
    assert_eq!(&to_value(&detail).unwrap(), json);
    let shown = format!("{detail:?} {}", to_value(Masked(&detail)).unwrap());
    assert!(!shown.contains("secret") && !shown.contains("+1206"), "{shown}");
    detail
}

#[test]
fn attendee_events_survive_a_round_trip() {
    let json = json!({
        "version": "0", "eventType": "chime:AttendeeCapabilitiesUpdated", "success": "1",
        "timestamp": 1_772_442_010_482_i64, "meetingId": "m-1", "attendeeId": "a-1",
        "externalUserId": "secret", "externalMeetingId": "secret", "mediaRegion": "us-east-1",
        "attendeeCapabilities": {"audio": "SendReceive", "video": "None", "content": "Later", "captions": "secret"},
        "seat": "secret",
    });
    let Detail::Meeting(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.event_type, MeetingEventType::AttendeeCapabilitiesUpdated);
    assert_eq!(event.success, Some(UpdateOutcome::Success));
    assert_eq!(event.timestamp.unwrap().unix_timestamp(), 1_772_442_010);
    assert_eq!(event.other.expose()["seat"].as_text(), Some("secret"));
    let capabilities = event.attendee_capabilities.unwrap();
    let mut expected =
        EventCapabilities::default().audio("SendReceive").video("None").content("Later");
    expected.other = capabilities.other.clone();
    assert_eq!(capabilities, expected);
}

#[test]
fn live_transcription_events_survive_a_round_trip() {
    let configuration = r#"{"EngineTranscribeSettings":{"LanguageCode":"en-US"}}"#;
    let json = json!({
        "version": "0", "eventType": "chime:TranscriptionFailed", "timestamp": 1,
        "meetingId": "m-1", "mediaRegion": "us-east-1", "transcriptionRegion": "us-west-2",
        "transcriptionConfiguration": configuration, "message": "Internal failure",
    });
    let Detail::Meeting(event) = round_trip(&json) else { panic!("{json}") };
    let text = event.transcription_configuration.unwrap();
    let configuration: crate::meetings::TranscriptionConfiguration =
        serde_json::from_str(&text).unwrap();
    assert!(configuration.engine_transcribe_settings.is_some());
}

#[test]
fn an_unknown_meeting_event_survives_a_round_trip() {
    let event = MeetingEvent::new(MeetingEventType::AttendeeJoined)
        .timestamp(OffsetDateTime::UNIX_EPOCH)
        .meeting_id("m-1")
        .attendee_id("a-1")
        .network_type("Voip");
    let json = json!({
        "version": "0", "eventType": "chime:AttendeeJoined", "timestamp": 0, "meetingId": "m-1",
        "attendeeId": "a-1", "networkType": "Voip",
    });
    assert_eq!(to_value(&event).unwrap(), json);
    assert_eq!(round_trip(&json), event.into());
}

#[test]
fn media_pipeline_events_survive_a_round_trip() {
    let json = json!({
        "version": "0", "eventType": "chime:MediaPipelineInProgress", "timestamp": 1_i64,
        "meetingId": "m-1", "externalMeetingId": "secret", "mediaPipelineId": "p-1",
        "mediaRegion": "ap-southeast-1",
    });
    let Detail::MediaPipeline(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.event_type, MediaPipelineEventType::MediaPipelineInProgress);
    let json = json!({
        "eventType": "chime:MediaPipelineKinesisVideoStreamStart", "timestamp": 1,
        "meetingId": "m-1", "mediaPipelineId": "p-1", "attendeeId": "", "externalUserId": "",
        "kinesisVideoStreamArn": "arn", "startFragmentNumber": "91343852333181437344442219794598596",
        "startTime": "2026-03-02T09:00:10.000Z",
    });
    let Detail::MediaPipeline(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.attendee_id.unwrap(), "");
    let json = json!({
        "eventType": "chime:MediaPipelineKinesisVideoStreamPoolActive", "timestamp": 1,
        "mediaRegion": "ap-southeast-1", "poolArn": "secret",
    });
    let Detail::StreamPool(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.event_type, StreamPoolEventType::Active);
}

#[test]
fn media_insights_events_survive_a_round_trip() {
    let json = json!({
        "version": "0", "mediaInsightsPipelineArn": "secret",
        "eventType": "chime:MediaInsightsPermanentFailure", "failureReason": "Access denied",
        "mediaInsightsPipelineElementStatuses": [
            {"type": "AmazonTranscribeProcessor", "status": "Failed", "updatedOn": 1_686_184_070_655_i64},
            {"type": "VoiceEnhancement", "status": "NotSupported", "statusDetail": "Too long"},
        ],
        "callId": "c-1", "transactionId": "t-1", "fromNumber": "+12065550111",
        "toNumber": "+12065550199", "voiceConnectorId": "v-1", "direction": "Outbound",
        "customer": "secret",
    });
    let Detail::MediaInsights(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.direction, Some(CallDirection::Outbound));
    assert_eq!(event.media_insights_pipeline_element_statuses.unwrap().len(), 2);
    assert_eq!(event.other.expose()["customer"].as_text(), Some("secret"));
}

#[test]
fn voice_connector_events_survive_a_round_trip() {
    let json = json!({
        "callId": "c-1", "direction": "Outbound", "fromNumber": "+12065550111",
        "toNumber": "+12065550199", "isCaller": true, "mediaType": "audio/L16",
        "inviteHeaders": {"from": "secret"}, "siprecMetadata": "<secret/>",
        "sdp": {"mediaIndex": 0, "mediaLabel": "1"}, "startFragmentNumber": "1",
        "startTime": "2026-03-02T09:00:10.000Z", "endTime": "2026-03-02T09:01:10.250Z",
        "streamArn": "arn", "transactionId": "t-1", "voiceConnectorId": "v-1",
        "streamingStatus": "ENDED", "version": "0",
    });
    let Detail::VoiceConnector(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.streaming_status, StreamingStatus::Ended);
    assert_eq!(event.invite_headers.unwrap().expose()["from"], "secret");
}

#[test]
fn channel_flow_events_survive_a_round_trip() {
    let json = json!({
        "eventType": "ProcessorInvocationFailure", "appInstanceArn": "arn", "channelArn": "arn",
        "messageId": "298efac7", "processorResourceArn": "arn", "failureReason": "Not authorized",
    });
    let Detail::ChannelFlow(event) = round_trip(&json) else { panic!("{json}") };
    assert_eq!(event.event_type, ChannelFlowEventType::ProcessorInvocationFailure);
    assert_eq!(event.message_id.unwrap(), "298efac7");
}

#[test]
fn every_event_type_belongs_to_its_detail() {
    let read = |name: &str| from_value::<Detail>(json!({"eventType": name})).unwrap();
    let is_known = |name: &str| match read(name) {
        Detail::Meeting(event) => event.event_type.is_known(),
        Detail::MediaPipeline(event) => event.event_type.is_known(),
        Detail::StreamPool(event) => event.event_type.is_known(),
        Detail::MediaInsights(event) => event.event_type.is_known(),
        Detail::ChannelFlow(event) => event.event_type.is_known(),
        _ => false,
    };
    for names in [
        MeetingEventType::VALUES,
        MediaPipelineEventType::VALUES,
        StreamPoolEventType::VALUES,
        MediaInsightsEventType::VALUES,
        ChannelFlowEventType::VALUES,
    ] {
        for name in names {
            assert!(is_known(name), "{name}");
        }
    }
    assert!(!is_known("chime:MeetingPaused"));
}

#[test]
fn an_envelope_can_have_a_single_type_of_detail() {
    let time = OffsetDateTime::UNIX_EPOCH;
    let detail = MeetingEvent::new(MeetingEventType::MeetingEnded).meeting_id("m-1");
    let event: Event<MeetingEvent> =
        Event::new(DetailType::MeetingStateChange, detail.clone(), "1", "us-east-1", time);
    let json = to_value(&event).unwrap();
    assert_eq!(json["detail-type"], "Chime Meeting State Change");
    assert_eq!(from_value::<Event<MeetingEvent>>(json.clone()).unwrap(), event);
    assert_eq!(from_value::<Event>(json).unwrap().detail, detail.into());
}

#[test]
fn envelopes_of_eventbridge_and_of_queues_are_read() {
    let detail = json!({"eventType": "chime:Later", "seats": [1, 2.5, null]});
    let queue = json!({
        "version": "0", "source": "aws.chime", "account": "111122223333",
        "region": "us-east-1", "detail-type": "Chime Later", "time": "2026-03-02T09:00:10.482Z",
        "detail": detail,
    });
    let bridge = json!({
        "version": "0", "id": "6d1f0a52", "detail-type": "Chime Later", "source": "aws.chime",
        "account": "111122223333", "time": "2026-03-02T09:00:10Z", "region": "us-east-1",
        "resources": [], "detail": detail, "replay-name": "again",
    });
    for json in [queue, bridge] {
        let event: Event = from_value(json.clone()).unwrap();
        assert_eq!(event.detail_type.as_str(), "Chime Later");
        assert!(!event.detail_type.is_known());
        assert!(matches!(event.detail, Detail::Other(_)));
        assert_eq!(to_value(&event).unwrap(), json);
    }
}

#[test]
fn a_created_event_has_the_form_that_queues_receive() {
    let time = OffsetDateTime::UNIX_EPOCH;
    let event = Event::<Detail>::new("Chime Later", Detail::default(), "1", "us-east-1", time);
    let json = json!({
        "version": "0", "detail-type": "Chime Later", "source": "aws.chime", "account": "1",
        "time": "1970-01-01T00:00:00Z", "region": "us-east-1", "detail": {},
    });
    assert_eq!(to_value(&event).unwrap(), json);
    let bridge = to_value(event.id("6d1f").resources([])).unwrap();
    assert_eq!((&bridge["id"], &bridge["resources"]), (&json!("6d1f"), &json!([])));
}

#[test]
fn unknown_members_are_redacted() {
    let json = json!({
        "detail-type": "Chime Later", "source": "aws.chime", "account": "1", "region": "r",
        "time": "2026-03-02T09:00:10Z", "detail": {"name": "secret"}, "owner": "secret",
    });
    let event: Event = from_value(json).unwrap();
    assert!(!format!("{event:?}").contains("secret"));
    assert!(!to_value(crate::Masked(&event)).unwrap().to_string().contains("secret"));
}

#[test]
fn an_envelope_can_contain_an_api_call() {
    let json = json!({
        "detail-type": "AWS API Call via CloudTrail", "source": "aws.chime", "account": "1",
        "time": "2026-03-02T09:00:10Z", "region": "us-east-1",
        "detail": {
            "eventTime": "2026-03-02T09:00:10Z", "eventSource": "chime.amazonaws.com",
            "eventName": "DeleteMeeting", "awsRegion": "us-east-1",
            "requestParameters": {"meetingId": "m-1"}, "responseElements": null,
        },
    });
    let event: Event<crate::cloud_trail::CloudTrailRecord> = from_value(json.clone()).unwrap();
    let request: crate::meetings::DeleteMeetingRequest = event.detail.request().unwrap().unwrap();
    assert_eq!(request.meeting_id, "m-1");
    assert_eq!(to_value(&event).unwrap(), json);
}
