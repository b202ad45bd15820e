//! Tests of actions on pipelines and pools, through the control endpoint and from Rust.

use super::*;
use crate::{PipelineAction, PoolAction};

#[test]
fn a_pipeline_fails_temporarily_and_permanently() {
    let bench = bench();
    let id = meeting(&bench);
    let pipeline = capture(&bench, &id);
    let verb = |verb: &str| {
        bench.control("POST", &format!("media-pipelines/{pipeline}/{verb}"), "").status()
    };
    assert_eq!(verb("fail-temporarily"), 409);
    pass(&bench, 2);
    let before = bench.events().len();
    assert_eq!(verb("resume"), 409);
    assert_eq!(verb("fail-temporarily"), 204);
    assert_eq!(verb("resume"), 204);
    assert_eq!(verb("stream-start"), 409);
    assert_eq!(verb("explode"), 404);
    assert_eq!(bench.control("GET", &format!("media-pipelines/{pipeline}/fail"), "").status(), 405);
    let invalid = bench.control("POST", &format!("media-pipelines/{pipeline}/fail"), "{\"Why\":1}");
    assert_eq!(invalid.status(), 400);
    assert_eq!(verb("fail"), 204);
    assert_eq!(status(&bench, &pipeline).unwrap(), "Failed");
    assert!(users(&bench, &id).is_empty());
    assert_eq!(
        bench.events()[before..],
        [
            "MediaPipelineTemporaryFailure",
            "MediaPipelineResumed",
            "AttendeeLeft",
            "AttendeeDeleted",
            "MediaPipelinePermanentFailure",
        ]
    );
    assert_eq!(verb("fail"), 409);
    let unknown = bench.chime.act_on_pipeline("none", PipelineAction::Fail, None);
    assert_eq!(unknown.unwrap_err().to_string(), "the resource does not exist");
}

#[test]
fn the_event_of_a_failed_insights_pipeline_has_the_reason() {
    let bench = bench();
    let pipeline = analyze(&bench);
    pass(&bench, 2);
    let path = format!("media-pipelines/{pipeline}/fail");
    assert_eq!(bench.control("POST", &path, r#"{"Message": "no audio"}"#).status(), 204);
    let other = analyze(&bench);
    bench.chime.act_on_pipeline(other.as_str(), PipelineAction::Fail, Some("no role")).unwrap();
    let events = bench.events_of("MediaInsightsPermanentFailure");
    let reasons: Vec<_> = events.iter().map(|it| &it["detail"]["failureReason"]).collect();
    assert_eq!(reasons, ["no audio", "no role"]);
}

#[test]
fn streams_end_and_start_again() {
    let bench = bench();
    let (id, ana, pipeline) = stream_of_ana(&bench);
    let act = |action, attendee| {
        let result = bench.chime.act_on_pipeline(pipeline.as_str(), action, attendee);
        result.map_err(|error| error.to_string())
    };
    use PipelineAction as Do;
    assert!(act(Do::StreamStart, None).is_err(), "it has started");
    act(Do::StreamEnd, None).unwrap();
    act(Do::StreamEnd, Some(&ana)).unwrap();
    assert!(act(Do::StreamEnd, Some(&ana)).is_err());
    assert!(act(Do::StreamEnd, Some("nobody")).is_err());
    // An attendee who joins does not start it again.
    join(&bench, &id, "bo");
    act(Do::StreamStart, Some(&ana)).unwrap();
    assert_eq!(bench.events_of("MediaPipelineKinesisVideoStreamStart").len(), 4);
    assert_eq!(bench.events_of("MediaPipelineKinesisVideoStreamEnd").len(), 2);
}

#[test]
fn attendees_above_the_capacity_of_the_sink_wait_for_a_stream() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    stream(&bench, &id);
    pass(&bench, 2);
    let [_, bo, cem] = ["ana", "bo", "cem"].map(|user| join(&bench, &id, user));
    let started = || {
        let events = bench.events_of("MediaPipelineKinesisVideoStreamStart");
        let user = |event: &serde_json::Value| event["detail"]["externalUserId"].clone();
        events.iter().map(user).collect::<Vec<_>>()
    };
    assert_eq!(started(), ["", "ana", "bo"]);
    let leave =
        |attendee: &str| bench.chime.act_as_attendee(id.as_str(), attendee, AttendeeAction::Leave);
    leave(&bo).unwrap();
    assert_eq!(started(), ["", "ana", "bo", "cem"]);
    leave(&cem).unwrap();
    assert_eq!(bench.events_of("MediaPipelineKinesisVideoStreamEnd").len(), 2);
}

#[test]
fn a_pool_fails() {
    let bench = bench();
    pool(&bench, "Audio");
    assert_eq!(bench.control("POST", "pools/Audio/fail-temporarily", "").status(), 204);
    assert_eq!(bench.control("POST", "pools/Video/fail", "").status(), 404);
    assert_eq!(bench.control("POST", "pools/Audio/fail", r#"{"Message": "why"}"#).status(), 400);
    bench.call_in("us-west-2", &pooling("Audio")).unwrap();
    assert_eq!(bench.control("POST", "pools/Audio/fail", "").status(), 409);
    bench.chime.act_on_pool(&pool_arn("Audio"), PoolAction::Fail).unwrap();
    assert!(bench.chime.act_on_pool(&pool_arn("Audio"), PoolAction::Fail).is_err());
    let names = bench.events();
    let kinds = ["Active", "TemporaryFailure", "PermanentFailure"];
    assert_eq!(names, kinds.map(|kind| format!("MediaPipelineKinesisVideoStreamPool{kind}")));
    let id = meeting(&bench);
    assert_eq!(exception(bench.call(&streaming(&id))), "BadRequestException");
    assert_eq!(bench.control("GET", "pools", "").status(), 404);
    // It can only be deleted, which frees its name.
    let update = UpdateMediaPipelineKinesisVideoStreamPoolRequest::new("Audio");
    assert_eq!(exception(bench.call(&update)), "ConflictException");
    bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).unwrap();
    pass(&bench, 5);
    pool(&bench, "Audio");
}

#[test]
fn the_page_shows_pipelines_configurations_and_pools() {
    let bench = bench();
    let pipeline = capture(&bench, &meeting(&bench));
    bench.call(&configuring("Calls")).unwrap();
    bench.call(&pooling("Audio")).unwrap();
    let page = bench.control("GET", "page", "");
    let page = std::str::from_utf8(page.0.body()).unwrap();
    for shown in [pipeline.as_str(), "VoiceAnalyticsProcessor, VoiceEnhancementSink", "CREATING"] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}
