//! Tests of media pipelines in seeds.

mod problems;

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{AwsAccount, SdkPipeline, SdkRegion, Seed};

const CAPTURE: &str = "d4a71c0e-5f83-4b29-9e60-1c8b7f2d35a9";
const JOINED: &str = "86e3b5f2-c19d-4a07-b4f8-e05a2d7c1936";
const STREAM: &str = "7c1e9d40-3b5a-4f26-8d07-a94e61c2f5b8";
const WEBINAR: &str = "a7d04e16-2b9f-4c58-b1e3-50c6f98d2713";

/// A webinar with a capture and a concatenation pipeline, a configuration and a pool.
fn sample() -> Value {
    let CreateMediaConcatenationPipelineRequest { sources, sinks, .. } =
        concatenating(&CAPTURE.into());
    json!({"AwsAccounts": [{"AwsAccountId": ACCOUNT, "Sdk": [{
    "ControlRegion": "us-east-1",
    "Meetings": [{"MeetingId": WEBINAR, "ExternalMeetingId": "webinar"}],
    "Pipelines": [
        {"MediaPipeline": {"MediaCapturePipeline": {"MediaPipelineId": CAPTURE,
            "SourceArn": format!("arn:aws:chime::{ACCOUNT}:meeting:{WEBINAR}"),
            "SinkArn": "arn:aws:s3:::recordings/webinar", "Status": "InProgress"}}},
        {"MediaPipeline": {"MediaConcatenationPipeline": {"MediaPipelineId": JOINED,
            "Sources": sources, "Sinks": sinks, "Status": "InProgress"}}}],
    "InsightsConfigurations": [{"Id": "f02c9b47-6e1a-4d85-a3c7-5b90e8d4172f", "Name": "CallRecorder",
        "ResourceAccessRoleArn": "arn:aws:iam::111122223333:role/insights",
        "Elements": [{"Type": "S3RecordingSink", "S3RecordingSinkConfiguration":
            {"Destination": "arn:aws:s3:::recordings", "RecordingFileFormat": "Wav"}}]}],
    "Pools": [{"PoolName": "Audio", "Region": "us-east-1", "DataRetentionInHours": 24,
        "PoolId": "ChimeMediaPipelines-Audio-1b7e4c93-a05d-4f68-92b1-d3c6f80e5a74",
        "PoolStatus": "ACTIVE"}]
    }]}]})
}

#[test]
fn seeded_pipelines_work_like_created_ones() {
    let bench = Bench::seeded(&sample());
    let (capture, joined) = (CAPTURE.into(), JOINED.into());
    let id = WEBINAR.into();
    assert_eq!(users(&bench, &id), ["aws:MediaPipeline-d4a71"]);
    pass(&bench, 1_000);
    end(&bench, &id);
    assert_eq!(status(&bench, &capture).unwrap(), "Stopping");
    pass(&bench, 2);
    assert_eq!(status(&bench, &capture).unwrap(), "Stopped");
    pass(&bench, 4);
    assert_eq!(status(&bench, &joined).unwrap(), "InProgress");
    pass(&bench, 1);
    assert_eq!(status(&bench, &joined).unwrap(), "Stopped");
    let expected = ["AttendeeLeft", "MeetingEnded", "MediaPipelineDeleted", "MediaPipelineDeleted"];
    assert_eq!(bench.events(), expected);
    bench.call(&analyzing("CallRecorder")).unwrap();
    let id = meeting(&bench);
    stream(&bench, &id);
}

