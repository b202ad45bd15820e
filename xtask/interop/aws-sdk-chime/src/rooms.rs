//! Scenarios of rooms, their members and messages, and of bots.

use aws_sdk_chime::Client;
use aws_sdk_chime::operation::create_bot::CreateBotError;
use aws_sdk_chime::operation::create_room_membership::CreateRoomMembershipError;
use aws_sdk_chime::operation::get_events_configuration::GetEventsConfigurationError;
use aws_sdk_chime::operation::get_room::GetRoomError;
use aws_sdk_chime::operation::redact_conversation_message::RedactConversationMessageError;
use aws_sdk_chime::types::{MembershipItem, RoomMembershipRole};

use crate::accounts::{NOWHERE, user};
use crate::{Outcome, refused};

const LAMBDA: &str = "arn:aws:lambda:us-east-1:222233334444:function:oncall";

pub async fn rooms(client: &Client, account: &str) -> Outcome {
    let ana = user(client, account, "ana@northwind.example").await?;
    let bo = user(client, account, "bo@northwind.example").await?;
    let create = || client.create_room().account_id(account).client_request_token("once");
    let made = create().name("Desk").send().await?;
    let id = made.room().and_then(|room| room.room_id()).ok_or("no room")?;
    let again = create().name("Desk").send().await?;
    assert_eq!(again.room(), made.room(), "the same token returns the same room");
    let update = client.update_room().account_id(account).room_id(id).name("Brücke");
    assert_eq!(update.send().await?.room().and_then(|room| room.name()), Some("Brücke"));
    let room = client.get_room().account_id(account).room_id(id).send().await?;
    assert_eq!(room.room().and_then(|room| room.name()), Some("Brücke"));

    let add = || client.create_room_membership().account_id(account).room_id(id).member_id(&ana);
    let added = add().send().await?;
    let member = added.room_membership().and_then(|membership| membership.member());
    assert_eq!(member.and_then(|member| member.email()), Some("ana@northwind.example"));
    refused!(add(), CreateRoomMembershipError::ConflictException(_));
    let item = MembershipItem::builder().member_id(&bo).build();
    let batch = client.batch_create_room_membership().account_id(account).room_id(id);
    assert!(batch.membership_item_list(item).send().await?.errors().is_empty());
    let promote = client.update_room_membership().account_id(account).room_id(id).member_id(&ana);
    let promoted = promote.role(RoomMembershipRole::Administrator).send().await?;
    let role = promoted.room_membership().and_then(|membership| membership.role());
    assert_eq!(role, Some(&RoomMembershipRole::Administrator));
    let listed = client.list_room_memberships().account_id(account).room_id(id).send().await?;
    assert_eq!(listed.room_memberships().len(), 2);
    let leave = client.delete_room_membership().account_id(account).room_id(id);
    leave.member_id(&ana).send().await?;
    let of_bo = client.list_rooms().account_id(account).member_id(&bo).send().await?;
    assert_eq!(of_bo.rooms().len(), 1);
    client.delete_room().account_id(account).room_id(id).send().await?;
    refused!(client.get_room().account_id(account).room_id(id), GetRoomError::NotFoundException(_));
    Ok(())
}

/// Redacts messages of the seed.
pub async fn messages(client: &Client, account: &str) -> Outcome {
    let rooms = client.list_rooms().account_id(account).send().await?;
    let hall = rooms.rooms().first().and_then(|room| room.room_id()).ok_or("no room")?;
    let redact = client.redact_room_message().account_id(account).room_id(hall);
    redact.message_id("4e8c63f2-7d9c-4b3e-9f40-8c3d9e5f6a01").send().await?;
    let redact = client
        .redact_conversation_message()
        .account_id(account)
        .conversation_id("5f9d7403-8ead-4c4f-a051-9d4eaf607b01");
    redact.clone().message_id("5f9d7403-8ead-4c4f-a051-9d4eaf607b02").send().await?;
    refused!(redact.message_id(NOWHERE), RedactConversationMessageError::NotFoundException(_));
    Ok(())
}

pub async fn bots(client: &Client, account: &str) -> Outcome {
    let create = |name: &str| client.create_bot().account_id(account).display_name(name);
    let made = create("oncall").send().await?;
    let made = made.bot().ok_or("no bot")?;
    let id = made.bot_id().ok_or("no id")?;
    let bot = client.get_bot().account_id(account).bot_id(id).send().await?;
    assert_eq!(bot.bot(), Some(made));
    let stop = client.update_bot().account_id(account).bot_id(id).disabled(true).send().await?;
    assert_eq!(stop.bot().and_then(|bot| bot.disabled()), Some(true));
    let token = client.regenerate_security_token().account_id(account).bot_id(id).send().await?;
    let token = token.bot().and_then(|bot| bot.security_token());
    assert!(token.is_some() && token != made.security_token());

    let put = client.put_events_configuration().account_id(account).bot_id(id);
    let put = put.lambda_function_arn(LAMBDA).send().await?;
    let get = || client.get_events_configuration().account_id(account).bot_id(id);
    assert_eq!(get().send().await?.events_configuration(), put.events_configuration());
    client.delete_events_configuration().account_id(account).bot_id(id).send().await?;
    refused!(get(), GetEventsConfigurationError::NotFoundException(_));

    for number in 1..10 {
        create(&format!("bot{number}")).send().await?;
    }
    refused!(create("eleventh"), CreateBotError::ResourceLimitExceededException(_));
    assert_eq!(client.list_bots().account_id(account).send().await?.bots().len(), 10);
    Ok(())
}
