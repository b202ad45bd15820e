//! Tests of pipelines as time passes and meetings end.

use super::*;
use crate::MeetingRules;

#[test]
fn a_capture_pipeline_joins_and_leaves_its_meeting() {
    let bench = bench();
    let id = meeting(&bench);
    let pipeline = capture(&bench, &id);
    pass(&bench, 1);
    assert_eq!(status(&bench, &pipeline).unwrap(), "Initializing");
    assert!(users(&bench, &id).is_empty());
    pass(&bench, 1);
    assert_eq!(status(&bench, &pipeline).unwrap(), "InProgress");
    let user = users(&bench, &id).remove(0);
    assert!(user.starts_with("aws:MediaPipeline-") && user.len() == 23, "{user}");
    // It keeps the meeting alive.
    pass(&bench, 1_000);
    bench.call(&DeleteMediaPipelineRequest::new(&pipeline)).unwrap();
    assert_eq!(status(&bench, &pipeline).unwrap(), "Stopping");
    stop(&bench, &pipeline);
    pass(&bench, 1);
    stop(&bench, &pipeline);
    pass(&bench, 1);
    assert_eq!(status(&bench, &pipeline).unwrap(), "Stopped");
    assert!(users(&bench, &id).is_empty());
    assert_eq!(
        bench.events(),
        [
            "MeetingStarted",
            "AttendeeAdded",
            "AttendeeAuthorized",
            "AttendeeJoined",
            "MediaPipelineInProgress",
            "AttendeeLeft",
            "AttendeeDeleted",
            "MediaPipelineDeleted",
        ]
    );
    let event = bench.events_of("MediaPipelineInProgress").remove(0);
    assert_eq!(
        event["detail"],
        serde_json::json!({
            "version": "0",
            "eventType": "chime:MediaPipelineInProgress",
            "timestamp": 1_741_176_002_000_i64,
            "meetingId": id.as_str(),
            "externalMeetingId": "standup",
            "mediaRegion": "us-east-1",
            "mediaPipelineId": pipeline.as_str(),
        })
    );
    assert_eq!(event["detail-type"], "Chime Media Pipeline State Change");
    let shown = shown(&bench, &pipeline).media_capture_pipeline.unwrap();
    assert_eq!(
        (shown.updated_timestamp.unwrap() - shown.created_timestamp.unwrap()).whole_seconds(),
        1_004
    );
}

#[test]
fn the_end_of_a_meeting_stops_its_pipelines_in_order_of_time() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let pipelines = [capture(&bench, &id), connect(&bench, &id), stream(&bench, &id)];
    let joined = concatenate(&bench, &pipelines[0]);
    pass(&bench, 86_400 + 60);
    for pipeline in &pipelines {
        assert_eq!(status(&bench, pipeline).unwrap(), "Stopped");
    }
    assert_eq!(status(&bench, &joined).unwrap(), "Stopped");
    let all = bench.chime.events(0);
    let times: Vec<_> = all.iter().map(|it| it.body.time).collect();
    assert!(times.is_sorted());
    let names = bench.events();
    let last = names.iter().position(|name| name == "MeetingEnded").unwrap();
    assert_eq!(
        &names[last..],
        [
            "MeetingEnded",
            "MediaPipelineDeleted",
            "MediaPipelineDeleted",
            "MediaPipelineDeleted",
            "MediaPipelineDeleted",
        ]
    );
    let since = |i: usize| (times[last + i] - times[last]).whole_seconds();
    assert_eq!((since(1), since(3), since(4)), (2, 2, 7));
    // The attendees left with the meeting, so none was deleted.
    assert!(!names.contains(&"AttendeeDeleted".to_owned()));
    assert_eq!(bench.events_of("MediaPipelineDeleted")[3]["detail"]["meetingId"], id.as_str());
}

#[test]
fn a_pipeline_of_a_meeting_that_ends_before_it_starts_stops_too() {
    let bench = bench();
    let id = meeting(&bench);
    let pipeline = capture(&bench, &id);
    end(&bench, &id);
    assert_eq!(status(&bench, &pipeline).unwrap(), "Stopping");
    pass(&bench, 2);
    assert_eq!(bench.events(), ["MeetingStarted", "MeetingEnded", "MediaPipelineDeleted"]);
}

#[test]
fn events_reach_the_channels_of_a_meeting_that_has_ended() {
    use chime_model::meetings::NotificationsConfiguration;
    let bench = bench();
    let queue = "arn:aws:sqs:eu-central-1:111122223333:queue";
    let request = CreateMeetingRequest::new("eu-west-2", "standup")
        .client_request_token("token")
        .notifications_configuration(NotificationsConfiguration::default().sqs_queue_arn(queue));
    let created = bench.call_in("eu-central-1", &request).unwrap();
    let id = created.meeting.unwrap().meeting_id.unwrap();
    capture(&bench, &id);
    pass(&bench, 2);
    bench.call_in("eu-central-1", &DeleteMeetingRequest::new(&id)).unwrap();
    pass(&bench, 2);
    let all = bench.chime.events(0);
    let last: Vec<_> = all.iter().rev().take(2).collect();
    for delivered in &last {
        let json = serde_json::to_value(&delivered.body).unwrap();
        assert_eq!(json["detail"]["eventType"], "chime:MediaPipelineDeleted");
        assert_eq!(
            (&json["region"], &json["detail"]["mediaRegion"]),
            (&"eu-central-1".into(), &"eu-west-2".into())
        );
    }
    assert_eq!(last[0].channel, crate::Channel::Sqs(queue.to_owned()));
    assert_eq!(last[1].channel, crate::Channel::EventBridge);
}

