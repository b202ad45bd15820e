//! Tests that no operation lets an AWS account see or change the resources of another.

use std::cell::Cell;

use chime_client::{Client, Config, Credentials, Error};
use chime_local::{Credential, LocalChime, Seed, sample};
use chime_model::chime::{self, AwsAccountId, PhoneNumberOrder};
use chime_model::{OperationInfo, Shape, Structure, media_pipelines, meetings};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::strategies::{check, valid};
use crate::wire::everywhere;

const ORDER_ID: &str = "6c1d7f0a-93e2-4b58-a4d7-0f2e8b5c9136";
const OTHER_ACCOUNT: &str = "444455556666";

const ATTENDEE_ID: &str = "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037";
const CAPTURE_ID: &str = "d4a71c0e-5f83-4b29-9e60-1c8b7f2d35a9";
/// The id of an insights pipeline, and the name of its configuration and of a pool.
const INSIGHTS: &str = "86e3b5f2-c19d-4a07-b4f8-e05a2d7c1936";
const SPEAKER_SEARCH_ID: &str = "0c5d8e27-9b14-4f63-a7e2-38d1f6b0c945";
const VOICE_TONE_ID: &str = "71f4a9c3-26e8-4d5b-8c90-b3e7d2150fa6";

/// Texts that may occur only in responses to the owner. No request contains them.
const SECRETS: [&str; 7] = [
    "Ferreira",
    "Lindqvist",
    "Example Corp",
    sample::CALLER_ARN,
    "planning-of-owner",
    "attendee-of-owner",
    "of-owner-too",
];

/// The ARN of a resource of the sample's account.
fn arn(resource: &str) -> String {
    format!("arn:aws:chime:us-east-1:{}:{resource}", sample::AWS_ACCOUNT_ID)
}

fn configuration_arn() -> String {
    arn(&format!("media-insights-pipeline-configuration/{INSIGHTS}"))
}

/// A meeting, pipelines, a configuration and a pool of the sample's account.
fn sdk_resources() -> Seed {
    let meeting = arn(&format!("meeting/{}", sample::MEETING_ID));
    let region = json!({
        "ControlRegion": "us-east-1",
        "Meetings": [{"MeetingId": sample::MEETING_ID, "ExternalMeetingId": "planning-of-owner",
            "Attendees": [{"AttendeeId": ATTENDEE_ID, "ExternalUserId": "attendee-of-owner",
                "Connected": true}]}],
        "InsightsConfigurations": [{"Name": INSIGHTS,
            "ResourceAccessRoleArn": "arn:aws:iam::111122223333:role/of-owner-too",
            "Elements": [{"Type": "VoiceAnalyticsProcessor", "VoiceAnalyticsProcessorConfiguration":
                {"SpeakerSearchStatus": "Enabled", "VoiceToneAnalysisStatus": "Enabled"}}]}],
        "Pipelines": [
            {"MediaPipeline": {"MediaCapturePipeline": {"MediaPipelineId": CAPTURE_ID,
                "SourceArn": meeting, "SinkArn": "arn:aws:s3:::recordings-of-owner-too"}}},
            {"MediaPipeline": {"MediaInsightsPipeline": {"MediaPipelineId": INSIGHTS,
                "MediaInsightsPipelineConfigurationArn": configuration_arn()}},
                "State": {"Tasks": [{"TaskId": SPEAKER_SEARCH_ID, "Kind": "SpeakerSearch"},
                    {"TaskId": VOICE_TONE_ID, "Kind": "VoiceToneAnalysis"}]}}],
        "Pools": [{"PoolName": INSIGHTS}],
    });
    let account = json!({"AwsAccountId": sample::AWS_ACCOUNT_ID, "Sdk": [region]});
    Seed::parse(&json!({"AwsAccounts": [account]}).to_string()).unwrap()
}

