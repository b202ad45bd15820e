//! Tests of records of every operation, with and without hidden values.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{from_value, json, to_value};

use super::*;
use crate::{APIS, Shape, Structure, chime, media_pipelines, meetings, messaging, voice};

/// Generates values of a shape.
fn values(shape: &'static Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Enumeration(set) => {
            proptest::sample::select(set.values).prop_map(Value::from).boxed()
        }
        Shape::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Shape::Integer(_) => any::<u16>().prop_map(|n| Value::Integer(n.into())).boxed(),
        Shape::Float(_) => any::<u16>().prop_map(|n| Value::Float(f64::from(n) / 8.0)).boxed(),
        Shape::Timestamp(_) => Just(Value::from("2026-03-02T09:00:10.482Z")).boxed(),
        Shape::List(list) => vec(values(list.item), 0..3).prop_map(Value::List).boxed(),
        Shape::Map(map) => {
            btree_map("[A-Za-z]{1,8}", values(map.value), 0..3).prop_map(Value::Map).boxed()
        }
        Shape::Structure(structure) => structures(structure),
        Shape::Text(_) => "[ -~]{0,12}".prop_map(|text| Value::from(text.as_str())).boxed(),
    }
}

/// Generates values of a structure, with some of its optional members.
fn structures(structure: &'static Structure) -> BoxedStrategy<Value> {
    let members = structure.members.iter().map(|member| {
        let value = values(member.shape);
        let value = match member.required {
            true => value.prop_map(Some).boxed(),
            false => option::of(value).boxed(),
        };
        value.prop_map(|value| Some((member.name.to_owned(), value?)))
    });
    let members: Vec<_> = members.collect();
    members.prop_map(|members| Value::Map(members.into_iter().flatten().collect())).boxed()
}

/// Converts a value to the form of CloudTrail, in which each member starts with a lower-case letter.
fn lowered(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Map(members)) => lowered_members(structure, members),
        (Shape::List(list), Value::List(items)) => {
            Value::List(items.into_iter().map(|item| lowered(list.item, item)).collect())
        }
        (Shape::Map(map), Value::Map(entries)) => {
            let entries = entries.into_iter().map(|(key, value)| (key, lowered(map.value, value)));
            Value::Map(entries.collect())
        }
        (_, other) => other,
    }
}

fn lowered_members(
    structure: &Structure,
    members: std::collections::BTreeMap<String, Value>,
) -> Value {
    let members = members.into_iter().map(|(name, value)| {
        let shape = structure.member(&name).unwrap().shape;
        (name[..1].to_lowercase() + &name[1..], lowered(shape, value))
    });
    Value::Map(members.collect())
}

/// All structures of requests and responses, in a stable order.
fn roots() -> Vec<&'static Structure> {
    let operations = APIS.iter().flat_map(|api| api.operations);
    operations.flat_map(|info| std::iter::once(info.input).chain(info.output)).collect()
}

/// Checks that a request is equal to the one read from its record.
fn reads_back<O: Operation + PartialEq + std::fmt::Debug>(value: Value) {
    let original = O::deserialize(value).unwrap();
    let json: Value = from_value(to_value(&original).unwrap()).unwrap();
    let Value::Map(members) = json else { panic!("a structure") };
    let read: Option<O> = request(lowered_members(O::SHAPE, members)).unwrap();
    assert_eq!(read, Some(original));
}

macro_rules! read_back {
    ($($test:ident: $type:ty,)+) => {
        proptest! {$(
            #[test]
            fn $test(value in structures(<$type as crate::Describe>::SHAPE)) {
                reads_back::<$type>(value);
            }
        )+}
    };
}

read_back! {
    acronyms: voice::PutVoiceConnectorEmergencyCallingConfigurationRequest,
    attribute_maps: messaging::SendChannelMessageRequest,
    header_maps: voice::CreateSipMediaApplicationCallRequest,
    lists_of_structures: meetings::CreateMeetingWithAttendeesRequest,
    lower_case_members: voice::ValidateE911AddressRequest,
    names_with_digits: chime::BatchUpdatePhoneNumberRequest,
    numbers_in_names: chime::CreatePhoneNumberOrderRequest,
    phone_number_lists: voice::AssociatePhoneNumbersWithVoiceConnectorRequest,
    deep_structures: media_pipelines::CreateMediaInsightsPipelineConfigurationRequest,
    shouting_members: media_pipelines::CreateMediaLiveConnectorPipelineRequest,
    timestamps: media_pipelines::CreateMediaInsightsPipelineRequest,
}

proptest! {
    #[test]
    fn every_structure_gets_the_names_of_the_api(
        (structure, value) in proptest::sample::select(roots())
            .prop_flat_map(|structure| (Just(structure), structures(structure))),
    ) {
        let Value::Map(members) = value.clone() else { panic!("a structure") };
        prop_assert_eq!(members::renamed(structure, lowered_members(structure, members)), value);
    }
}

#[test]
fn no_two_members_differ_only_in_case() {
    fn check(shape: &'static Shape) {
        match shape {
            Shape::Structure(structure) => check_members(structure),
            Shape::List(list) => check(list.item),
            Shape::Map(map) => check(map.value),
            _ => {}
        }
    }
    fn check_members(structure: &'static Structure) {
        let names = structure.members.iter().map(|member| member.name.to_lowercase());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert_eq!(names.len(), structure.members.len(), "{}", structure.name);
        structure.members.iter().for_each(|member| check(member.shape));
    }
    roots().into_iter().for_each(check_members);
}

