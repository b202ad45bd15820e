//! Tests that no operation lets an AWS account see or change the resources of another.

use std::cell::Cell;

use chime_client::{Client, Config, Credentials, Error};
use chime_local::{Credential, LocalChime, sample};
use chime_model::chime::*;
use chime_model::{Operation, Shape, Structure};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::generated::operations::every_operation;
use crate::strategies::{check, valid};
use crate::wire::everywhere;

const ORDER_ID: &str = "6c1d7f0a-93e2-4b58-a4d7-0f2e8b5c9136";
const OTHER_ACCOUNT: &str = "444455556666";

/// Texts that may occur only in responses to the owner. No request contains them.
const SECRETS: [&str; 4] = ["Ferreira", "Lindqvist", "Example Corp", sample::CALLER_ARN];

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
            _ => continue,
        };
        let id = if of_list { json!([id]) } else { json!(id) };
        members.insert(member.name.to_owned(), id);
    }
}

fn chime() -> LocalChime {
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

#[test]
fn a_caller_from_another_account_sees_and_changes_nothing() {
    fn law<O: Operation>() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let chime = chime();
        let call = |key: &str, secret: &str, mut input| {
            everywhere(O::SHAPE, &mut input, aim);
            let client = Client::with_http_service(
                Config::new(Credentials::new(key, secret)),
                chime.clone(),
            );
            runtime.block_on(client.unwrap().call(O::INFO, input))
        };
        let before = belongings(&chime);
        check(O::INFO.name, valid(O::SHAPE), |input| {
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
        check(O::INFO.name, valid(O::SHAPE), |input| {
            let result = call(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY, input);
            let unknown = |error: &Error| error.service().is_none_or(|said| said.status == 404);
            known.set(known.get() || !result.is_err_and(|error| unknown(&error)));
            Ok(())
        });
        assert!(known.get(), "{}: no request names an existing resource", O::INFO.name);
    }
    every_operation!(law, chime);
}
