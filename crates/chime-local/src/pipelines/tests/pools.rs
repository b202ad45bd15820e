//! Tests of pools, and of the stream pipelines that write to them.

use super::*;

fn pool_status(bench: &Bench, identifier: &str) -> Option<String> {
    let request = GetMediaPipelineKinesisVideoStreamPoolRequest::new(identifier);
    let pool = bench.call(&request).ok()?.kinesis_video_stream_pool_configuration.unwrap();
    assert_eq!(
        pool.pool_size,
        (pool.pool_status.as_ref().unwrap().as_str() != "CREATING").then_some(40)
    );
    Some(pool.pool_status.unwrap().as_str().to_owned())
}

fn update(hours: i32) -> UpdateMediaPipelineKinesisVideoStreamPoolRequest {
    UpdateMediaPipelineKinesisVideoStreamPoolRequest::new(pool_arn("Audio")).stream_configuration(
        KinesisVideoStreamConfigurationUpdate::default().data_retention_in_hours(hours),
    )
}

#[test]
fn a_pool_is_created_updated_and_deleted_in_time() {
    let bench = bench();
    let created = bench.call(&pooling("Audio")).unwrap().kinesis_video_stream_pool_configuration;
    let created = created.unwrap();
    let id = created.pool_id.unwrap();
    assert!(id.as_str().starts_with("ChimeMediaPipelines-Audio-"));
    assert_eq!(created.pool_arn.unwrap().as_str(), pool_arn("Audio"));
    assert_eq!(pool_status(&bench, "Audio").unwrap(), "CREATING");
    assert_eq!(exception(bench.call(&update(48))), "ConflictException");
    pass(&bench, 5);
    assert_eq!(pool_status(&bench, &pool_arn("Audio")).unwrap(), "ACTIVE");
    let updated = bench.call(&update(48)).unwrap().kinesis_video_stream_pool_configuration.unwrap();
    assert_eq!(updated.pool_status.unwrap(), KinesisVideoStreamPoolStatus::Updating);
    assert_eq!(updated.stream_configuration.unwrap().data_retention_in_hours, Some(48));
    let delete = DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio");
    assert_eq!(exception(bench.call(&delete)), "ConflictException");
    pass(&bench, 5);
    bench.call(&delete).unwrap();
    assert_eq!(pool_status(&bench, id.as_str()).unwrap(), "DELETING");
    pass(&bench, 5);
    assert_eq!(pool_status(&bench, "Audio"), None);
    assert_eq!(exception(bench.call(&delete)), "NotFoundException");
    assert_eq!(exception(bench.call(&update(1))), "NotFoundException");
    let kinds = ["Active", "Updated", "Deleted"]
        .map(|kind| format!("MediaPipelineKinesisVideoStreamPool{kind}"));
    assert_eq!(bench.events(), kinds);
    let event = bench.events_of(&kinds[0]).remove(0);
    assert_eq!(
        event["detail"],
        serde_json::json!({
            "eventType": format!("chime:{}", kinds[0]),
            "timestamp": 1_741_176_005_000_i64,
            "mediaRegion": "us-east-1",
            "poolArn": pool_arn("Audio"),
        })
    );
}

#[test]
fn names_are_unique_and_a_token_returns_the_first_pool() {
    let bench = bench();
    let request = pooling("Audio").client_request_token("once");
    let first = bench.call(&request).unwrap();
    assert_eq!(bench.call(&request).unwrap(), first);
    // A pool can have the id of another one as its name.
    let id = first.kinesis_video_stream_pool_configuration.as_ref().unwrap().pool_id.clone();
    let id = id.unwrap();
    bench.call(&pooling(id.as_str())).unwrap();
    assert_eq!(bench.call(&request).unwrap(), first);
    pass(&bench, 5);
    bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new(id.as_str())).unwrap();
    // The token of a deleted pool creates another one.
    pass(&bench, 5);
    bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).unwrap();
    pass(&bench, 5);
    assert_ne!(bench.call(&request).unwrap(), first);
    assert_eq!(exception(bench.call(&pooling("Audio"))), "ConflictException");
    // It does not stand for another pool of the same name.
    pass(&bench, 5);
    bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).unwrap();
    pass(&bench, 5);
    bench.call(&pooling("Audio")).unwrap();
    assert_eq!(exception(bench.call(&request)), "ConflictException");
    bench.call_in("us-west-2", &pooling("Audio")).unwrap();
    let mut wrong = pooling("Video");
    wrong.stream_configuration.region = "us-nowhere-1".to_owned();
    assert_eq!(exception(bench.call(&wrong)), "BadRequestException");
    let list = bench.call(&ListMediaPipelineKinesisVideoStreamPoolsRequest::new()).unwrap();
    assert_eq!(list.kinesis_video_stream_pools.unwrap().len(), 1);
}