#[test]
fn a_hidden_text_stays_and_other_hidden_values_are_absent() {
    let parameters = json!({
        "clientRequestToken": "HIDDEN_DUE_TO_SECURITY_REASONS",
        "mediaRegion": "us-east-1",
        "externalMeetingId": "Hidden_For_Security_Reasons",
        "meetingFeatures": "HIDDEN_DUE_TO_SECURITY_REASONS",
        "notificationsConfiguration": {"sqsQueueArn": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        "tenantIds": ["HIDDEN_DUE_TO_SECURITY_REASONS"],
        "tags": ["HIDDEN_DUE_TO_SECURITY_REASONS"],
        "later": 1,
    });
    let expected = meetings::CreateMeetingRequest::new("us-east-1", "Hidden_For_Security_Reasons")
        .client_request_token("HIDDEN_DUE_TO_SECURITY_REASONS")
        .notifications_configuration(
            meetings::NotificationsConfiguration::default()
                .sqs_queue_arn("HIDDEN_DUE_TO_SECURITY_REASONS"),
        )
        .tenant_ids(["HIDDEN_DUE_TO_SECURITY_REASONS".into()])
        .tags([]);
    assert_eq!(request(parameters).unwrap(), Some(expected));
}

#[test]
fn hidden_lists_maps_and_numbers_are_absent() {
    const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
    let parameters = json!({
        "channelArn": "c", "content": HIDDEN, "type": "STANDARD", "persistence": "PERSISTENT",
        "clientRequestToken": "t", "chimeBearer": "b", "messageAttributes": HIDDEN, "target": HIDDEN,
    });
    let read: messaging::SendChannelMessageRequest = request(parameters).unwrap().unwrap();
    assert_eq!((read.message_attributes, read.target), (None, None));
    assert_eq!(read.content.expose(), HIDDEN);

    let missing = json!({"meetingId": "m", "attendees": HIDDEN});
    let error = request::<meetings::BatchCreateAttendeeRequest, _>(missing).unwrap_err();
    assert_eq!(error.to_string(), "missing field `Attendees`");
}

/// A record as AWS documents it, shortened.
fn record() -> serde_json::Value {
    json!({
        "eventVersion": "1.08",
        "userIdentity": {"type": "AssumedRole", "arn": "secret"},
        "eventTime": "2022-03-08T20:28:41Z",
        "eventSource": "chime-sdk-media-pipelines.amazonaws.com",
        "eventName": "CreateMediaCapturePipeline",
        "awsRegion": "us-east-1",
        "requestParameters": {
            "sourceType": "ChimeSdkMeeting", "sourceArn": "Hidden_For_Security_Reasons",
            "sinkType": "S3Bucket", "sinkArn": "Hidden_For_Security_Reasons",
            "chimeSdkMeetingConfiguration": {
                "artifactsConfiguration": {
                    "audio": {"muxType": "AudioOnly"},
                    "video": {"state": "Enabled", "muxType": "VideoOnly"},
                    "content": {"state": "Enabled", "muxType": "ContentOnly"},
                },
            },
        },
        "responseElements": {
            "mediaCapturePipeline": {
                "mediaPipelineId": "p-1", "status": "Initializing",
                "createdTimestamp": "2022-03-08T20:28:41.336Z",
            },
        },
        "requestID": "r-1",
        "eventID": "e-1",
    })
}

#[test]
fn a_record_reads_into_types() {
    type Create = media_pipelines::CreateMediaCapturePipelineRequest;
    let record: CloudTrailRecord = from_value(record()).unwrap();
    assert_eq!(to_value(&record).unwrap(), self::record());
    assert_eq!(record.event_name, Create::INFO.name);
    let request: Create = record.request().unwrap().unwrap();
    let configuration = request.chime_sdk_meeting_configuration.unwrap();
    let audio = configuration.artifacts_configuration.unwrap().audio;
    assert_eq!(audio.mux_type.as_str(), "AudioOnly");
    let response = record.response::<Create>().unwrap().unwrap();
    let pipeline = response.media_capture_pipeline.unwrap();
    assert_eq!(pipeline.media_pipeline_id.unwrap(), "p-1");
    assert!(pipeline.created_timestamp.is_some());
    assert!(!format!("{record:?}").contains("secret"));
    let wrong = record.request::<meetings::CreateMeetingRequest>().unwrap_err();
    assert!(wrong.to_string().starts_with("missing field"), "{wrong}");
}

#[test]
fn request_and_response_of_a_record_are_optional() {
    let json = json!({
        "eventTime": "2023-03-15T00:00:00Z", "eventSource": "chime.amazonaws.com",
        "eventName": "DeleteMeeting", "awsRegion": "us-east-1", "errorCode": "AccessDenied",
        "errorMessage": "Not authorized", "requestParameters": null, "responseElements": null,
    });
    let record: CloudTrailRecord = from_value(json.clone()).unwrap();
    assert_eq!(to_value(&record).unwrap(), json);
    assert_eq!(record.request::<meetings::DeleteMeetingRequest>().unwrap(), None);
    assert_eq!(record.response::<meetings::DeleteMeetingRequest>().unwrap(), None);
    let empty = response::<meetings::DeleteMeetingRequest, _>(json!({"later": 1})).unwrap();
    assert_eq!(empty, Some(()));
}
