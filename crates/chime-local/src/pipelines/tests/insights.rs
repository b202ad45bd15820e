//! Tests of insights pipelines and their tasks.

use super::*;

fn update(id: &str, status: &str) -> UpdateMediaInsightsPipelineStatusRequest {
    UpdateMediaInsightsPipelineStatusRequest::new(id, status)
}

fn searching(id: &str) -> StartSpeakerSearchTaskRequest {
    StartSpeakerSearchTaskRequest::new(
        id,
        "arn:aws:chime:us-east-1:111122223333:voice-profile-domain/d",
    )
}

fn search(bench: &Bench, id: &str) -> SpeakerSearchTaskId {
    let task = bench.call(&searching(id)).unwrap().speaker_search_task.unwrap();
    assert_eq!(task.speaker_search_task_status.unwrap().as_str(), "Initializing");
    task.speaker_search_task_id.unwrap()
}

fn task_status(bench: &Bench, id: &str, task: &SpeakerSearchTaskId) -> String {
    let task = bench.call(&GetSpeakerSearchTaskRequest::new(id, task)).unwrap();
    task.speaker_search_task.unwrap().speaker_search_task_status.unwrap().as_str().to_owned()
}

#[test]
fn an_insights_pipeline_needs_a_configuration_and_one_source() {
    let bench = bench();
    assert_eq!(exception(bench.call(&analyzing("Calls"))), "NotFoundException");
    bench.call(&configuring("Calls")).unwrap();
    let mut request = analyzing("Calls");
    request.kinesis_video_stream_source_runtime_configuration = None;
    assert_eq!(exception(bench.call(&request)), "BadRequestException");
    for _ in 0..20 {
        analyze(&bench);
    }
    assert_eq!(exception(bench.call(&analyzing("Calls"))), "ResourceLimitExceededException");
}

#[test]
fn an_insights_pipeline_is_paused_resumed_and_stopped() {
    let bench = bench();
    let metadata = [("room", "blue"), ("eventType", "mine"), ("callId", "7")];
    let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
    bench.call(&configuring("Calls")).unwrap();
    let request = analyzing("Calls").media_insights_runtime_metadata(
        metadata.into_iter().collect::<chime_model::SensitiveMap<String>>(),
    );
    let created = bench.call(&request).unwrap().media_insights_pipeline;
    let statuses = |pipeline: &MediaInsightsPipeline| {
        let all = pipeline.element_statuses.clone().unwrap().into_iter();
        all.map(|it| it.status.unwrap().as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&created), ["NotStarted", "NotStarted"]);
    let id = created.media_pipeline_id.unwrap();
    let name = id.as_str();
    assert_eq!(exception(bench.call(&update(name, "Pause"))), "ConflictException");
    pass(&bench, 2);
    assert_eq!(exception(bench.call(&update(name, "Resume"))), "ConflictException");
    bench.call(&update(name, "Pause")).unwrap();
    assert_eq!(status(&bench, &id).unwrap(), "Paused");
    bench.call(&update(&pipeline_arn(&id), "Resume")).unwrap();
    let now = shown(&bench, &id).media_insights_pipeline.unwrap();
    assert_eq!(statuses(&now), ["InProgress", "InProgress"]);
    stop(&bench, &id);
    pass(&bench, 2);
    assert_eq!(status(&bench, &id).unwrap(), "Stopped");
    assert_eq!(exception(bench.call(&update(name, "Pause"))), "ConflictException");
    let other = "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713".to_owned();
    let elsewhere = pipeline_arn(&id).replace("us-east-1", "us-west-2");
    for unknown in [other, elsewhere, "Calls".to_owned(), configuration_arn("Calls")] {
        assert_eq!(exception(bench.call(&update(&unknown, "Pause"))), "NotFoundException");
    }
    assert_eq!(
        bench.events(),
        [
            "MediaInsightsInProgress",
            "MediaInsightsPaused",
            "MediaInsightsInProgress",
            "MediaInsightsStopped",
        ]
    );
    let paused = bench.events_of("MediaInsightsPaused").remove(0);
    assert_eq!(
        paused["detail"],
        serde_json::json!({
            "version": "0",
            "eventType": "chime:MediaInsightsPaused",
            "mediaInsightsPipelineArn": pipeline_arn(&id),
            "mediaInsightsPipelineElementStatuses": [
                {"type": "VoiceAnalyticsProcessor", "status": "Paused", "updatedOn": 1_741_176_002_000_i64},
                {"type": "VoiceEnhancementSink", "status": "Paused", "updatedOn": 1_741_176_002_000_i64},
            ],
            "room": "blue",
            "callId": "7",
        })
    );
}

