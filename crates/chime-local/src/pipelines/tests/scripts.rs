//! Random scripts of calls, actions, moves of the clock and restarts: no call fails with a 500, all events
//! are in order, the indexes match the rows, and an export restores the state.

use proptest::prelude::*;
use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::ActionError;
use crate::engine::dispatch::Moment;
use crate::engine::store::tests::{FakeStorage, durable_with};
use crate::engine::world::World as _;
use crate::testing::slow_property;

/// A step of a script. Its number picks among the existing resources.
#[derive(Clone, Debug)]
enum Step {
    Call(u8, usize),
    Act(&'static str, usize),
    Attend(usize, bool),
    Pass(i64),
    /// Lets some days pass, and undoes everything that happened.
    Undo(i64),
    /// Kills the local Chime and starts another one with the saved rows.
    Restart,
}

const VERBS: [&str; 5] = ["fail", "fail-temporarily", "resume", "stream-start", "stream-end"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..14u8, 0..8usize).prop_map(|(kind, which)| Step::Call(kind, which)),
        1 => (prop::sample::select(&VERBS[..]), 0..8usize)
            .prop_map(|(verb, which)| Step::Act(verb, which)),
        2 => (0..8usize, any::<bool>()).prop_map(|(which, joins)| Step::Attend(which, joins)),
        3 => prop_oneof![1..8i64, Just(400), Just(7_200), Just(86_400)].prop_map(Step::Pass),
        1 => prop_oneof![Just(1), Just(60)].prop_map(Step::Undo),
        1 => Just(Step::Restart),
    ]
}

/// The first control region; null if nothing has resources.
fn region(bench: &Bench) -> Value {
    bench.export()["AwsAccounts"][0]["Sdk"][0].clone()
}

/// The ids of the meetings.
fn meetings(bench: &Bench) -> Vec<String> {
    let region = region(bench);
    let all = region["Meetings"].as_array().into_iter().flatten();
    all.map(|meeting| meeting["MeetingId"].as_str().unwrap().to_owned()).collect()
}

/// The ids of the pipelines whose kind starts with a word.
fn pipelines(bench: &Bench, kind: &str) -> Vec<String> {
    let region = region(bench);
    let all = pipelines_of(&region).filter(|(name, _)| name.starts_with(kind));
    all.map(|(_, pipeline)| pipeline["MediaPipelineId"].as_str().unwrap().to_owned()).collect()
}

fn pick(all: &[String], which: usize) -> String {
    all.get(which % all.len().max(1)).map_or("none", String::as_str).to_owned()
}

fn call(bench: &Bench, kind: u8, which: usize) {
    let meeting = MeetingId::from(pick(&meetings(bench), which));
    let id = |kind: &str| MediaPipelineId::from(pick(&pipelines(bench, kind), which));
    let insights = id("MediaInsights");
    let insights = insights.as_str();
    let error = match kind {
        0 => {
            meeting_in(bench, REGION);
            None
        }
        1 => bench.call(&DeleteMeetingRequest::new(&meeting)).err(),
        2 => bench.call(&capturing(&meeting).client_request_token(format!("t-{which}"))).err(),
        3 => bench.call(&connecting(&meeting)).err(),
        4 => bench.call(&streaming(&meeting)).err(),
        5 => bench.call(&concatenating(&id("MediaCapture"))).err(),
        6 => bench.call(&configuring("Calls")).err(),
        7 => bench.call(&analyzing("Calls")).err(),
        8 => bench.call(&pooling("Audio").client_request_token("once")).err(),
        9 => bench.call(&DeleteMediaPipelineRequest::new(id(""))).err(),
        10 => {
            let status = if which.is_multiple_of(2) { "Pause" } else { "Resume" };
            bench.call(&UpdateMediaInsightsPipelineStatusRequest::new(insights, status)).err()
        }
        11 => {
            let request = StartSpeakerSearchTaskRequest::new(insights, "arn:aws:chime:domain");
            bench.call(&request).err()
        }
        12 if which == 0 => {
            bench.call(&DeleteMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).err()
        }
        12 => bench.call(&UpdateMediaPipelineKinesisVideoStreamPoolRequest::new("Audio")).err(),
        _ if which == 0 => {
            bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new("Calls")).err()
        }
        _ => {
            let arn = pipeline_arn(&id(""));
            bench.call(&TagResourceRequest::new(arn, [Tag::new(format!("k{which}"), "v")])).err()
        }
    };
    if let Some(error) = error {
        assert!(error.status < 500, "{kind}: {error}");
    }
}

