//! Tests of the page of pipelines.

use chime_model::WithNulls;

use super::*;

/// The actions of the enabled buttons of a page.
fn enabled(page: &str) -> Vec<&str> {
    let buttons = page.split("data-verb=\"POST media-pipelines/").skip(1);
    let buttons = buttons.map(|rest| rest.split('>').next().unwrap());
    let enabled = buttons.filter(|button| !button.ends_with(" disabled"));
    enabled.map(|button| button.split('"').next().unwrap().rsplit('/').next().unwrap()).collect()
}

fn link(target: &str) -> String {
    format!("<a href=\"/?{target}\">")
}

fn link_by_arn(part: &str, arn: &str) -> String {
    link(crate::engine::view::target(&[(part, arn)]).strip_prefix("/?").unwrap())
}

#[test]
fn a_pipeline_links_to_its_meeting_and_its_buttons_work() {
    let bench = bench();
    let id = meeting(&bench);
    let pipeline = capture(&bench, &id);
    pass(&bench, 2);
    assert!(bench.page("list=media-pipelines").contains(&link(&format!("pipeline={pipeline}"))));
    let query = format!("pipeline={pipeline}");
    let shown = bench.page(&query);
    let to_meeting = link(&format!("meeting={id}"));
    assert!(shown.contains(&format!("{to_meeting}standup</a>")) && shown.contains("InProgress"));
    let press = |action: &str, body: &str| {
        let path = format!("media-pipelines/{pipeline}/{action}");
        assert_eq!(bench.control("POST", &path, body).status(), 204, "{action}");
        bench.page(&query)
    };
    // A capture pipeline has no streams.
    assert_eq!(enabled(&shown), ["fail-temporarily", "fail"]);
    let failing = press("fail-temporarily", "");
    assert_eq!(enabled(&failing), ["fail-temporarily", "resume", "fail"]);
    assert!(failing.contains("class=\"bad\">InProgress, failing<"), "{failing}");
    assert_eq!(enabled(&press("resume", "")), enabled(&shown));
    press("fail-temporarily", "");
    let failed = press("fail", r#"{"Message": "no bucket"}"#);
    assert!(failed.contains("class=\"bad\">Failed<") && failed.contains("<dd>no bucket</dd>"));
    assert!(enabled(&failed).is_empty());
    end(&bench, &id);
    let after = bench.page(&query);
    assert!(after.contains(id.as_str()) && !after.contains(&to_meeting));
    let events = bench.page(&format!("list=events&q={pipeline}+permanent"));
    assert!(events.contains("<small>1 of ") && events.contains(&link(&query)), "{events}");
    assert!(bench.page("list=media-pipelines&q=failed").contains("<small>1 of 1</small>"));
}

#[test]
fn a_pipeline_is_shown_as_the_api_returns_it_and_links_to_what_it_uses() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let request = capturing(&id).tags([Tag::new("team", "blue")]);
    let captured = bench.call(&request).unwrap().media_capture_pipeline.unwrap();
    let captured = captured.media_pipeline_id.unwrap();
    let (joined, streaming) = (concatenate(&bench, &captured), stream(&bench, &id));
    let analyzing = analyze(&bench);
    let configuration = link_by_arn("configuration", &configuration_arn("Calls"));
    for (pipeline, facts) in [
        (&captured, ["arn:aws:s3:::recordings/standup", "team=blue"]),
        (&joined, ["arn:aws:s3:::recordings/joined", &link(&format!("pipeline={captured}"))]),
        (&streaming, [&link_by_arn("pool", &pool_arn("Audio")), "IndividualAudio"]),
        (&analyzing, [&configuration, ">Calls</a>"]),
    ] {
        let query = format!("pipeline={pipeline}");
        let html = bench.page(&query);
        for fact in facts.into_iter().chain([&*pipeline_arn(pipeline)]) {
            assert!(html.contains(fact), "{fact}: {html}");
        }
        let response = bench.call(&GetMediaPipelineRequest::new(pipeline)).unwrap();
        let response = serde_json::to_value(WithNulls(&response)).unwrap();
        assert_eq!(bench.response_on_page(&query), response);
    }
}

