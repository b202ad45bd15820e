//! Tests of media pipelines in seeds.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::Seed;
use crate::engine::seeding::TWICE;

const CAPTURE: &str = "d4a71c0e-5f83-4b29-9e60-1c8b7f2d35a9";
const JOINED: &str = "86e3b5f2-c19d-4a07-b4f8-e05a2d7c1936";
const STREAM: &str = "7c1e9d40-3b5a-4f26-8d07-a94e61c2f5b8";
const WEBINAR: &str = "a7d04e16-2b9f-4c58-b1e3-50c6f98d2713";

/// A webinar with a capture and a concatenation pipeline, a configuration and a pool.
fn sample() -> Value {
    json!({"AwsAccounts": [{"AwsAccountId": ACCOUNT, "Sdk": [{
    "ControlRegion": "us-east-1",
    "Meetings": [{"MeetingId": WEBINAR, "ExternalMeetingId": "webinar"}],
    "CapturePipelines": [{"MediaPipelineId": CAPTURE,
        "SourceArn": format!("arn:aws:chime::{ACCOUNT}:meeting:{WEBINAR}"),
        "SinkArn": "arn:aws:s3:::recordings/webinar", "Status": "InProgress"}],
    "ConcatenationPipelines": [{"MediaPipelineId": JOINED, "CapturePipelineId": CAPTURE,
        "Destination": "arn:aws:s3:::recordings/joined", "Status": "InProgress"}],
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
    let ids = |items: &Value| {
        let items = items.as_array().unwrap().iter();
        items.map(|item| item["MediaPipelineId"].clone()).collect::<Vec<_>>()
    };
    let in_order = ids(&serde_json::to_value(list).unwrap());
    assert_eq!(ids(&ours["PipelineStates"]), in_order, "the order of creation");
    let state_of = |list: &str| {
        let id = &ours[list][0]["MediaPipelineId"];
        let states = ours["PipelineStates"].as_array().unwrap();
        states.iter().find(|state| state["MediaPipelineId"] == *id).unwrap()
    };
    assert_eq!(state_of("InsightsPipelines")["Tasks"][0]["Kind"], "SpeakerSearch");
    assert_eq!(state_of("StreamPipelines")["Streams"].as_array().unwrap().len(), 2);
    assert!(state_of("StreamPipelines")["FailingSince"].is_string());
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
    let streams = &exported["AwsAccounts"][0]["Sdk"][0]["PipelineStates"][0]["Streams"];
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
    region["StreamPipelines"] =
        json!([{"MediaPipelineId": STREAM, "Sources": sources, "Sinks": sinks}]);
    let bench = Bench::seeded(&seed);
    assert!(bench.events().is_empty());
    let export = bench.export();
    let states = export["AwsAccounts"][0]["Sdk"][0]["PipelineStates"].as_array().unwrap();
    let state = states.iter().find(|state| state["MediaPipelineId"] == STREAM).unwrap();
    let whose: Vec<_> =
        state["Streams"].as_array().unwrap().iter().map(|it| it["AttendeeId"].as_str()).collect();
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
            "CapturePipelines": [{"MediaPipelineId": CAPTURE, "Status": status,
                "SourceArn": format!("arn:aws:chime::{ACCOUNT}:meeting:{WEBINAR}")}]}]}]});
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
    let created = shown(&bench, &capture(&bench, &meeting(&bench))).media_capture_pipeline;
    let export = bench.export();
    let meetings = &export["AwsAccounts"][0]["Sdk"][0]["Meetings"];
    let seed = json!({"AwsAccounts": [{"AwsAccountId": ACCOUNT, "Sdk": [{
        "ControlRegion": REGION, "Meetings": meetings, "CapturePipelines": [created],
        "PipelineStates": [{"MediaPipelineId": created.as_ref().unwrap().media_pipeline_id,
            "Tags": [{"Key": "team", "Value": "core"}]}]}]}]});
    let copy = Bench::seeded(&seed);
    let id = created.as_ref().unwrap().media_pipeline_id.as_ref().unwrap();
    assert_eq!(shown(&copy, id).media_capture_pipeline, created);
    let tags = copy.call(&ListTagsForResourceRequest::new(pipeline_arn(id))).unwrap().tags;
    assert_eq!(tags.unwrap(), [Tag::new("team", "core")]);
    pass(&copy, 2);
    assert_eq!(status(&copy, id).unwrap(), "InProgress");
}

#[test]
fn problems_are_reported_with_their_paths() {
    let problems = |change: fn(&mut Value)| {
        let mut seed = sample();
        change(&mut seed["AwsAccounts"][0]["Sdk"][0]);
        let seed = match Seed::parse(&seed.to_string()) {
            Ok(seed) => seed,
            Err(error) => return error.to_string(),
        };
        let config = Config { seed, ..Config::default() };
        crate::LocalChime::new(config).unwrap_err().to_string()
    };
    let path = "AwsAccounts[0].Sdk[0]";
    assert_eq!(
        problems(|region| region["Meetings"] = json!([])),
        format!("{path}.CapturePipelines[0]: must name an active meeting of this AWS account")
    );
    let nowhere = problems(|region| {
        region["CapturePipelines"][0].as_object_mut().unwrap().remove("SourceArn");
    });
    let problem = format!("{path}.CapturePipelines[0]: must name an active meeting");
    assert!(nowhere.starts_with(&problem), "{nowhere}");
    let concatenation = format!("{path}.ConcatenationPipelines[0]");
    assert_eq!(
        problems(|region| region["ConcatenationPipelines"][0]["CapturePipelineId"] = JOINED.into()),
        format!("{concatenation}.CapturePipelineId: must be a capture pipeline of this region")
    );
    assert_eq!(
        problems(|region| region["ConcatenationPipelines"][0]["MediaPipelineId"] = CAPTURE.into()),
        format!("{concatenation}.MediaPipelineId: {TWICE}")
    );
    let twice = problems(|region| {
        let pool = region["Pools"][0].clone();
        region["Pools"].as_array_mut().unwrap().push(pool);
    });
    assert_eq!(twice, format!("{path}.Pools[1].PoolName: {TWICE}"));
    let unknown = problems(|region| {
        region["InsightsPipelines"] = json!([{"MediaPipelineId": JOINED.replace("86", "87"),
            "MediaInsightsPipelineConfigurationArn": "arn:aws:chime:none"}]);
    });
    assert!(unknown.ends_with("must be a configuration of this region"), "{unknown}");
    let twice = problems(|region| {
        let state = json!({"MediaPipelineId": CAPTURE});
        region["PipelineStates"] = json!([state, state]);
    });
    assert_eq!(twice, format!("{path}.PipelineStates[1].MediaPipelineId: {TWICE}"));
    let lonely = problems(|region| {
        region["PipelineStates"] = json!([{"MediaPipelineId": WEBINAR}]);
    });
    let expected = "PipelineStates[0].MediaPipelineId: must be a pipeline of this region";
    assert_eq!(lonely, format!("{path}.{expected}"));
    let status = problems(|region| region["Pools"][0]["PoolStatus"] = "active".into());
    assert!(status.starts_with(&format!("{path}.Pools[0].PoolStatus")), "{status}");
}