#[test]
fn an_insights_pipeline_stops_by_itself() {
    let bench = bench();
    let (paused, running) = (analyze(&bench), analyze(&bench));
    pass(&bench, 2);
    bench.call(&update(paused.as_str(), "Pause")).unwrap();
    pass(&bench, 7_199);
    assert_eq!(status(&bench, &paused).unwrap(), "Paused");
    bench.call(&update(paused.as_str(), "Resume")).unwrap();
    bench.call(&update(paused.as_str(), "Pause")).unwrap();
    pass(&bench, 7_200);
    assert_eq!(status(&bench, &paused).unwrap(), "Stopping");
    assert_eq!(status(&bench, &running).unwrap(), "InProgress");
    pass(&bench, 4 * 3_600 + 1);
    assert_eq!(status(&bench, &running).unwrap(), "Stopped");
}

#[test]
fn an_insights_pipeline_stops_without_fragments() {
    use crate::PipelineAction::{StreamEnd, StreamStart};
    let bench = bench();
    let id = analyze(&bench);
    let act = |action| bench.chime.act_on_pipeline(id.as_str(), action, None).is_ok();
    assert!(!act(StreamEnd), "it is not in progress");
    pass(&bench, 2);
    assert!(!act(StreamStart), "fragments arrive from the beginning");
    assert!(act(StreamEnd) && !act(StreamEnd));
    pass(&bench, 14);
    assert!(act(StreamStart));
    pass(&bench, 100);
    assert_eq!(status(&bench, &id).unwrap(), "InProgress");
    assert!(act(StreamEnd));
    bench.call(&update(id.as_str(), "Pause")).unwrap();
    pass(&bench, 100);
    // Only a pipeline in progress waits for fragments.
    bench.call(&update(id.as_str(), "Resume")).unwrap();
    pass(&bench, 14);
    assert_eq!(status(&bench, &id).unwrap(), "InProgress");
    pass(&bench, 1);
    assert_eq!(status(&bench, &id).unwrap(), "Stopping");
    pass(&bench, 2);
    let times: Vec<_> = bench.chime.events(0).iter().map(|it| it.body.time).collect();
    assert_eq!(bench.events().last().unwrap(), "MediaInsightsStopped");
    assert_eq!((times[times.len() - 1] - times[times.len() - 2]).whole_seconds(), 17);
}

#[test]
fn an_insights_pipeline_over_a_recording_needs_no_fragments() {
    let bench = bench();
    bench.call(&configuring("Calls")).unwrap();
    let arn = "arn:aws:kinesisvideo:us-east-1:111122223333:stream/call/1772442010482";
    let body = serde_json::json!({
        "MediaInsightsPipelineConfigurationArn": configuration_arn("Calls"),
        "KinesisVideoStreamRecordingSourceRuntimeConfiguration": {
            "Streams": [{"StreamArn": arn}],
            "FragmentSelector": {"FragmentSelectorType": "ServerTimestamp",
                "TimestampRange": {"StartTimestamp": 1_772_442_010.5, "EndTimestamp": 1_772_442_070}},
        },
    });
    let target = "/chime-sdk-media-pipelines/media-insights-pipelines";
    let answer = bench.send("POST", target, &body.to_string());
    let made = &answer.json()["MediaInsightsPipeline"];
    let range = &made["KinesisVideoStreamRecordingSourceRuntimeConfiguration"]["FragmentSelector"]
        ["TimestampRange"];
    assert_eq!(
        (&range["StartTimestamp"], range["EndTimestamp"].as_f64()),
        (&1_772_442_010.5.into(), Some(1_772_442_070.0))
    );
    pass(&bench, 2);
    let id = made["MediaPipelineId"].as_str().unwrap();
    let action = crate::PipelineAction::StreamEnd;
    assert!(bench.chime.act_on_pipeline(id, action, None).is_err());
    assert_eq!(bench.copy().export(), bench.export());
}

