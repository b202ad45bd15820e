//! Tests of creating, showing and tagging pipelines.

use serde_json::json;

use super::*;
use crate::{AwsAccount, SdkPipeline, SdkRegion};

#[test]
fn a_capture_pipeline_is_shown_as_it_was_created() {
    let bench = bench();
    let id = meeting(&bench);
    let request = capturing(&id).client_request_token("once").tags([Tag::new("team", "core")]);
    let created = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
    let json = serde_json::to_value(&created).unwrap();
    let pipeline = created.media_pipeline_id.clone().unwrap();
    assert_eq!(
        json,
        json!({
            "ChimeSdkMeetingConfiguration": {"ArtifactsConfiguration": {
                "Audio": {"MuxType": "AudioWithActiveSpeakerVideo"},
                "Video": {"MuxType": "VideoOnly", "State": "Enabled"},
                "Content": {"MuxType": "ContentOnly", "State": "Enabled"},
            }},
            "CreatedTimestamp": "2025-03-05T12:00:00.000Z",
            "UpdatedTimestamp": "2025-03-05T12:00:00.100Z",
            "MediaPipelineArn": pipeline_arn(&pipeline),
            "MediaPipelineId": pipeline,
            "SinkArn": "arn:aws:s3:::recordings/standup",
            "SinkType": "S3Bucket",
            "SourceArn": arn(&id),
            "SourceType": "ChimeSdkMeeting",
            "Status": "Initializing",
        })
    );
    let got = bench.call(&GetMediaCapturePipelineRequest::new(&pipeline)).unwrap();
    assert_eq!(got.media_capture_pipeline.as_ref(), Some(&created));
    assert_eq!(shown(&bench, &pipeline).media_capture_pipeline, Some(created));
    let answer = bench.send(
        "POST",
        "/chime-sdk-media-pipelines/sdk-media-capture-pipelines",
        &json!({
            "SourceType": "ChimeSdkMeeting", "SourceArn": arn(&meeting(&bench)),
            "SinkType": "S3Bucket", "SinkArn": "arn:aws:s3:::recordings",
        })
        .to_string(),
    );
    assert_eq!(answer.status(), 201);
    let delete = format!("/chime-sdk-media-pipelines/sdk-media-pipelines/{pipeline}");
    assert_eq!(bench.send("DELETE", &delete, "").status(), 204);
}

#[test]
fn a_token_returns_the_first_pipeline_of_its_kind_for_a_day() {
    let bench = bench();
    let id = meeting(&bench);
    let request = capturing(&id).client_request_token("once");
    let created = |bench: &Bench| {
        bench.call(&request).map(|it| it.media_capture_pipeline.unwrap().media_pipeline_id.unwrap())
    };
    let first = created(&bench).unwrap();
    pass(&bench, 2);
    assert_eq!(created(&bench).unwrap(), first);
    assert_eq!(status(&bench, &first).unwrap(), "InProgress");
    // Tokens are separate for each kind.
    bench.call(&connecting(&id).client_request_token("once")).unwrap();
    // Without a token, and with another token, a second pipeline would be created.
    assert_eq!(exception(bench.call(&capturing(&id))), "ResourceLimitExceededException");
    stop(&bench, &first);
    pass(&bench, 86_400 - 3);
    assert_eq!(created(&bench).unwrap(), first);
    pass(&bench, 1);
    assert_eq!(exception(created(&bench)), "ForbiddenException", "the meeting is too old");
}

#[test]
fn a_token_without_its_pipeline_creates_another_one() {
    let bench = bench();
    let created = || {
        let request = capturing(&meeting(&bench)).client_request_token("once");
        let created = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
        created.media_pipeline_id.unwrap()
    };
    let first = created();
    // A seed replaces the pipeline by one of another kind.
    let CreateMediaLiveConnectorPipelineRequest { sources, sinks, .. } =
        connecting(&meeting(&bench));
    let other = MediaLiveConnectorPipeline::default().sources(sources).sinks(sinks);
    let other = other.media_pipeline_id(&first);
    let other = SdkPipeline::new(MediaPipeline::default().media_live_connector_pipeline(other));
    let region = SdkRegion { pipelines: vec![other], ..SdkRegion::new(REGION) };
    bench.chime.seed(AwsAccount { sdk: vec![region], ..AwsAccount::new(ACCOUNT) }).unwrap();
    let second = created();
    assert_ne!(second, first);
    // The pipeline is forgotten before the token, because the clock is set back.
    pass(&bench, 31 * 86_400);
    assert_eq!(status(&bench, &second), None);
    pass(&bench, -31 * 86_400);
    assert_ne!(created(), second);
}

