//! Tests of the page of meetings.

use chime_model::WithNulls;
use chime_model::media_pipelines::CreateMediaCapturePipelineRequest;

use super::*;

#[test]
fn the_page_of_a_meeting_shows_what_get_meeting_returns_and_what_it_does_not() {
    let bench = bench();
    let queue = "arn:aws:sqs:us-east-1:111122223333:standups";
    let features = MeetingFeaturesConfiguration::default()
        .audio(AudioFeatures::default().echo_reduction("AVAILABLE"));
    let to = NotificationsConfiguration::default().sqs_queue_arn(queue);
    let request = asked("token").meeting_features(features).notifications_configuration(to);
    let request = request.tags([Tag::new("team", "blue"), Tag::new("stage", "test")]);
    let meeting = created(&bench, &request);
    let (id, arn) = (meeting.meeting_id.unwrap(), meeting.meeting_arn.unwrap());
    let query = format!("meeting={id}");
    let html = bench.page(&query);
    for shown in [arn.as_str(), queue, "stage=test, team=blue", "EchoReduction"] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let response = bench.call(&GetMeetingRequest::new(&id)).unwrap();
    let response = serde_json::to_value(WithNulls(&response)).unwrap();
    assert_eq!(bench.response_on_page(&query), response);
}

#[test]
fn meetings_are_listed_the_newest_first() {
    let bench = bench();
    let make = |i| created(&bench, &asked(&format!("token-{i}"))).meeting_id.unwrap();
    let ids: Vec<_> = (0..12).map(make).collect();
    for (query, expected) in [("", 10), ("list=meetings", 12)] {
        let html = bench.page(query);
        let (_, list) = html.split_once("<h2>Meetings").unwrap();
        let links = list.split("<tr data-key=\"/?meeting=").skip(1);
        let shown: Vec<_> = links.map(|rest| rest.split('"').next().unwrap()).collect();
        let newest: Vec<_> = ids.iter().rev().take(expected).map(|id| id.as_str()).collect();
        assert_eq!(shown, newest, "{query}");
    }
}

#[test]
fn the_page_of_a_meeting_lists_its_pipelines() {
    let bench = bench();
    let [id, other] =
        ["a-token", "b-token"].map(|token| created(&bench, &asked(token)).meeting_id.unwrap());
    let source = format!("arn:aws:chime::111122223333:meeting:{id}");
    let bucket = "arn:aws:s3:::recordings";
    let request =
        CreateMediaCapturePipelineRequest::new("ChimeSdkMeeting", source, "S3Bucket", bucket);
    let pipeline = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
    let link = format!("<a href=\"/?pipeline={}\">", pipeline.media_pipeline_id.unwrap());
    let listed = |id: &MeetingId| bench.page(&format!("meeting={id}")).contains(&link);
    assert!(listed(&id) && !listed(&other));
}