#[test]
fn a_pause_stops_the_tasks() {
    let bench = bench();
    let id = analyze(&bench);
    let name = id.as_str();
    pass(&bench, 2);
    let task = search(&bench, name);
    pass(&bench, 1);
    bench.call(&update(name, "Pause")).unwrap();
    assert_eq!(task_status(&bench, name, &task), "Stopping");
    bench.call(&update(name, "Resume")).unwrap();
    pass(&bench, 1);
    assert_eq!(task_status(&bench, name, &task), "Stopped", "tasks do not resume");
    search(&bench, name);
}

#[test]
fn the_tasks_of_a_failed_pipeline_stop() {
    let bench = bench();
    let id = analyze(&bench);
    pass(&bench, 2);
    let task = search(&bench, id.as_str());
    bench.chime.act_on_pipeline(id.as_str(), crate::PipelineAction::Fail, None).unwrap();
    assert_eq!(task_status(&bench, id.as_str(), &task), "Stopping");
    pass(&bench, 1);
    assert_eq!(task_status(&bench, id.as_str(), &task), "Stopped");
}

#[test]
fn twenty_five_tasks_of_a_kind_can_be_active() {
    let bench = bench();
    bench.call(&configuring("Calls")).unwrap();
    let id = |number: usize| format!("d4a71c0e-5f83-4b29-9e60-0000000000{number:02}");
    // No more than twenty pipelines can be created, but a seed can have more.
    let pipelines: Vec<_> = (0..26)
        .map(|number| {
            serde_json::json!({"MediaPipeline": {"MediaInsightsPipeline": {"MediaPipelineId": id(number),
                "MediaInsightsPipelineConfigurationArn": configuration_arn("Calls")}}})
        })
        .collect();
    let seed = serde_json::json!({"AwsAccounts": [{"AwsAccountId": ACCOUNT,
        "Sdk": [{"ControlRegion": REGION, "Pipelines": pipelines,
            "InsightsConfigurations": [{"Name": "Calls", "ResourceAccessRoleArn": "arn:aws:iam::1:role/r",
                "Elements": configuring("Calls").elements}]}]}]});
    bench.chime.seed(crate::Seed::parse(&seed.to_string()).unwrap()).unwrap();
    (0..25).for_each(|number| drop(search(&bench, &id(number))));
    assert_eq!(exception(bench.call(&searching(&id(25)))), "ConflictException");
    stop(&bench, &id(0).into());
    pass(&bench, 1);
    search(&bench, &id(25));
}

#[test]
fn a_task_starts_and_stops_after_a_second() {
    let bench = bench();
    let id = analyze(&bench);
    let name = id.as_str();
    assert_eq!(exception(bench.call(&searching(name))), "ConflictException");
    pass(&bench, 2);
    let task = search(&bench, name);
    assert_eq!(exception(bench.call(&searching(name))), "ConflictException");
    pass(&bench, 1);
    assert_eq!(task_status(&bench, &pipeline_arn(&id), &task), "InProgress");
    let stop_task = StopSpeakerSearchTaskRequest::new(name, &task);
    bench.call(&stop_task).unwrap();
    assert_eq!(task_status(&bench, name, &task), "Stopping");
    bench.call(&stop_task).unwrap();
    pass(&bench, 1);
    assert_eq!(task_status(&bench, name, &task), "Stopped");
    assert_eq!(exception(bench.call(&stop_task)), "ConflictException");
    let next = search(&bench, name);
    stop(&bench, &id);
    assert_eq!(task_status(&bench, name, &next), "Stopping");
    pass(&bench, 2);
    assert_eq!(task_status(&bench, name, &next), "Stopped");
}