#[test]
fn a_configuration_and_a_pool_list_the_pipelines_that_use_them() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    pool(&bench, "Video");
    let (streaming, analyzing) = (stream(&bench, &id), analyze(&bench));
    bench.call(&configuring("Others")).unwrap();
    let (arn, list) = (configuration_arn("Calls"), bench.page("list=configurations"));
    assert!(list.contains(&link_by_arn("configuration", &arn)), "{list}");
    let users = |part: &str, arn: &str| {
        let html = bench.page(&format!("{part}={arn}"));
        [&streaming, &analyzing].map(|id| html.contains(&link(&format!("pipeline={id}"))))
    };
    assert_eq!(users("configuration", &arn), [false, true]);
    assert_eq!(users("configuration", &configuration_arn("Others")), [false, false]);
    assert_eq!(users("pool", &pool_arn("Audio")), [true, false]);
    assert_eq!(users("pool", &pool_arn("Video")), [false, false]);

    let request = GetMediaInsightsPipelineConfigurationRequest::new("Calls");
    let response = bench.call(&request).unwrap();
    let response = serde_json::to_value(WithNulls(&response)).unwrap();
    assert_eq!(bench.response_on_page(&format!("configuration={arn}")), response);
    let request = GetMediaPipelineKinesisVideoStreamPoolRequest::new("Audio");
    let response = bench.call(&request).unwrap();
    let response = serde_json::to_value(WithNulls(&response)).unwrap();
    assert_eq!(bench.response_on_page(&format!("pool={}", pool_arn("Audio"))), response);
    assert_eq!(bench.control("GET", "page?configuration=none", "").status(), 404);
}

#[test]
fn streams_can_start_and_end_only_in_the_other_state() {
    let bench = bench();
    let id = meeting(&bench);
    pool(&bench, "Audio");
    let streaming = stream(&bench, &id);
    let analyzing = analyze(&bench);
    pass(&bench, 2);
    for pipeline in [streaming, analyzing] {
        let of_streams = || {
            let html = bench.page(&format!("pipeline={pipeline}"));
            let actions = enabled(&html).into_iter().filter(|it| it.starts_with("stream-"));
            actions.map(str::to_owned).collect::<Vec<_>>()
        };
        for action in ["stream-end", "stream-start"] {
            assert_eq!(of_streams(), [action], "{pipeline}");
            let path = format!("media-pipelines/{pipeline}/{action}");
            assert_eq!(bench.control("POST", &path, "").status(), 204);
        }
        assert_eq!(of_streams(), ["stream-end"]);
    }
}

#[test]
fn the_page_says_why_a_pipeline_fails_by_itself() {
    let bench = bench();
    let captured = capture(&bench, &meeting(&bench));
    let joined = concatenate(&bench, &captured);
    pass(&bench, 2);
    bench.chime.act_on_pipeline(captured.as_str(), crate::PipelineAction::Fail, None).unwrap();
    let reason = "<dt>Reason</dt>";
    assert!(!bench.page(&format!("pipeline={captured}")).contains(reason));
    let html = bench.page(&format!("pipeline={joined}"));
    assert!(html.contains("<dd>the capture pipeline failed</dd>"), "{html}");
}

#[test]
fn pipelines_of_all_regions_are_listed_the_newest_first() {
    let bench = bench();
    let mut expected = Vec::new();
    for region in [REGION, "eu-central-1", REGION, "eu-central-1", REGION] {
        let id = meeting_in(&bench, region);
        let created = bench.call_in(region, &capturing(&id)).unwrap().media_capture_pipeline;
        expected.insert(0, created.unwrap().media_pipeline_id.unwrap().to_string());
        pass(&bench, 1);
    }
    let html = bench.page("list=media-pipelines");
    let links = html.split("<tr data-key=\"/?pipeline=").skip(1);
    let shown: Vec<_> = links.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_stream_key_is_not_shown() {
    let bench = bench();
    let id = meeting(&bench);
    capture(&bench, &id);
    let connector = connect(&bench, &id);
    for query in ["", "list=media-pipelines", &format!("pipeline={connector}")] {
        let shown = bench.page(query);
        assert!(shown.contains(connector.as_str()) && !shown.contains("live/key"), "{query}");
    }
}

#[test]
fn the_page_of_a_pool_makes_it_fail() {
    let bench = bench();
    pool(&bench, "Audio");
    let target = |shown: &str| {
        let (before, _) = shown.split_once("\">Audio</a>").unwrap();
        before.rsplit_once("/?").unwrap().1.to_owned()
    };
    let query = target(&bench.page("list=stream-pools"));
    // The event of a pool links to it.
    assert_eq!(target(&bench.page("list=events")), query);
    let verbs = |shown: &str| {
        let verbs = shown.split("data-verb=\"POST ").skip(1);
        let verbs = verbs.map(|rest| rest.split('"').next().unwrap().to_owned());
        verbs.filter(|verb| verb.starts_with("pools/")).collect::<Vec<_>>()
    };
    let verbs = verbs(&bench.page(&query));
    let press = |verb: &String| bench.control("POST", verb, "").status();
    assert_eq!(verbs.iter().map(press).collect::<Vec<_>>(), [204, 204]);
    assert!(bench.page(&query).contains("class=\"bad\">FAILED<"));
    assert_eq!(bench.control("GET", "page?pool=none", "").status(), 404);
}