#[test]
fn a_name_goes_before_an_id() {
    let bench = bench();
    let create = |name: &str| {
        let created = bench.call(&pooling(name)).unwrap();
        created.kinesis_video_stream_pool_configuration.unwrap()
    };
    let id = create("Audio").pool_id.unwrap();
    let second = create(id.as_str());
    let request = GetMediaPipelineKinesisVideoStreamPoolRequest::new(id.as_str());
    let found = bench.call(&request).unwrap().kinesis_video_stream_pool_configuration;
    assert_eq!(found, Some(second));
}

#[test]
fn a_page_has_a_hundred_pools_by_default() {
    let bench = bench();
    (0..101).for_each(|number| drop(bench.call(&pooling(&format!("P{number}"))).unwrap()));
    let mut request = ListMediaPipelineKinesisVideoStreamPoolsRequest::new();
    let first = bench.call(&request).unwrap();
    assert_eq!(first.kinesis_video_stream_pools.unwrap().len(), 100);
    request = request.set_next_token(first.next_token);
    let last = bench.call(&request).unwrap();
    let names: Vec<_> =
        last.kinesis_video_stream_pools.unwrap().into_iter().map(|it| it.pool_name).collect();
    assert_eq!((names, last.next_token), (vec![Some("P100".into())], None));
}

#[test]
fn a_pool_is_deleted_once_no_pipeline_uses_it() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let pipeline = stream(&bench, &id);
    bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).unwrap();
    pass(&bench, 1_000);
    assert_eq!(pool_status(&bench, "Audio").unwrap(), "DELETING");
    stop(&bench, &pipeline);
    pass(&bench, 1);
    assert_eq!(pool_status(&bench, "Audio").unwrap(), "DELETING");
    pass(&bench, 1);
    assert_eq!(pool_status(&bench, "Audio"), None);
}

#[test]
fn a_stream_pipeline_needs_a_meeting_and_matching_pools() {
    let bench = bench();
    let id = meeting(&bench);
    assert_eq!(exception(bench.call(&streaming(&id))), "NotFoundException");
    bench.call(&pooling("Audio")).unwrap();
    assert_eq!(exception(bench.call(&streaming(&id))), "BadRequestException");
    pass(&bench, 5);
    let with = |change: fn(&mut CreateMediaStreamPipelineRequest)| {
        let mut request = streaming(&id);
        change(&mut request);
        exception(bench.call(&request))
    };
    assert_eq!(with(|it| it.sources.push(it.sources[0].clone())), "BadRequestException");
    assert_eq!(
        with(|it| it.sinks[1].media_stream_type = "MixedAudio".into()),
        "BadRequestException"
    );
    let request = GetMediaPipelineKinesisVideoStreamPoolRequest::new("Audio");
    let found = bench.call(&request).unwrap().kinesis_video_stream_pool_configuration.unwrap();
    pool(&bench, "arn-pool");
    for wrong in [&pool_arn(found.pool_id.unwrap().as_str()), "arn-pool"] {
        let mut request = streaming(&id);
        request.sinks[0].sink_arn = wrong.into();
        assert_eq!(exception(bench.call(&request)), "NotFoundException", "{wrong}");
    }
    let unknown = MeetingId::from("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
    let expected = ("NotFoundException".into(), format!("Meeting <{unknown}> not found"));
    assert_eq!(explained(bench.call(&streaming(&unknown))), expected);
    let foreign = |it: &mut CreateMediaStreamPipelineRequest| {
        let arn = it.sources[0].source_arn.as_str().replace("1111", "4444");
        it.sources[0].source_arn = arn.into();
    };
    assert_eq!(with(foreign), "ForbiddenException");
    let request = CreateMeetingRequest::new("af-south-1", "far").client_request_token("far");
    let far = bench.call(&request).unwrap().meeting.unwrap().meeting_id.unwrap();
    assert_eq!(exception(bench.call(&streaming(&far))), "BadRequestException");
    let mut here = pooling("Far");
    here.stream_configuration.region = "af-south-1".to_owned();
    bench.call(&here).unwrap();
    pass(&bench, 5);
    let mut request = streaming(&far);
    request.sinks = vec![sink("Far", "IndividualAudio")];
    bench.call(&request).unwrap();
}