fn attend(bench: &Bench, which: usize, joins: bool) {
    let id = pick(&meetings(bench), which);
    if joins {
        let Ok(created) = bench.call(&CreateAttendeeRequest::new(id.as_str(), format!("u{which}")))
        else {
            return;
        };
        let attendee = created.attendee.unwrap().attendee_id.unwrap();
        let _ = bench.chime.act_as_attendee(&id, attendee.as_str(), AttendeeAction::Join);
    } else if let Ok(list) = bench.call(&ListAttendeesRequest::new(id.as_str())) {
        // Some of them are pipelines.
        for attendee in list.attendees.unwrap() {
            let attendee = attendee.attendee_id.unwrap();
            let delete = chime_model::meetings::DeleteAttendeeRequest::new(id.as_str(), &attendee);
            bench.call(&delete).unwrap();
        }
    }
}

fn run(bench: &mut Bench, storage: &FakeStorage, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Call(kind, which) => call(bench, *kind, *which),
            Step::Act(verb, which) => {
                let id = pick(&pipelines(bench, ""), *which);
                let verb = serde_json::from_value(json!(verb)).unwrap();
                let _ = bench.chime.act_on_pipeline(&id, verb, None);
            }
            Step::Attend(which, joins) => attend(bench, *which, *joins),
            Step::Pass(seconds) => pass(bench, *seconds),
            Step::Undo(days) => {
                let undone = bench.chime.engine().act(|family, at, rules| {
                    let now = at.now + Duration::days(*days);
                    family.settle(Moment { now, ..at }, rules);
                    Err::<(), _>(ActionError::NotFound)
                });
                undone.unwrap_err();
            }
            Step::Restart => {
                let before = bench.export();
                *bench = storage.restarted(&bench.clock, Config::default());
                assert_eq!(bench.export(), before);
            }
        }
        compare_indexes(bench);
    }
}

/// Compares what the indexes of pipelines find with the rows.
fn compare_indexes(bench: &Bench) {
    let store = bench.chime.engine().settled();
    for (_, region) in store.state.world.pipelines.regions() {
        let all = || region.pipelines.values();
        let unfinished = all().filter(|record| record.forgotten_at().is_none());
        assert!(
            region.unfinished().map(|record| &record.id).eq(unfinished.map(|record| &record.id))
        );
        let finished = all().filter_map(|record| Some((record.forgotten_at()?, record.id.clone())));
        assert_eq!(region.first_forgotten(), finished.min().as_ref());
    }
}

proptest! {
    #![proptest_config(slow_property(4))]

    #[test]
    fn random_scripts_cause_no_server_error_and_an_export_restores_the_state(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let (mut bench, storage) = durable_with(Config::default());
        // Many steps need these resources.
        meeting(&bench);
        pool(&bench, "Audio");
        bench.call(&configuring("Calls")).unwrap();
        run(&mut bench, &storage, &steps);
        let (copy, exported) = (bench.copy(), bench.export());
        prop_assert_eq!(&copy.export(), &exported);
        let before = bench.events();
        bench.chime.seed(bench.chime.export()).unwrap();
        prop_assert_eq!(bench.export(), exported, "an export replaces everything by the same");
        prop_assert_eq!(bench.events(), before);
        let events = bench.chime.events(0);
        prop_assert!(events.iter().map(|event| event.body.time).is_sorted());
        // What is pending happens in both, and all pipelines end.
        for seconds in [1, 5, 400, 2 * 86_400] {
            pass(&bench, seconds);
            pass(&copy, seconds);
            prop_assert_eq!(copy.export(), bench.export());
        }
        for (_, item) in pipelines_of(&region(&bench)) {
            let ended = [Value::from("Stopped"), Value::from("Failed")];
            prop_assert!(ended.contains(&item["Status"]), "{}", item);
        }
    }
}
