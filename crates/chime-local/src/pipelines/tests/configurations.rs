//! Tests of configurations of insights pipelines.

use super::*;

fn get(
    bench: &Bench,
    identifier: &str,
) -> Result<MediaInsightsPipelineConfiguration, ServiceError> {
    let request = GetMediaInsightsPipelineConfigurationRequest::new(identifier);
    Ok(bench.call(&request)?.media_insights_pipeline_configuration.unwrap())
}

fn update(identifier: &str) -> UpdateMediaInsightsPipelineConfigurationRequest {
    UpdateMediaInsightsPipelineConfigurationRequest::new(
        identifier,
        "arn:aws:iam::111122223333:role/other",
        [MediaInsightsPipelineConfigurationElement::new("VoiceEnhancementSink")],
    )
}

#[test]
fn a_configuration_is_found_by_name_arn_and_id() {
    let bench = bench();
    let alerts = RealTimeAlertConfiguration::default().disabled(true);
    let request = configuring("Calls").real_time_alert_configuration(alerts);
    let created = bench.call(&request).unwrap().media_insights_pipeline_configuration.unwrap();
    let arn = created.media_insights_pipeline_configuration_arn.clone().unwrap();
    assert_eq!(arn.as_str(), configuration_arn("Calls"));
    let id = created.media_insights_pipeline_configuration_id.clone().unwrap();
    for identifier in ["Calls", arn.as_str(), id.as_str()] {
        assert_eq!(get(&bench, identifier).unwrap(), created);
    }
    for identifier in [
        "calls",
        "arn:aws:chime:us-west-2:111122223333:media-insights-pipeline-configuration/Calls",
    ] {
        assert_eq!(exception(get(&bench, identifier)), "NotFoundException");
    }
    pass(&bench, 1);
    let updated = bench.call(&update(arn.as_str())).unwrap();
    let updated = updated.media_insights_pipeline_configuration.unwrap();
    assert_eq!(updated.real_time_alert_configuration, None, "it is replaced as a whole");
    assert_eq!(updated.elements.as_ref().unwrap().len(), 1);
    assert_ne!(updated.updated_timestamp, created.updated_timestamp);
    assert_eq!(get(&bench, "Calls").unwrap(), updated);
    let list = bench.call(&ListMediaInsightsPipelineConfigurationsRequest::new()).unwrap();
    let summary = list.media_insights_pipeline_configurations.unwrap().remove(0);
    assert_eq!(summary.media_insights_pipeline_configuration_id, Some(id));
    bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new("Calls")).unwrap();
    let again = DeleteMediaInsightsPipelineConfigurationRequest::new("Calls");
    assert_eq!(exception(bench.call(&again)), "NotFoundException");
    assert_eq!(exception(bench.call(&update("Calls"))), "NotFoundException");
}

#[test]
fn a_name_goes_before_an_id() {
    let bench = bench();
    let create = |name: &str| {
        let created = bench.call(&configuring(name)).unwrap();
        created.media_insights_pipeline_configuration.unwrap()
    };
    let first = create("Calls");
    let id = first.media_insights_pipeline_configuration_id.clone().unwrap();
    let second = create(id.as_str());
    assert_eq!(second.media_insights_pipeline_configuration_name, Some(id.as_str().into()));
    for identifier in [id.as_str(), &configuration_arn(id.as_str())] {
        assert_eq!(get(&bench, identifier).unwrap(), second);
    }
    bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new(id.as_str())).unwrap();
    for identifier in ["Calls", id.as_str()] {
        assert_eq!(get(&bench, identifier).unwrap(), first);
    }
}

