//! Tests of the page of pipelines.

use super::*;

fn page(bench: &Bench, query: &str) -> String {
    let answer = bench.control("GET", &format!("page?{query}"), "");
    assert_eq!(answer.status(), 200, "{query}");
    String::from_utf8(answer.0.body().to_vec()).unwrap()
}

#[test]
fn a_pipeline_links_to_its_meeting_and_its_buttons_work() {
    let bench = bench();
    let id = meeting(&bench);
    let pipeline = capture(&bench, &id);
    pass(&bench, 2);
    let link = |target: &str| format!("<a href=\"/?{target}\">");
    assert!(page(&bench, "list=media-pipelines").contains(&link(&format!("pipeline={pipeline}"))));
    let query = format!("pipeline={pipeline}");
    let shown = page(&bench, &query);
    let to_meeting = link(&format!("meeting={id}"));
    assert!(shown.contains(&format!("{to_meeting}standup</a>")) && shown.contains("InProgress"));
    let verbs = shown.split("data-verb=\"POST media-pipelines/").skip(1);
    let verbs: Vec<_> = verbs.map(|rest| rest.split('"').next().unwrap()).collect();
    let press =
        |verb: &&str| bench.control("POST", &format!("media-pipelines/{verb}"), "").status();
    // A capture pipeline has no streams.
    assert_eq!(verbs.iter().map(press).collect::<Vec<_>>(), [204, 204, 204, 409, 409]);
    let failed = page(&bench, &query);
    assert!(failed.contains("class=\"bad\">Failed<"));
    let mut buttons = failed.split("data-verb=\"POST media-pipelines/").skip(1);
    assert!(buttons.all(|button| button.split('>').next().unwrap().ends_with(" disabled")));
    end(&bench, &id);
    let after = page(&bench, &query);
    assert!(after.contains(id.as_str()) && !after.contains(&to_meeting));
    let events = page(&bench, &format!("list=events&q={pipeline}+permanent"));
    assert!(events.contains("<small>1 of ") && events.contains(&link(&query)), "{events}");
    assert!(page(&bench, "list=media-pipelines&q=failed").contains("<small>1 of 1</small>"));
}

#[test]
fn the_stream_key_is_not_shown() {
    let bench = bench();
    let id = meeting(&bench);
    capture(&bench, &id);
    let connector = connect(&bench, &id);
    for query in ["", "list=media-pipelines", &format!("pipeline={connector}")] {
        let shown = page(&bench, query);
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
    let query = target(&page(&bench, "list=stream-pools"));
    // The event of a pool links to it.
    assert_eq!(target(&page(&bench, "list=events")), query);
    let verbs = |shown: &str| {
        let verbs = shown.split("data-verb=\"POST ").skip(1);
        let verbs = verbs.map(|rest| rest.split('"').next().unwrap().to_owned());
        verbs.filter(|verb| verb.starts_with("pools/")).collect::<Vec<_>>()
    };
    let verbs = verbs(&page(&bench, &query));
    let press = |verb: &String| bench.control("POST", verb, "").status();
    assert_eq!(verbs.iter().map(press).collect::<Vec<_>>(), [204, 204]);
    assert!(page(&bench, &query).contains("class=\"bad\">FAILED<"));
    assert_eq!(bench.control("GET", "page?pool=none", "").status(), 404);
}