#[test]
fn a_concatenation_waits_for_its_capture() {
    let bench = bench();
    let id = meeting(&bench);
    let first = capture(&bench, &id);
    let joined = concatenate(&bench, &first);
    pass(&bench, 100);
    assert_eq!(status(&bench, &joined).unwrap(), "InProgress");
    stop(&bench, &first);
    pass(&bench, 6);
    assert_eq!(status(&bench, &joined).unwrap(), "InProgress");
    pass(&bench, 1);
    assert_eq!(status(&bench, &joined).unwrap(), "Stopped");
    // The concatenation of a stopped capture does not wait.
    let late = concatenate(&bench, &first);
    pass(&bench, 7);
    assert_eq!(status(&bench, &late).unwrap(), "Stopped");
    let deleted = concatenate(&bench, &first);
    stop(&bench, &deleted);
    pass(&bench, 2);
    assert_eq!(status(&bench, &deleted).unwrap(), "Stopped");
}

#[test]
fn pipelines_are_deleted_after_thirty_days() {
    let bench = bench();
    let first = capture(&bench, &meeting(&bench));
    stop(&bench, &first);
    pass(&bench, 30 * 86_400 - 1);
    assert_eq!(status(&bench, &first).unwrap(), "Stopped");
    pass(&bench, 1);
    assert_eq!(status(&bench, &first), None);
    assert_eq!(exception(bench.call(&concatenating(&first))), "BadRequestException");
}

#[test]
fn a_capture_pipeline_is_a_source_for_thirty_days() {
    let meetings = MeetingRules { meeting_max_seconds: u32::MAX, ..MeetingRules::default() };
    let rules = Rules { meetings, ..Default::default() };
    let bench = Bench::new(Config { rules, ..Config::default() });
    let first = capture(&bench, &meeting(&bench));
    pass(&bench, 30 * 86_400);
    concatenate(&bench, &first);
    pass(&bench, 1);
    assert_eq!(status(&bench, &first).unwrap(), "InProgress");
    assert_eq!(exception(bench.call(&concatenating(&first))), "BadRequestException");
}

#[test]
fn a_pipeline_fails_if_its_meeting_is_full() {
    let meetings = MeetingRules { attendees_per_meeting: 1, ..MeetingRules::default() };
    let rules = Rules { meetings, ..Default::default() };
    let bench = Bench::new(Config { rules, ..Config::default() });
    let id = meeting(&bench);
    join(&bench, &id, "ana");
    let first = capture(&bench, &id);
    let joined = concatenate(&bench, &first);
    pass(&bench, 2);
    assert_eq!(status(&bench, &first).unwrap(), "Failed");
    assert_eq!(status(&bench, &joined).unwrap(), "Failed");
    let names = bench.events();
    assert_eq!(
        &names[names.len() - 3..],
        [
            "MediaPipelinePermanentFailure",
            "MediaPipelineInProgress",
            "MediaPipelinePermanentFailure",
        ]
    );
}

#[test]
fn a_rule_lets_meetings_end_despite_pipelines() {
    let meetings = MeetingRules { pipelines_keep_meetings_alive: false, ..MeetingRules::default() };
    let rules = Rules { meetings, ..Default::default() };
    let bench = Bench::new(Config { rules, ..Config::default() });
    let id = meeting(&bench);
    let first = capture(&bench, &id);
    pass(&bench, 302);
    assert_eq!(status(&bench, &first).unwrap(), "Stopped");
}

