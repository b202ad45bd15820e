//! Tests of live transcription.

use super::*;

fn start(
    bench: &Bench,
    id: &MeetingId,
    settings: EngineTranscribeSettings,
) -> Result<(), ServiceError> {
    let configuration = TranscriptionConfiguration::default().engine_transcribe_settings(settings);
    bench.call(&StartMeetingTranscriptionRequest::new(id, configuration))
}

fn english() -> EngineTranscribeSettings {
    EngineTranscribeSettings::default().language_code("en-US")
}

#[test]
fn transcription_starts_after_a_second_and_stops() {
    let bench = bench();
    let id = meeting(&bench);
    start(&bench, &id, english()).unwrap();
    assert_eq!(bench.events(), ["MeetingStarted"]);
    pass(&bench, 1);
    start(&bench, &id, english().region("auto")).unwrap();
    pass(&bench, 1);
    bench.call(&StopMeetingTranscriptionRequest::new(&id)).unwrap();
    bench.call(&StopMeetingTranscriptionRequest::new(&id)).unwrap();
    assert_eq!(
        bench.events()[1..],
        ["TranscriptionStarted", "TranscriptionStarted", "TranscriptionStopped"]
    );
    let event = serde_json::to_value(&bench.chime.events(0)[1].body).unwrap();
    assert_eq!(event["detail"]["transcriptionRegion"], "us-east-1");
    let text = event["detail"]["transcriptionConfiguration"].as_str().unwrap();
    let configuration: TranscriptionConfiguration = serde_json::from_str(text).unwrap();
    assert_eq!(configuration.engine_transcribe_settings, Some(english()));
}

#[test]
fn transcription_stops_with_its_meeting() {
    let bench = bench();
    let id = meeting(&bench);
    start(&bench, &id, english()).unwrap();
    pass(&bench, 1);
    bench.call(&DeleteMeetingRequest::new(&id)).unwrap();
    assert_eq!(
        bench.events()[1..],
        ["TranscriptionStarted", "TranscriptionStopped", "MeetingEnded"]
    );
}

#[test]
fn a_configuration_that_transcribe_refuses_fails_late() {
    let bench = bench();
    let id = meeting(&bench);
    for wrong in [
        EngineTranscribeSettings::default(),
        english().identify_language(true),
        english().content_identification_type("PII").content_redaction_type("PII"),
        english().pii_entity_types("NAME"),
        english().language_options("en-US,fr-FR"),
        EngineTranscribeSettings::default().identify_language(true).language_options("en-US"),
        EngineTranscribeSettings::default().identify_language(true).preferred_language("en-US"),
        EngineTranscribeSettings::default().identify_language(true).language_model_name("m"),
    ] {
        let before = bench.events().len();
        start(&bench, &id, wrong.clone()).unwrap();
        pass(&bench, 1);
        assert_eq!(bench.events()[before..], ["TranscriptionFailed"], "{wrong:?}");
    }
    let flagged = EngineTranscribeSettings::default().identify_language(true);
    start(&bench, &id, flagged.content_identification_type("PII")).unwrap();
    pass(&bench, 1);
    assert_eq!(bench.events().last().unwrap(), "TranscriptionStarted");
    let role = with_rules(MeetingRules { transcription_role: false, ..Default::default() });
    let id = meeting(&role);
    start(&role, &id, english()).unwrap();
    pass(&role, 1);
    let event = serde_json::to_value(&role.chime.events(0)[1].body).unwrap();
    assert!(event["detail"]["message"].as_str().unwrap().contains("role"), "{event}");
}

#[test]
fn an_invalid_transcription_request_fails_at_once() {
    let bench = bench();
    let primary = meeting(&bench);
    let none =
        StartMeetingTranscriptionRequest::new(&primary, TranscriptionConfiguration::default());
    assert_eq!(exception(bench.call(&none)), "BadRequestException");
    let mut nowhere = none;
    nowhere.meeting_id = "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037".into();
    assert_eq!(exception(bench.call(&nowhere)), "BadRequestException");
    let replica = created(&bench, &asked("replica").primary_meeting_id(&primary));
    let on_replica = start(&bench, &replica.meeting_id.unwrap(), english());
    assert_eq!(exception(on_replica), "UnprocessableEntityException");
    let strict = with_rules(MeetingRules { stop_needs_transcription: true, ..Default::default() });
    let id = meeting(&strict);
    let stop = strict.call(&StopMeetingTranscriptionRequest::new(&id));
    assert_eq!(exception(stop), "UnprocessableEntityException");
}

#[test]
fn auto_selects_the_nearest_region() {
    let region_of = |media: &str, settings: TranscriptionConfiguration| {
        let bench = bench();
        let request = CreateMeetingRequest::new(media, "standup").client_request_token("token");
        let id = created(&bench, &request).meeting_id.unwrap();
        bench.call(&StartMeetingTranscriptionRequest::new(&id, settings)).unwrap();
        pass(&bench, 1);
        let event = serde_json::to_value(&bench.chime.events(0)[1].body).unwrap();
        event["detail"]["transcriptionRegion"].as_str().unwrap().to_owned()
    };
    let transcribe = || {
        TranscriptionConfiguration::default().engine_transcribe_settings(english().region("auto"))
    };
    let medical = || {
        let settings = EngineTranscribeMedicalSettings::new("en-US", "CARDIOLOGY", "DICTATION");
        TranscriptionConfiguration::default()
            .engine_transcribe_medical_settings(settings.region("auto"))
    };
    for (media, nearest, nearest_medical) in [
        ("us-west-1", "us-west-2", "us-west-2"),
        ("ap-south-1", "eu-west-2", "eu-west-1"),
        ("ap-southeast-1", "ap-northeast-1", "ap-southeast-2"),
        ("eu-north-1", "eu-central-1", "eu-west-1"),
        ("eu-west-2", "eu-west-2", "us-east-1"),
        ("us-east-1", "us-east-1", "us-east-1"),
    ] {
        assert_eq!(region_of(media, transcribe()), nearest, "{media}");
        assert_eq!(region_of(media, medical()), nearest_medical, "{media}");
    }
}

#[test]
fn verbs_interrupt_resume_and_fail_transcription() {
    let bench = bench();
    let id = meeting(&bench);
    start(&bench, &id, english()).unwrap();
    let post = |verb: &str| {
        let target = format!("meetings/{id}/transcription/{verb}");
        bench.control("POST", &target, r#"{"Message":"why"}"#).status()
    };
    assert_eq!(post("interrupt"), 409);
    pass(&bench, 1);
    let statuses = ["resume", "interrupt", "interrupt", "resume", "fail", "fail"].map(post);
    assert_eq!(statuses, [409, 204, 409, 204, 204, 409]);
    let expected = ["TranscriptionInterrupted", "TranscriptionResumed", "TranscriptionFailed"];
    assert_eq!(bench.events()[2..], expected);
    let messages = expected.map(|kind| bench.events_of(kind)[0]["detail"]["message"].clone());
    assert_eq!(messages, ["why".into(), serde_json::Value::Null, "why".into()]);
}

#[test]
fn an_interrupted_transcription_always_has_a_message() {
    let bench = bench();
    let id = meeting(&bench);
    start(&bench, &id, english()).unwrap();
    pass(&bench, 1);
    let target = format!("meetings/{id}/transcription/interrupt");
    assert_eq!(bench.control("POST", &target, "").status(), 204);
    let event = &bench.events_of("TranscriptionInterrupted")[0];
    assert_eq!(event["detail"]["message"], "Amazon Transcribe is unavailable");
}