#[test]
fn names_are_unique_and_the_limit_is_a_hundred() {
    let bench = bench();
    let request = configuring("Calls").client_request_token("once");
    let first = bench.call(&request).unwrap();
    assert_eq!(bench.call(&request).unwrap(), first);
    // A configuration can have the id of another one as its name.
    let id = first.media_insights_pipeline_configuration.as_ref().unwrap();
    let id = id.media_insights_pipeline_configuration_id.clone().unwrap();
    bench.call(&configuring(id.as_str())).unwrap();
    assert_eq!(bench.call(&request).unwrap(), first);
    bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new(id.as_str())).unwrap();
    // The token of a deleted configuration creates another one.
    bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new("Calls")).unwrap();
    assert_ne!(bench.call(&request).unwrap(), first);
    assert_eq!(exception(bench.call(&configuring("Calls"))), "BadRequestException");
    // It does not stand for another configuration of the same name.
    bench.call(&DeleteMediaInsightsPipelineConfigurationRequest::new("Calls")).unwrap();
    bench.call(&configuring("Calls")).unwrap();
    assert_eq!(exception(bench.call(&request)), "BadRequestException");
    for i in 1..100 {
        bench.call(&configuring(&format!("Calls-{i}"))).unwrap();
    }
    assert_eq!(exception(bench.call(&configuring("More"))), "ResourceLimitExceededException");
    bench.call_in("us-west-2", &configuring("Calls")).unwrap();
}

#[test]
fn elements_must_be_compatible() {
    let bench = bench();
    let mut number = 0;
    let mut with = |types: &[&str]| {
        number += 1;
        let mut request = configuring(&format!("Calls-{number}"));
        let element = |kind: &&str| {
            let element = MediaInsightsPipelineConfigurationElement::new(*kind);
            match *kind {
                "AmazonTranscribeProcessor" => element.amazon_transcribe_processor_configuration(
                    AmazonTranscribeProcessorConfiguration::default().language_code("en-US"),
                ),
                "AmazonTranscribeCallAnalyticsProcessor" => element
                    .amazon_transcribe_call_analytics_processor_configuration(
                        AmazonTranscribeCallAnalyticsProcessorConfiguration::new("en-US"),
                    ),
                _ => element,
            }
        };
        request.elements = types.iter().map(element).collect();
        bench.call(&request).map(|_| ())
    };
    with(&["AmazonTranscribeProcessor", "VoiceEnhancementSink"]).unwrap();
    for wrong in [
        &["VoiceEnhancementSink", "VoiceEnhancementSink"][..],
        &["AmazonTranscribeProcessor", "AmazonTranscribeCallAnalyticsProcessor"],
        &["KinesisDataStreamSink"],
        &["LambdaFunctionSink"],
        &["SqsQueueSink"],
        &["SnsTopicSink"],
        &["S3RecordingSink"],
        &["VoiceAnalyticsProcessor"],
    ] {
        let (name, message) = explained(with(wrong));
        assert_eq!(name, "BadRequestException");
        assert!(message.starts_with("Elements:"), "{message}");
    }
}

#[test]
fn a_configuration_in_use_cannot_be_changed_or_deleted() {
    let bench = bench();
    let pipeline = analyze(&bench);
    let delete = DeleteMediaInsightsPipelineConfigurationRequest::new("Calls");
    assert_eq!(exception(bench.call(&delete)), "ConflictException");
    assert_eq!(exception(bench.call(&update("Calls"))), "ConflictException");
    stop(&bench, &pipeline);
    pass(&bench, 2);
    bench.call(&update("Calls")).unwrap();
    bench.call(&delete).unwrap();
}

#[test]
fn an_insights_pipeline_names_its_configuration_by_arn() {
    let bench = bench();
    let created = bench.call(&configuring("arnold")).unwrap();
    let id = created.media_insights_pipeline_configuration.unwrap();
    let id = id.media_insights_pipeline_configuration_id.unwrap();
    for wrong in ["arnold", &configuration_arn(id.as_str())] {
        let mut request = analyzing("arnold");
        request.media_insights_pipeline_configuration_arn = wrong.into();
        assert_eq!(exception(bench.call(&request)), "NotFoundException", "{wrong}");
    }
    // The ARN has the name, not the id.
    assert_eq!(exception(get(&bench, &configuration_arn(id.as_str()))), "NotFoundException");
    bench.call(&analyzing("arnold")).unwrap();
}