/// Replaces the ids in a request with ids of the sample's account.
fn aim(structure: &Structure, members: &mut Map<String, Value>) {
    for member in structure.members {
        let of_list = matches!(member.shape, Shape::List(_));
        let id = match member.name {
            "AccountId" => sample::ENTERPRISE_ACCOUNT_ID,
            "UserId" | "UserIdList" => sample::ANA_ID,
            "MemberId" => sample::BO_ID,
            "BotId" => sample::BOT_ID,
            "RoomId" => sample::ROOM_ID,
            "ConversationId" => sample::CONVERSATION_ID,
            "MessageId" if structure.member("RoomId").is_some() => sample::ROOM_MESSAGE_ID,
            "MessageId" => sample::CONVERSATION_MESSAGE_ID,
            "MeetingId" => sample::MEETING_ID,
            "PhoneNumberOrderId" => ORDER_ID,
            "PhoneNumberId" | "PhoneNumberIds" | "E164PhoneNumber" => sample::UNASSIGNED_NUMBER,
            "PrimaryMeetingId" => sample::MEETING_ID,
            "AttendeeId" => ATTENDEE_ID,
            "MediaPipelineId" => CAPTURE_ID,
            "Identifier" | "MediaInsightsPipelineConfigurationName" | "PoolName" => INSIGHTS,
            "SpeakerSearchTaskId" => SPEAKER_SEARCH_ID,
            "VoiceToneAnalysisTaskId" => VOICE_TONE_ID,
            "SourceArn" | "ResourceARN" => &arn(&format!("meeting/{}", sample::MEETING_ID)),
            "MediaPipelineArn" => &arn(&format!("media-pipeline/{CAPTURE_ID}")),
            "MediaInsightsPipelineConfigurationArn" => &configuration_arn(),
            _ => continue,
        };
        let id = if of_list { json!([id]) } else { json!(id) };
        members.insert(member.name.to_owned(), id);
    }
}

/// Does the same for a whole request.
fn aim_at_owner(info: &OperationInfo, input: &mut Map<String, Value>) {
    everywhere(info.input, input, aim);
    // Tags are the one kind of request whose resource depends on the service.
    if info.service.id == media_pipelines::SERVICE.id
        && let Some(resource) = input.get_mut("ResourceARN")
    {
        *resource = arn(&format!("media-pipeline/{CAPTURE_ID}")).into();
    }
}

fn local_chime() -> LocalChime {
    let other = Credential {
        access_key_id: "AKIDOTHER".to_owned(),
        secret_access_key: "other".into(),
        aws_account_id: OTHER_ACCOUNT.into(),
        ..Credential::default()
    };
    let credentials = vec![Credential::default(), other];
    let mut seed = sample::seed();
    // The sample has no phone number order.
    let order = PhoneNumberOrder::default().phone_number_order_id(ORDER_ID);
    seed.aws_accounts[0].phone_number_orders.push(order);
    seed.merge(sdk_resources()).unwrap();
    let config = chime_local::Config { credentials, seed, ..chime_local::Config::default() };
    LocalChime::new(config).unwrap()
}

/// Exports the resources of the owner.
fn belongings(chime: &LocalChime) -> Value {
    let mut seed = chime.export();
    let is_theirs = |account: &AwsAccountId| account.as_str() == OTHER_ACCOUNT;
    seed.organisations.retain(|organisation| !is_theirs(&organisation.account.aws_account_id));
    seed.aws_accounts.retain(|account| !is_theirs(&account.aws_account_id));
    serde_json::to_value(seed).unwrap()
}

/// Checks the operations of a service with a caller from another account.
fn check_isolation(api: &chime_model::Api) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    for info in api.operations.iter().copied() {
        let chime = local_chime();
        let call = |key: &str, secret: &str, mut input| {
            aim_at_owner(info, &mut input);
            let mut config = Config::new(Credentials::new(key, secret));
            config.region = Some("us-east-1".to_owned());
            let client = Client::with_http_service(config, chime.clone());
            runtime.block_on(client.unwrap().call(info, input))
        };
        let before = belongings(&chime);
        check(info.name, valid(info.input), |input| {
            let said = match call("AKIDOTHER", "other", input) {
                Ok(response) => Value::from(response.into_body()).to_string(),
                Err(error) => {
                    let status = error.service().map(|refusal| refusal.status);
                    prop_assert!(status.is_some_and(|status| status < 500), "{}", error);
                    error.to_string()
                }
            };
            for secret in SECRETS {
                prop_assert!(!said.contains(secret), "{} in {}", secret, said);
            }
            prop_assert_eq!(&belongings(&chime), &before);
            Ok(())
        });
        // The requests name existing resources: some of them succeed for the owner.
        let known = Cell::new(false);
        check(info.name, valid(info.input), |input| {
            let result = call(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY, input);
            let unknown = |error: &Error| error.service().is_none_or(|said| said.status == 404);
            known.set(known.get() || !result.is_err_and(|error| unknown(&error)));
            Ok(())
        });
        assert!(known.get(), "{}: no request names an existing resource", info.name);
    }
}

#[test]
fn a_caller_from_another_account_sees_and_changes_nothing_of_chime() {
    check_isolation(&chime::API);
}

#[test]
fn a_caller_from_another_account_sees_and_changes_nothing_of_meetings() {
    check_isolation(&meetings::API);
}

#[test]
fn a_caller_from_another_account_sees_and_changes_nothing_of_media_pipelines() {
    check_isolation(&media_pipelines::API);
}
