//! Tests of problems with media pipelines in seeds.

use super::*;
use crate::engine::seeding::TWICE;

/// The problems of the sample after a change of its region.
fn problems(change: impl Fn(&mut Value)) -> String {
    let mut seed = sample();
    change(&mut seed["AwsAccounts"][0]["Sdk"][0]);
    let seed = match Seed::parse(&seed.to_string()) {
        Ok(seed) => seed,
        Err(error) => return error.to_string(),
    };
    let config = Config { seed, ..Config::default() };
    crate::LocalChime::new(config).err().map_or_else(String::new, |error| error.to_string())
}

/// The path of the region of the sample.
const PATH: &str = "AwsAccounts[0].Sdk[0]";

#[test]
fn problems_are_reported_with_their_paths() {
    assert_eq!(
        problems(|region| region["Meetings"] = json!([])),
        format!("{PATH}.Pipelines[0]: must name an active meeting of this AWS account")
    );
    let nowhere = problems(|region| {
        let capture = &mut region["Pipelines"][0]["MediaPipeline"]["MediaCapturePipeline"];
        capture.as_object_mut().unwrap().remove("SourceArn");
    });
    let problem = format!("{PATH}.Pipelines[0]: must name an active meeting");
    assert!(nowhere.starts_with(&problem), "{nowhere}");
    let one =
        "Pipelines[0].MediaPipeline: must have exactly one member, such as MediaCapturePipeline";
    let one = format!("{PATH}.{one}");
    assert_eq!(problems(|region| region["Pipelines"][0]["MediaPipeline"] = json!({})), one);
    let both = |region: &mut Value| {
        let other = region["Pipelines"][1]["MediaPipeline"]["MediaConcatenationPipeline"].take();
        region["Pipelines"][0]["MediaPipeline"]["MediaConcatenationPipeline"] = other;
        region["Pipelines"].as_array_mut().unwrap().truncate(1);
    };
    assert_eq!(problems(both), one);
    assert_eq!(
        problems(|region| {
            let other = &mut region["Pipelines"][1]["MediaPipeline"]["MediaConcatenationPipeline"];
            other["MediaPipelineId"] = CAPTURE.into();
        }),
        format!(
            "{PATH}.Pipelines[1]: must have a unique MediaPipelineId; an earlier item has \
             the same"
        )
    );
    let twice = problems(|region| {
        let pool = region["Pools"][0].clone();
        region["Pools"].as_array_mut().unwrap().push(pool);
    });
    assert_eq!(twice, format!("{PATH}.Pools[1].PoolName: {TWICE}"));
    let insights = |region: &mut Value, configuration: &str, tasks: Value| {
        let insights = json!({"MediaInsightsPipelineConfigurationArn": configuration});
        region["Pipelines"] = json!([{
            "MediaPipeline": {"MediaInsightsPipeline": insights},
            "State": {"Tasks": tasks},
        }]);
    };
    let unknown = problems(|region| insights(region, "arn:aws:chime:none", json!([])));
    let problem = "Pipelines[0]: must have a configuration of this region";
    assert_eq!(unknown, format!("{PATH}.{problem}"));
    let twice = problems(|region| {
        let task = json!({"TaskId": WEBINAR, "Kind": "SpeakerSearch"});
        insights(region, &configuration_arn("CallRecorder"), json!([task, task]));
    });
    assert_eq!(twice, format!("{PATH}.Pipelines[0].State.Tasks[1].TaskId: {TWICE}"));
    let status = problems(|region| region["Pools"][0]["PoolStatus"] = "active".into());
    assert!(status.starts_with(&format!("{PATH}.Pools[0].PoolStatus")), "{status}");
}

#[test]
fn a_concatenation_needs_sinks_and_a_capture_pipeline_before_it() {
    let problem = |index: usize| {
        format!(
            "{PATH}.Pipelines[{index}]: must have a capture pipeline of this region, \
             listed before it and created at most 30 days before it"
        )
    };
    let of_itself = |region: &mut Value| {
        let sources = concatenating(&JOINED.into()).sources;
        region["Pipelines"][1]["MediaPipeline"]["MediaConcatenationPipeline"]["Sources"] =
            json!(sources);
    };
    assert_eq!(problems(of_itself), problem(1));
    assert_eq!(
        problems(|region| region["Pipelines"].as_array_mut().unwrap().reverse()),
        problem(0)
    );
    let created = |capture: &str, concatenation: &str| {
        problems(|region| {
            let pipelines = &mut region["Pipelines"];
            pipelines[0]["MediaPipeline"]["MediaCapturePipeline"]["CreatedTimestamp"] =
                capture.into();
            let joined = &mut pipelines[1]["MediaPipeline"]["MediaConcatenationPipeline"];
            joined["CreatedTimestamp"] = concatenation.into();
        })
    };
    assert_eq!(created("2025-01-01T00:00:00Z", "2025-01-31T00:00:00Z"), "");
    assert_eq!(created("2025-01-01T00:00:00Z", "2025-01-31T00:00:01Z"), problem(1));
    let no_sinks = problems(|region| {
        let joined = &mut region["Pipelines"][1]["MediaPipeline"]["MediaConcatenationPipeline"];
        joined.as_object_mut().unwrap().remove("Sinks");
    });
    assert_eq!(no_sinks, format!("{PATH}.Pipelines[1]: must have Sinks"));
}

#[test]
fn a_problem_with_a_short_form_names_its_item() {
    let of_nothing = problems(|region| {
        let capture = region["Pipelines"][0]["MediaPipeline"]["MediaCapturePipeline"].take();
        region["Pipelines"] = json!([]);
        region["CapturePipelines"] = json!([capture]);
        region["ConcatenationPipelines"] = json!([{
            "MediaPipelineId": JOINED,
            "CapturePipelineId": STREAM,
            "Destination": "arn:aws:s3:::recordings/joined",
        }]);
    });
    let expected =
        format!("{PATH}.ConcatenationPipelines[0]: must have a capture pipeline of this region");
    assert!(of_nothing.starts_with(&expected), "{of_nothing}");
}