#[test]
fn streams_follow_connected_attendees() {
    let bench = bench();
    let (id, ana, pipeline) = stream_of_ana(&bench);
    let bo = join(&bench, &id, "bo");
    let leave = |attendee: &str| {
        bench.chime.act_as_attendee(id.as_str(), attendee, AttendeeAction::Leave).unwrap();
    };
    leave(&ana);
    let kind = "MediaPipelineKinesisVideoStreamStart";
    let started: Vec<_> =
        bench.events_of(kind).into_iter().map(|event| event["detail"].clone()).collect();
    let whose: Vec<_> = started.iter().map(|it| it["attendeeId"].as_str().unwrap()).collect();
    assert_eq!(whose, ["", &ana, &bo]);
    assert_eq!(
        (&started[0]["externalUserId"], &started[1]["externalUserId"]),
        (&"".into(), &"ana".into())
    );
    assert!(started[0].get("version").is_none());
    let arn = started[1]["kinesisVideoStreamArn"].as_str().unwrap();
    let start = "arn:aws:kinesisvideo:us-east-1:111122223333:stream/ChimeMediaPipelines-Audio-";
    assert!(arn.starts_with(start), "{arn}");
    assert_eq!(started[1]["startFragmentNumber"].as_str().unwrap().len(), 47);
    assert_eq!(started[1]["startTime"], "2025-03-05T12:00:07.000Z");
    let ended = |bench: &Bench| {
        let all = bench.events_of("MediaPipelineKinesisVideoStreamEnd").into_iter();
        all.map(|it| it["detail"]["attendeeId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ended(&bench), [ana.as_str()]);
    stop(&bench, &pipeline);
    assert_eq!(ended(&bench), [ana.as_str(), "", &bo]);
    pass(&bench, 2);
    // The streams no longer follow attendees.
    leave(&bo);
    assert_eq!(ended(&bench).len(), 3);
}

#[test]
fn every_stream_and_its_first_fragment_are_new() {
    let bench = bench();
    let (id, ana, pipeline) = stream_of_ana(&bench);
    for action in [AttendeeAction::Leave, AttendeeAction::Join] {
        bench.chime.act_as_attendee(id.as_str(), &ana, action).unwrap();
    }
    for action in [crate::PipelineAction::StreamEnd, crate::PipelineAction::StreamStart] {
        bench.chime.act_on_pipeline(pipeline.as_str(), action, Some(&ana)).unwrap();
    }
    // All of this happens in the same millisecond.
    let started = bench.events_of("MediaPipelineKinesisVideoStreamStart");
    let values = |member: &str| {
        let of_ana = started.iter().map(|event| &event["detail"]);
        let of_ana = of_ana.filter(|detail| detail["attendeeId"] == ana.as_str());
        of_ana.map(|detail| detail[member].as_str().unwrap()).collect::<Vec<_>>()
    };
    let streams = values("kinesisVideoStreamArn");
    assert!(streams[0] != streams[1] && streams[1] == streams[2], "{streams:?}");
    let mut fragments = values("startFragmentNumber");
    fragments.sort_unstable();
    fragments.dedup();
    assert_eq!(fragments.len(), 3);
}

#[test]
fn deleting_an_attendee_ends_its_stream() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let ana = join(&bench, &id, "ana");
    stream(&bench, &id);
    pass(&bench, 2);
    let delete = chime_model::meetings::DeleteAttendeeRequest::new(&id, ana.as_str());
    let before = bench.events().len();
    bench.call(&delete).unwrap();
    let expected = ["AttendeeLeft", "AttendeeDeleted", "MediaPipelineKinesisVideoStreamEnd"];
    assert_eq!(bench.events()[before..], expected);
    end(&bench, &id);
    assert_eq!(bench.events_of("MediaPipelineKinesisVideoStreamEnd").len(), 2);
}

#[test]
fn artifacts_are_written_to_the_directory_of_a_rule() {
    let directory = std::env::temp_dir().join(format!("chime-artifacts-{}", std::process::id()));
    // An earlier process with the same id may have left it.
    let _ = std::fs::remove_dir_all(&directory);
    let rule = directory.to_str().unwrap().to_owned();
    let bench = with_rules(PipelineRules { artifact_directory: Some(rule), ..Default::default() });
    let pipeline = capture(&bench, &meeting(&bench));
    let mut strange = capturing(&meeting(&bench));
    strange.sink_arn = "arn:aws:s3:::../../outside".into();
    // The pattern of ARNs permits dots and slashes.
    bench.call(&strange).unwrap();
    let joined = concatenate(&bench, &pipeline);
    let mut whole = concatenating(&pipeline);
    whole.sinks[0].s3_bucket_sink_configuration.destination = "arn:aws:s3:::joined".into();
    let whole = bench.call(&whole).unwrap().media_concatenation_pipeline.unwrap();
    let whole = whole.media_pipeline_id.unwrap();
    stop(&bench, &concatenate(&bench, &pipeline));
    pass(&bench, 2);
    stop(&bench, &pipeline);
    pass(&bench, 7);
    assert_eq!(status(&bench, &joined).unwrap(), "Stopped");
    // Dropping the local Chime waits for the thread that writes the files.
    drop(bench);
    let found = |folder: &str| {
        let entries = std::fs::read_dir(directory.join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let folders = ["audio", "data-channel", "meeting-events", "transcription-messages", "video"];
    let of_capture = format!("recordings/standup/{pipeline}");
    assert_eq!(found(&of_capture), folders);
    let file = directory.join(of_capture).join("audio/2025-03-05-12-00-02-000.mp4");
    assert_eq!(std::fs::metadata(file).unwrap().len(), 0);
    // Without a prefix, the files of a concatenation are below the id of the pipeline.
    for (folder, id) in [("recordings/joined", &joined), (&format!("joined/{whole}"), &whole)] {
        assert_eq!(found(folder), folders);
        assert_eq!(found(&format!("{folder}/audio")), [format!("{id}.mp4")]);
        assert_eq!(found(&format!("{folder}/data-channel")), [format!("{id}.txt")]);
    }
    assert_eq!(found(""), ["joined", "recordings"]);
    std::fs::remove_dir_all(&directory).unwrap();
}