#[test]
fn the_meetings_of_a_seed_end_with_their_replicas_and_pipelines() {
    let mut seed = sample();
    let (ana, standup) =
        ("5b0e7d92-c3f1-a846-2d75-9e14b6f8a037", "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
    let replica = "c51be8f3-690a-4d27-8f74-e2a93d162713";
    let meetings = &mut seed["AwsAccounts"][0]["Sdk"][0]["Meetings"];
    let more = [
        json!({"MeetingId": standup, "ExternalMeetingId": "standup", "Attendees": [
            {"AttendeeId": ana, "ExternalUserId": "ana", "Connected": true}]}),
        json!({"MeetingId": replica, "ExternalMeetingId": "webinar-eu", "MediaRegion": "eu-west-1",
            "PrimaryMeetingId": WEBINAR}),
    ];
    meetings.as_array_mut().unwrap().extend(more);
    let bench = Bench::seeded(&seed);
    let live = |bench: &Bench| {
        [standup, WEBINAR, replica]
            .map(|id| bench.call(&chime_model::meetings::GetMeetingRequest::new(id)).is_ok())
    };
    pass(&bench, 1_000);
    assert_eq!(live(&bench), [true; 3]);
    bench.chime.act_as_attendee(standup, ana, AttendeeAction::Leave).unwrap();
    pass(&bench, 300);
    assert_eq!(live(&bench), [false, true, true]);
    let statuses =
        |bench: &Bench| [CAPTURE, JOINED].map(|id| status(bench, &id.into())).map(Option::unwrap);
    pass(&bench, 86_400 - 1_300 - 1);
    assert_eq!(statuses(&bench), ["InProgress", "InProgress"]);
    pass(&bench, 1);
    assert_eq!((live(&bench), statuses(&bench)[0].as_str()), ([false; 3], "Stopping"));
    pass(&bench, 2);
    assert_eq!(statuses(&bench), ["Stopped", "InProgress"]);
    pass(&bench, 5);
    assert_eq!(statuses(&bench), ["Stopped", "Stopped"]);
}

#[test]
fn capture_pipelines_and_concatenations_have_a_short_form() {
    let mut seed = sample();
    let region = &mut seed["AwsAccounts"][0]["Sdk"][0];
    let capture = region["Pipelines"][0]["MediaPipeline"]["MediaCapturePipeline"].take();
    region["Pipelines"] = json!([]);
    region["ConcatenationPipelines"] = json!([{
        "MediaPipelineId": JOINED,
        "CapturePipelineId": CAPTURE,
        "Destination": "arn:aws:s3:::recordings/joined",
        "Status": "InProgress",
    }]);
    region["CapturePipelines"] = json!([capture]);
    let mut long = sample();
    let joined = &mut long["AwsAccounts"][0]["Sdk"][0]["Pipelines"][1]["MediaPipeline"];
    let source = &mut joined["MediaConcatenationPipeline"]["Sources"][0];
    let artifacts = &mut source["MediaCapturePipelineSourceConfiguration"]["ChimeSdkMeetingConfiguration"]
        ["ArtifactsConfiguration"];
    artifacts["CompositedVideo"]["State"] = "Enabled".into();
    assert_eq!(Bench::seeded(&seed).export(), Bench::seeded(&long).export());
}

/// The state of the first pipeline of a kind in the control region of the tests.
fn state_of<'a>(kind: &str, export: &'a Value) -> &'a Value {
    let regions = export["AwsAccounts"][0]["Sdk"].as_array().unwrap();
    let ours = regions.iter().find(|region| region["ControlRegion"] == REGION).unwrap();
    let mut items = ours["Pipelines"].as_array().unwrap().iter();
    &items.find(|item| item["MediaPipeline"][kind].is_object()).unwrap()["State"]
}