#[test]
fn a_source_arn_has_two_forms_and_may_name_another_region() {
    let bench = bench();
    let id = meeting_in(&bench, "eu-central-1");
    let source = |source: String| {
        let request = CreateMediaCapturePipelineRequest::new(
            "ChimeSdkMeeting",
            source,
            "S3Bucket",
            "arn:aws:s3:::b",
        );
        bench.call(&request)
    };
    let created = source(format!("arn:aws:chime:eu-central-1:{ACCOUNT}:meeting/{id}")).unwrap();
    let pipeline = created.media_capture_pipeline.unwrap().media_pipeline_id.unwrap();
    let get = GetMediaPipelineRequest::new(&pipeline);
    assert_eq!(exception(bench.call_in("eu-central-1", &get)), "NotFoundException");
    for wrong in [
        format!("arn:aws:chime::{ACCOUNT}:meeting:3f9c2a71-84d5-4e0b-9c36-7a1e5b082713"),
        format!("arn:aws:chime::444455556666:meeting:{id}"),
        format!("arn:aws:chime::{ACCOUNT}:meeting{id}"),
        "arn:aws:s3:::bucket".to_owned(),
    ] {
        let expected = ("ForbiddenException".into(), "Resource ownership mismatch".into());
        assert_eq!(explained(source(wrong)), expected);
    }
}

#[test]
fn a_meeting_has_one_pipeline_of_a_kind() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let first = capture(&bench, &id);
    connect(&bench, &id);
    stream(&bench, &id);
    let expected = format!(
        "Cannot create new media capture pipeline for source type 'ChimeSdkMeeting' and source arn \
         '{}'. Limit reached",
        arn(&id)
    );
    let error = explained(bench.call(&capturing(&id)));
    assert_eq!(error, ("ResourceLimitExceededException".into(), expected));
    let other_region = bench.call_in("us-west-2", &capturing(&id));
    assert_eq!(exception(other_region), "ResourceLimitExceededException");
    assert!(
        explained(bench.call(&connecting(&id))).1.contains("new media live connector pipeline")
    );
    assert!(explained(bench.call(&streaming(&id))).1.contains("new media stream pipeline"));
    stop(&bench, &first);
    assert!(bench.call(&capturing(&id)).is_err(), "it is stopping");
    pass(&bench, 2);
    capture(&bench, &id);
}

#[test]
fn incomplete_configurations_are_invalid() {
    let bench = bench();
    let id = meeting(&bench);
    let selected = |count: usize| {
        let users =
            (0..count).map(|i| ExternalUserId::from(format!("user-{i}"))).collect::<Vec<_>>();
        SourceConfiguration::default().selected_video_streams(
            SelectedVideoStreams::default()
                .attendee_ids(["5b0e7d92-c3f1-a846-2d75-9e14b6f8a037".into()])
                .external_user_ids(users),
        )
    };
    let with = |source| {
        let configuration = ChimeSdkMeetingConfiguration::default().source_configuration(source);
        capturing(&id).chime_sdk_meeting_configuration(configuration)
    };
    assert_eq!(exception(bench.call(&with(selected(25)))), "BadRequestException");
    bench.call(&with(selected(24))).unwrap();
    let composited = ArtifactsConfiguration::new(
        AudioArtifactsConfiguration::new("AudioWithCompositedVideo"),
        VideoArtifactsConfiguration::new("Disabled"),
        ContentArtifactsConfiguration::new("Disabled"),
    );
    let request = capturing(&id).chime_sdk_meeting_configuration(
        ChimeSdkMeetingConfiguration::default().artifacts_configuration(composited),
    );
    assert!(explained(bench.call(&request)).1.starts_with("CompositedVideo"));
    let mut request = connecting(&id);
    request.sources[0].chime_sdk_meeting_live_connector_configuration.mux_type =
        "AudioWithCompositedVideo".into();
    assert!(explained(bench.call(&request)).1.starts_with("CompositedVideo"));
}

