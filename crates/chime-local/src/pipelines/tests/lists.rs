//! Lists of pipelines, and who sees which.

use super::*;
use crate::testing::other_caller;
use serde_json::json;

#[test]
fn lists_return_active_pipelines_in_pages() {
    let bench = bench();
    let ids: Vec<_> = (0..3).map(|_| capture(&bench, &meeting(&bench))).collect();
    let connector = connect(&bench, &meeting(&bench));
    let mut found = Vec::new();
    let mut request = ListMediaPipelinesRequest::new().max_results(2);
    loop {
        let page = bench.call(&request).unwrap();
        let summaries = page.media_pipelines.unwrap();
        found.extend(summaries.into_iter().map(|it| it.media_pipeline_id.unwrap()));
        let Some(token) = page.next_token else { break };
        request = request.next_token(token);
    }
    assert_eq!(found, [&ids[..], std::slice::from_ref(&connector)].concat());
    assert_eq!(exception(bench.call(&request.next_token("wrong"))), "BadRequestException");
    stop(&bench, &ids[1]);
    pass(&bench, 2);
    let captures = |bench: &Bench| {
        let page = bench.call(&ListMediaCapturePipelinesRequest::new()).unwrap();
        page.media_capture_pipelines
            .unwrap()
            .into_iter()
            .map(|it| it.media_pipeline_id.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(captures(&bench), [ids[0].clone(), ids[2].clone()]);
    let get = GetMediaCapturePipelineRequest::new(&connector);
    assert_eq!(exception(bench.call(&get)), "NotFoundException");
    let delete = DeleteMediaCapturePipelineRequest::new(&connector);
    assert_eq!(exception(bench.call(&delete)), "NotFoundException");
    bench.call(&DeleteMediaCapturePipelineRequest::new(&ids[0])).unwrap();
    assert_eq!(status(&bench, &ids[0]).unwrap(), "Stopping");
}

#[test]
fn a_rule_lists_stopped_pipelines() {
    let bench =
        with_rules(PipelineRules { stopped_pipelines_are_listed: true, ..Default::default() });
    let first = capture(&bench, &meeting(&bench));
    stop(&bench, &first);
    pass(&bench, 2);
    assert_eq!(
        exception(bench.call(&DeleteMediaPipelineRequest::new(&first))),
        "NotFoundException"
    );
    let page = bench.call(&ListMediaPipelinesRequest::new()).unwrap();
    assert_eq!(page.media_pipelines.unwrap()[0].media_pipeline_id, Some(first));
}

#[test]
fn pipelines_of_other_accounts_are_not_found() {
    let mut config = Config::default();
    config.credentials.push(other_caller());
    let bench = Bench::new(config);
    let id = capture(&bench, &meeting(&bench));
    let target = format!("/chime-sdk-media-pipelines/sdk-media-pipelines/{id}");
    let answer = bench.send_as(&other_caller(), "GET", &target, "");
    assert_eq!((answer.status(), answer.exception()), (404, "NotFoundException"));
    let list = "/chime-sdk-media-pipelines/sdk-media-pipelines";
    let answer = bench.send_as(&other_caller(), "GET", list, "");
    assert_eq!(answer.json()["MediaPipelines"], json!([]));
}
