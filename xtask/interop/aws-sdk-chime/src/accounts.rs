//! Scenarios of Team and Enterprise accounts, their users and their settings.

use aws_sdk_chime::Client;
use aws_sdk_chime::operation::create_user::CreateUserError;
use aws_sdk_chime::operation::delete_account::DeleteAccountError;
use aws_sdk_chime::operation::get_account::GetAccountError;
use aws_sdk_chime::operation::list_rooms::ListRoomsError;
use aws_sdk_chime::types::{
    AccountSettings, AccountType, ErrorCode, License, RegistrationStatus, RetentionSettings,
    RoomRetentionSettings, SigninDelegateGroup, TelephonySettings, UpdateUserRequestItem,
    UserSettings, UserType,
};

use crate::{Outcome, refused};

/// An id of no resource.
pub const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// Finds the first account whose name starts with a prefix, and returns its id.
pub async fn find(client: &Client, name: &str) -> Outcome<String> {
    let found = client.list_accounts().name(name).send().await?;
    Ok(found.accounts().first().ok_or(format!("no account {name}"))?.account_id().to_owned())
}

/// Finds a user by address, and returns the id.
pub async fn user(client: &Client, account: &str, mail: &str) -> Outcome<String> {
    let found = client.list_users().account_id(account).user_email(mail).send().await?;
    Ok(found.users().first().ok_or(format!("no user {mail}"))?.user_id().to_owned())
}

pub async fn team(client: &Client) -> Outcome {
    let made = client.create_account().name("Lakeside Desk").send().await?;
    let made = made.account().ok_or("no account")?;
    assert_eq!(made.account_type(), Some(&AccountType::Team));
    assert!(made.created_timestamp().is_some());
    let id = made.account_id();
    assert_eq!(client.get_account().account_id(id).send().await?.account(), Some(made));
    let renamed = client.update_account().account_id(id).name("Lakeside Help").send().await?;
    assert_eq!(renamed.account().map(|account| account.name()), Some("Lakeside Help"));
    assert_eq!(find(client, "Lakeside H").await?, id);

    let settings = AccountSettings::builder().enable_dial_out(true).build();
    client.update_account_settings().account_id(id).account_settings(settings).send().await?;
    let settings = client.get_account_settings().account_id(id).send().await?;
    let settings = settings.account_settings().ok_or("no settings")?;
    let flags = (settings.enable_dial_out(), settings.disable_remote_control());
    assert_eq!(flags, (Some(true), Some(false)));

    let mails = ["a@elsewhere.example", "b@elsewhere.example"];
    let invite = client.invite_users().account_id(id);
    let invited = invite.set_user_email_list(Some(mails.map(str::to_owned).to_vec()));
    assert_eq!(invited.send().await?.invites().len(), 2);
    let mut pages = client.list_users().account_id(id).into_paginator().page_size(1).send();
    let mut users = Vec::new();
    while let Some(page) = pages.next().await {
        users.extend(page?.users().iter().map(|user| user.user_id().to_owned()));
    }
    let [first, second] = &users[..] else { panic!("two users should be here: {users:?}") };
    let item = |user: &str| {
        UpdateUserRequestItem::builder().user_id(user).license_type(License::Basic).build()
    };
    let batch = client.batch_update_user().account_id(id);
    let batch = batch.update_user_request_items(item(first)?);
    let errors = batch.update_user_request_items(item(NOWHERE)?).send().await?;
    let codes: Vec<_> = errors.user_errors().iter().map(|error| error.error_code()).collect();
    assert_eq!(codes, [Some(&ErrorCode::NotFound)]);
    let batch = client.batch_suspend_user().account_id(id).user_id_list(first);
    assert!(batch.user_id_list(second).send().await?.user_errors().is_empty());

    refused!(client.list_rooms().account_id(id), ListRoomsError::ForbiddenException(_));
    client.delete_account().account_id(id).send().await?;
    refused!(client.get_account().account_id(id), GetAccountError::NotFoundException(_));
    Ok(())
}

pub async fn enterprise(client: &Client, account: &str) -> Outcome {
    let create = || client.create_user().account_id(account).user_type(UserType::SharedDevice);
    let made = create().email("desk@north.example").send().await?;
    let id = made.user().ok_or("no user")?.user_id();
    refused!(create().email("desk@north.example"), CreateUserError::ConflictException(_));
    refused!(create().email("desk@elsewhere.example"), CreateUserError::BadRequestException(_));
    refused!(
        client.delete_account().account_id(account),
        DeleteAccountError::UnprocessableEntityException(_)
    );

    let update = client.update_user().account_id(account).user_id(id);
    let updated = update.license_type(License::Basic).send().await?;
    assert_eq!(updated.user().map(|user| user.user_id()), Some(id));
    let telephony = TelephonySettings::builder().inbound_calling(true).outbound_calling(false);
    let settings = UserSettings::builder().telephony(telephony.sms(true).build()?).build();
    let update = client.update_user_settings().account_id(account).user_id(id);
    update.user_settings(settings.clone()).send().await?;
    let came = client.get_user_settings().account_id(account).user_id(id).send().await?;
    assert_eq!(came.user_settings(), Some(&settings));

    let pin = client.reset_personal_pin().account_id(account).user_id(id).send().await?;
    assert!(pin.user().and_then(|user| user.personal_pin()).is_some_and(|pin| pin.len() == 10));
    client.logout_user().account_id(account).user_id(id).send().await?;
    client.batch_suspend_user().account_id(account).user_id_list(id).send().await?;
    let user = client.get_user().account_id(account).user_id(id).send().await?;
    let status = user.user().and_then(|user| user.user_registration_status());
    assert_eq!(status, Some(&RegistrationStatus::Suspended));
    let back = client.batch_unsuspend_user().account_id(account).user_id_list(id).send().await?;
    assert!(back.user_errors().is_empty());

    let days = RoomRetentionSettings::builder().retention_days(30).build();
    let settings = RetentionSettings::builder().room_retention_settings(days).build();
    let put = client.put_retention_settings().account_id(account);
    put.retention_settings(settings).send().await?;
    let came = client.get_retention_settings().account_id(account).send().await?;
    let rooms = came.retention_settings().and_then(|all| all.room_retention_settings());
    assert_eq!(rooms.and_then(|rooms| rooms.retention_days()), Some(30));
    assert!(came.initiate_deletion_timestamp().is_some());
    Ok(())
}

pub async fn directory(client: &Client) -> Outcome {
    let id = find(client, "Southgate").await?;
    let group = SigninDelegateGroup::builder().group_name("Nights").build();
    let associate = client.associate_signin_delegate_groups_with_account().account_id(&id);
    associate.signin_delegate_groups(group.clone()).send().await?;
    let disassociate = client.disassociate_signin_delegate_groups_from_account().account_id(&id);
    disassociate.group_names("Helpdesk").send().await?;
    let account = client.get_account().account_id(&id).send().await?;
    assert_eq!(
        account.account().map(|account| account.signin_delegate_groups()),
        Some(&[group][..])
    );
    Ok(())
}