#[test]
fn broken_constraints_are_reported_as_in_meetings() {
    let bench = bench();
    let answer = bench.send(
        "POST",
        "/chime-sdk-media-pipelines/sdk-media-capture-pipelines",
        r#"{"SourceType": "ChimeSdkMeeting", "SinkType": "S3Bucket", "SinkArn": "arn:aws:s3:::b"}"#,
    );
    assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"));
    let message = answer.json()["Message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("1 validation error detected: Value at 'sourceArn'"), "{message}");
}

#[test]
fn forbidden_buckets_are_refused() {
    let bench = with_rules(PipelineRules {
        forbidden_buckets: vec!["recordings".to_owned()],
        ..PipelineRules::default()
    });
    let id = meeting(&bench);
    let expected = "Insufficient permission to access S3 bucket: recordings";
    let error = explained(bench.call(&capturing(&id)));
    assert_eq!(error, ("ForbiddenException".into(), expected.into()));
    let mut request = capturing(&id);
    request.sink_arn = "arn:aws:s3:::other".into();
    let created = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
    let id = created.media_pipeline_id.unwrap();
    assert_eq!(explained(bench.call(&concatenating(&id))).1, expected);
    bench.call(&configuring("Calls")).unwrap();
    let to = |bucket: &str| {
        let sink =
            S3RecordingSinkRuntimeConfiguration::new(format!("arn:aws:s3:::{bucket}"), "Wav");
        analyzing("Calls").s3_recording_sink_runtime_configuration(sink)
    };
    assert_eq!(explained(bench.call(&to("recordings"))).1, expected);
    bench.call(&to("other")).unwrap();
}

#[test]
fn a_new_pipeline_is_checked_in_this_order() {
    let bench = with_rules(PipelineRules {
        active_pipelines: Some(1),
        forbidden_buckets: vec!["forbidden".to_owned()],
        ..PipelineRules::default()
    });
    let id = meeting(&bench);
    let mut wrong = capturing(&"3f9c2a71-84d5-4e0b-9c36-7a1e5b082713".into());
    wrong.sink_arn = "arn:aws:s3:::forbidden".into();
    let message = |request: &CreateMediaCapturePipelineRequest| explained(bench.call(request)).1;
    // Source, sink, one per meeting, quota.
    assert_eq!(message(&wrong), "Resource ownership mismatch");
    let only = capture(&bench, &id);
    wrong.source_arn = arn(&id).into();
    assert!(message(&wrong).starts_with("Insufficient permission"));
    assert!(message(&capturing(&id)).ends_with("Limit reached"));
    let quota = "The AWS account has reached its limit of 1 active pipelines";
    assert_eq!(message(&capturing(&meeting(&bench))), quota);
    // A token is recognized before all of them, but after the constraints.
    stop(&bench, &only);
    pass(&bench, 2);
    let request = capturing(&id).client_request_token("once");
    let first = bench.call(&request).unwrap();
    wrong.client_request_token = Some("once".into());
    assert_eq!(bench.call(&wrong).unwrap(), first);
    wrong.sink_arn = "no arn".into();
    assert!(message(&wrong).contains("Value at 'sinkArn'"));
}

#[test]
fn a_sink_must_be_a_bucket() {
    let bench = bench();
    let id = meeting(&bench);
    let mut request = capturing(&id);
    request.sink_arn = "arn:aws:sqs:us-east-1:111122223333:queue".into();
    let expected = "SinkArn: must be the ARN of an S3 bucket".to_owned();
    assert_eq!(explained(bench.call(&request)), ("BadRequestException".into(), expected));
    let mut request = concatenating(&capture(&bench, &id));
    request.sinks[0].s3_bucket_sink_configuration.destination = "arn:aws:s3:::".into();
    assert!(explained(bench.call(&request)).1.starts_with("Destination: must be"));
}

#[test]
fn a_concatenation_needs_a_capture_pipeline() {
    let bench = bench();
    let id = meeting(&bench);
    let missing = "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713".into();
    assert_eq!(exception(bench.call(&concatenating(&missing))), "BadRequestException");
    let connector = connect(&bench, &id);
    assert_eq!(exception(bench.call(&concatenating(&connector))), "BadRequestException");
    let first = capture(&bench, &id);
    let again = concatenating(&first).client_request_token("once");
    let created = |request: &CreateMediaConcatenationPipelineRequest| {
        bench.call(request).unwrap().media_concatenation_pipeline
    };
    assert_eq!(created(&again), created(&again));
    concatenate(&bench, &first);
}

#[test]
fn active_pipelines_are_limited_per_account_and_region() {
    let bench = with_rules(PipelineRules { active_pipelines: Some(2), ..Default::default() });
    let id = meeting(&bench);
    let first = capture(&bench, &id);
    concatenate(&bench, &first);
    assert_eq!(exception(bench.call(&concatenating(&first))), "ResourceLimitExceededException");
    analyze(&bench);
    let rules = PipelineRules::default();
    assert_eq!((rules.max_active("us-east-1"), rules.max_active("eu-west-2")), (100, 10));
    // Pipelines of other regions and accounts do not count.
    let other = meeting(&bench);
    bench.call_in("us-west-2", &capturing(&other)).unwrap();
}

#[test]
fn pipelines_configurations_and_pools_have_tags() {
    let bench = bench();
    let tag = |key: &str| [Tag::new(key, "core")];
    let request = capturing(&meeting(&bench)).tags(tag("team"));
    let created = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
    let capture = created.media_pipeline_id.unwrap();
    bench.call(&configuring("Calls").tags(tag("team"))).unwrap();
    bench.call(&pooling("Audio").tags(tag("team"))).unwrap();
    pass(&bench, 5);
    let id = meeting(&bench);
    bench.call(&concatenating(&capture).tags(tag("team"))).unwrap();
    bench.call(&connecting(&id).tags(tag("team"))).unwrap();
    bench.call(&streaming(&id).tags(tag("team"))).unwrap();
    bench.call(&analyzing("Calls").tags(tag("team"))).unwrap();
    let all = bench.call(&ListMediaPipelinesRequest::new()).unwrap().media_pipelines.unwrap();
    assert_eq!(all.len(), 5, "one of each kind");
    let pipelines = all.into_iter().map(|it| it.media_pipeline_arn.unwrap().as_str().to_owned());
    for arn in pipelines.chain([configuration_arn("Calls"), pool_arn("Audio")]) {
        let listed = |bench: &Bench| {
            let request = ListTagsForResourceRequest::new(arn.as_str());
            let tags = bench.call(&request).unwrap().tags.unwrap();
            tags.into_iter().map(|tag| tag.key).collect::<Vec<_>>()
        };
        assert_eq!(listed(&bench), ["team"]);
        bench.call(&TagResourceRequest::new(arn.as_str(), tag("area"))).unwrap();
        assert_eq!(listed(&bench), ["area", "team"]);
        bench.call(&UntagResourceRequest::new(arn.as_str(), ["team", "none"])).unwrap();
        assert_eq!(listed(&bench), ["area"]);
        let many = |from: usize| (from..from + 100).map(|i| Tag::new(format!("k{i}"), "v"));
        bench.call(&TagResourceRequest::new(arn.as_str(), many(0))).unwrap();
        let too_many = bench.call(&TagResourceRequest::new(arn.as_str(), many(100)));
        assert_eq!(exception(too_many), "BadRequestException");
        for wrong in
            [[Tag::new("aws:x", "v"), Tag::new("y", "v")], [Tag::new("y", "v"), Tag::new("y", "w")]]
        {
            let request = TagResourceRequest::new(arn.as_str(), wrong);
            assert_eq!(exception(bench.call(&request)), "BadRequestException");
        }
        assert_eq!(listed(&bench).len(), 101);
        let unknown = ListTagsForResourceRequest::new(format!("{arn}x"));
        assert_eq!(exception(bench.call(&unknown)), "NotFoundException");
    }
    let too_many: Vec<Tag> = (0..201).map(|i| Tag::new(format!("k{i}"), "v")).collect();
    let request = pooling("Video").tags(too_many);
    assert_eq!(exception(bench.call(&request)), "BadRequestException");
    let strange = ListTagsForResourceRequest::new("arn:aws:chime:us-east-1:111122223333:app/x");
    assert_eq!(exception(bench.call(&strange)), "NotFoundException");
}

#[test]
fn control_regions_can_be_strict() {
    let rules: Rules = Rules::parse(r#"{"StrictControlRegions": true}"#).unwrap();
    let bench = Bench::new(Config { rules, ..Config::default() });
    bench.call(&ListMediaPipelinesRequest::new()).unwrap();
    let elsewhere = bench.call_in("af-south-1", &ListMediaPipelinesRequest::new());
    assert_eq!(exception(elsewhere), "SignatureDoesNotMatch");
}