#[test]
fn a_token_returns_the_first_task_of_a_pipeline() {
    let bench = bench();
    let ids = [analyze(&bench), analyze(&bench)];
    pass(&bench, 2);
    let start = |id: &MediaPipelineId| {
        let request = searching(id.as_str()).client_request_token("once");
        bench.call(&request).unwrap().speaker_search_task.unwrap().speaker_search_task_id.unwrap()
    };
    let first = start(&ids[0]);
    assert_eq!(start(&ids[0]), first);
    assert_ne!(start(&ids[1]), first);
    let get = GetSpeakerSearchTaskRequest::new(ids[1].as_str(), &first);
    assert_eq!(exception(bench.call(&get)), "NotFoundException");
    let stop_task = StopSpeakerSearchTaskRequest::new(ids[1].as_str(), &first);
    assert_eq!(exception(bench.call(&stop_task)), "NotFoundException");
    // A seed replaces the pipeline by one without tasks.
    let mut seed = bench.chime.export();
    seed.aws_accounts[0].sdk[0].pipelines[0].state.tasks.clear();
    bench.chime.seed(seed).unwrap();
    assert_ne!(start(&ids[0]), first);
}

#[test]
fn a_task_must_be_enabled_and_is_of_one_kind() {
    let bench = bench();
    let id = analyze(&bench);
    pass(&bench, 2);
    let tone = StartVoiceToneAnalysisTaskRequest::new(id.as_str(), "en-US");
    assert_eq!(exception(bench.call(&tone)), "BadRequestException");
    let capture = capture(&bench, &meeting(&bench));
    assert_eq!(exception(bench.call(&searching(capture.as_str()))), "NotFoundException");
    let mut other = configuring("Tone");
    let analytics =
        VoiceAnalyticsProcessorConfiguration::default().voice_tone_analysis_status("Enabled");
    other.elements[0].voice_analytics_processor_configuration = Some(analytics);
    bench.call(&other).unwrap();
    let created = bench.call(&analyzing("Tone")).unwrap().media_insights_pipeline;
    let id = created.media_pipeline_id.unwrap();
    pass(&bench, 2);
    let tone = StartVoiceToneAnalysisTaskRequest::new(id.as_str(), "en-US");
    let task = bench.call(&tone).unwrap().voice_tone_analysis_task.unwrap();
    let task = task.voice_tone_analysis_task_id.unwrap();
    let got = bench.call(&GetVoiceToneAnalysisTaskRequest::new(id.as_str(), &task)).unwrap();
    assert_eq!(
        got.voice_tone_analysis_task.unwrap().voice_tone_analysis_task_id,
        Some(task.clone())
    );
    let wrong = GetSpeakerSearchTaskRequest::new(id.as_str(), task.as_str());
    assert_eq!(exception(bench.call(&wrong)), "NotFoundException");
    bench.call(&StopVoiceToneAnalysisTaskRequest::new(id.as_str(), &task)).unwrap();
}

#[test]
fn voice_analytics_can_be_throttled() {
    let bench = with_rules(PipelineRules { voice_analytics: false, ..Default::default() });
    let id = analyze(&bench);
    let error = bench.call(&searching(id.as_str())).unwrap_err();
    assert_eq!((error.status, error.message.as_deref()), (429, Some("Rate exceeded")));
    assert_eq!(error.exception.to_string(), "ThrottledClientException");
}