#[test]
fn an_export_restores_the_state() {
    let bench = Bench::seeded(&sample());
    let id = WEBINAR.into();
    connect(&bench, &id);
    let failing = stream(&bench, &id);
    let insights = analyze(&bench);
    pass(&bench, 2);
    let temporarily = crate::PipelineAction::FailTemporarily;
    bench.chime.act_on_pipeline(failing.as_str(), temporarily, None).unwrap();
    join(&bench, &id, "ana");
    let request = StartSpeakerSearchTaskRequest::new(insights.as_str(), "arn:aws:chime:d");
    bench.call(&request).unwrap();
    let silence = crate::PipelineAction::StreamEnd;
    bench.chime.act_on_pipeline(insights.as_str(), silence, None).unwrap();
    let request = TagResourceRequest::new(pipeline_arn(&insights), [Tag::new("team", "core")]);
    bench.call(&request).unwrap();
    let far = meeting_in(&bench, "eu-central-1");
    let failed = bench.call_in("us-west-2", &capturing(&far)).unwrap().media_capture_pipeline;
    let (failed, fail) = (failed.unwrap().media_pipeline_id.unwrap(), crate::PipelineAction::Fail);
    bench.chime.act_on_pipeline(failed.as_str(), fail, Some("no bucket")).unwrap();
    let list = bench.call(&ListMediaPipelinesRequest::new()).unwrap().media_pipelines.unwrap();
    let (export, again) = (bench.export(), bench.copy().export());
    assert_eq!(again, export);
    let regions = export["AwsAccounts"][0]["Sdk"].as_array().unwrap();
    assert_eq!(regions.len(), 3);
    let ours = regions.iter().find(|region| region["ControlRegion"] == "us-east-1").unwrap();
    let exported = pipelines_of(ours).map(|(_, pipeline)| &pipeline["MediaPipelineId"]);
    let in_order = list.iter().map(|it| it.media_pipeline_id.as_ref().unwrap().as_str());
    assert!(exported.eq(in_order), "the order of creation: {ours}");
    let insights = state_of("MediaInsightsPipeline", &export);
    assert_eq!(insights["Tasks"][0]["Kind"], "SpeakerSearch");
    let stream = state_of("MediaStreamPipeline", &export);
    assert_eq!(stream["Streams"].as_array().unwrap().len(), 2);
    assert!(stream["FailingSince"].is_string());
    assert!(export.to_string().contains(r#""FailureReason":"no bucket""#));
}

#[test]
fn an_imported_pipeline_starts_the_same_streams() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    join(&bench, &id, "ana");
    join(&bench, &id, "bo");
    stream(&bench, &id);
    let copy = bench.copy();
    for bench in [&bench, &copy] {
        pass(bench, 2);
    }
    let exported = bench.export();
    assert_eq!(copy.export(), exported);
    let streams = &state_of("MediaStreamPipeline", &exported)["Streams"];
    let numbers = |member: &str| {
        let streams = streams.as_array().unwrap().iter();
        streams.map(|it| it[member].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!((numbers("StreamArn").len(), numbers("StartFragmentNumber").len()), (3, 3));
}

#[test]
fn a_seeded_stream_pipeline_has_the_streams_of_connected_attendees() {
    let ana = "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037";
    let mut seed = sample();
    let region = &mut seed["AwsAccounts"][0]["Sdk"][0];
    region["Meetings"][0]["Attendees"] =
        json!([{"AttendeeId": ana, "ExternalUserId": "ana", "Connected": true}]);
    let CreateMediaStreamPipelineRequest { sources, sinks, .. } = streaming(&WEBINAR.into());
    let stream = json!({"MediaPipelineId": STREAM, "Sources": sources, "Sinks": sinks});
    region["Pipelines"] = json!([{"MediaPipeline": {"MediaStreamPipeline": stream}}]);
    let bench = Bench::seeded(&seed);
    assert!(bench.events().is_empty());
    let export = bench.export();
    let streams = state_of("MediaStreamPipeline", &export)["Streams"].as_array().unwrap();
    let whose: Vec<_> = streams.iter().map(|it| it["AttendeeId"].as_str()).collect();
    assert_eq!(whose, [None, Some(ana)]);
    let end = crate::PipelineAction::StreamEnd;
    bench.chime.act_on_pipeline(STREAM, end, Some(ana)).unwrap();
    assert_eq!(bench.events(), ["MediaPipelineKinesisVideoStreamEnd"]);
}

#[test]
fn a_replaced_pipeline_leaves_its_meeting() {
    let bench = Bench::seeded(&sample());
    let id = WEBINAR.into();
    let replace = |status: &str| {
        let seed = json!({"AwsAccounts": [{"AwsAccountId": ACCOUNT, "Sdk": [{
            "ControlRegion": "us-east-1",
            "Pipelines": [{"MediaPipeline": {"MediaCapturePipeline": {"MediaPipelineId": CAPTURE,
                "Status": status,
                "SourceArn": format!("arn:aws:chime::{ACCOUNT}:meeting:{WEBINAR}")}}}]}]}]});
        bench.chime.seed(Seed::parse(&seed.to_string()).unwrap()).unwrap();
        users(&bench, &id)
    };
    let user = ["aws:MediaPipeline-d4a71"];
    assert_eq!(users(&bench, &id), user);
    assert_eq!(replace("InProgress"), user);
    assert_eq!(replace("Stopped"), [""; 0]);
    assert!(bench.events().is_empty());
    pass(&bench, 300);
    // It no longer keeps the meeting alive, and the concatenation no longer waits for it.
    assert_eq!(bench.events(), ["MediaPipelineDeleted", "MeetingEnded"]);
}

#[test]
fn responses_of_the_service_are_seeds() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let capture = capture(&bench, &id);
    let all = [
        capture.clone(),
        concatenate(&bench, &capture),
        connect(&bench, &id),
        stream(&bench, &id),
        analyze(&bench),
    ];
    let mut seed = bench.export();
    let tags = json!({"Tags": [{"Key": "team", "Value": "core"}]});
    let items = all.iter().map(|id| json!({"MediaPipeline": shown(&bench, id), "State": tags}));
    seed["AwsAccounts"][0]["Sdk"][0]["Pipelines"] = items.collect();
    let copy = Bench::seeded(&seed);
    // The pool took that long.
    pass(&copy, 5);
    for id in &all {
        assert_eq!(shown(&copy, id), shown(&bench, id));
        let tags = copy.call(&ListTagsForResourceRequest::new(pipeline_arn(id))).unwrap().tags;
        assert_eq!(tags.unwrap(), [Tag::new("team", "core")]);
    }
    for bench in [&bench, &copy] {
        pass(bench, 2);
    }
    for id in &all {
        assert_eq!(status(&copy, id).unwrap(), "InProgress");
        assert_eq!(shown(&copy, id), shown(&bench, id));
    }
}

#[test]
fn a_seeded_pipeline_has_the_arn_of_its_region_and_the_times_of_its_response() {
    let mut seed = sample();
    let shown = json!({
        "MediaPipelineArn": "arn:aws:chime:eu-central-1:444455556666:media-pipeline/x",
        "CreatedTimestamp": "2025-03-05T11:00:00.000Z",
        "UpdatedTimestamp": "2025-03-05T11:00:02.000Z",
    });
    let pipeline = &mut seed["AwsAccounts"][0]["Sdk"][0]["Pipelines"][0]["MediaPipeline"];
    let members = pipeline["MediaCapturePipeline"].as_object_mut().unwrap();
    members.extend(shown.as_object().unwrap().clone());
    let bench = Bench::seeded(&seed);
    let capture = super::shown(&bench, &CAPTURE.into()).media_capture_pipeline;
    let capture = serde_json::to_value(capture).unwrap();
    assert_eq!(capture["MediaPipelineArn"], pipeline_arn(&CAPTURE.into()));
    for time in ["CreatedTimestamp", "UpdatedTimestamp"] {
        assert_eq!(capture[time], shown[time]);
    }
    // The state has the time of all kinds, so it goes first.
    let state = json!({"UpdatedTimestamp": "2025-03-05T11:00:03.000Z"});
    seed["AwsAccounts"][0]["Sdk"][0]["Pipelines"][0]["State"] = state.clone();
    let export = Bench::seeded(&seed).export();
    let updated = &state_of("MediaCapturePipeline", &export)["UpdatedTimestamp"];
    assert_eq!(*updated, state["UpdatedTimestamp"]);
}

#[test]
fn an_export_needs_no_capture_pipeline_before_a_concatenation() {
    let bench = bench();
    let first = capture(&bench, &meeting(&bench));
    stop(&bench, &first);
    pass(&bench, 29 * 86_400);
    let joined = concatenate(&bench, &first);
    let kinds = |bench: &Bench| {
        let export = bench.export();
        assert_eq!(bench.copy().export(), export);
        let kinds = pipelines_of(&export["AwsAccounts"][0]["Sdk"][0]).map(|(kind, _)| kind.clone());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(kinds(&bench), ["MediaCapturePipeline", "MediaConcatenationPipeline"]);
    let capture = MediaPipeline::default()
        .media_capture_pipeline(shown(&bench, &first).media_capture_pipeline.unwrap());
    let region = SdkRegion { pipelines: vec![SdkPipeline::new(capture)], ..SdkRegion::new(REGION) };
    bench.chime.seed(AwsAccount { sdk: vec![region], ..AwsAccount::new(ACCOUNT) }).unwrap();
    assert_eq!(kinds(&bench), ["MediaConcatenationPipeline", "MediaCapturePipeline"]);
    pass(&bench, 2 * 86_400);
    assert_eq!(status(&bench, &first), None);
    assert_eq!(status(&bench, &joined).unwrap(), "Stopped");
    assert_eq!(kinds(&bench), ["MediaConcatenationPipeline"]);
}
