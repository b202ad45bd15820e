//! Scenarios of phone numbers, from search to deletion, and of the settings of an AWS account.

use aws_sdk_chime::Client;
use aws_sdk_chime::operation::create_phone_number_order::CreatePhoneNumberOrderError;
use aws_sdk_chime::operation::delete_phone_number::DeletePhoneNumberError;
use aws_sdk_chime::operation::get_phone_number::GetPhoneNumberError;
use aws_sdk_chime::operation::update_phone_number::UpdatePhoneNumberError;
use aws_sdk_chime::types::{
    BusinessCallingSettings, PhoneNumberOrderStatus, PhoneNumberProductType, PhoneNumberStatus,
    UpdatePhoneNumberRequestItem,
};

use crate::accounts::user;
use crate::control::Control;
use crate::{Outcome, refused};

/// The meeting of the seed, and the join token of an attendee.
const MEETING: (&str, &str) = ("6a0e8514-9fbe-4d50-b162-ae5fb0718c01", "bWVldGluZzE");

/// The time in which a deleted number can be restored, in seconds.
const QUEUED: u32 = 7 * 24 * 60 * 60;

pub async fn numbers(client: &Client, control: &Control, account: &str) -> Outcome {
    let product = PhoneNumberProductType::BusinessCalling;
    let countries = client.list_supported_phone_number_countries().product_type(product.clone());
    let countries = countries.send().await?;
    assert_eq!(countries.phone_number_countries()[0].country_code(), Some("US"));
    let search = client.search_available_phone_numbers().area_code("206").max_results(30);
    let found = search.send().await?;
    let stock = found.e164_phone_numbers();
    let order = || client.create_phone_number_order().product_type(product.clone());
    refused!(
        order().set_e164_phone_numbers(Some(stock.to_vec())),
        CreatePhoneNumberOrderError::ResourceLimitExceededException(_)
    );
    let number = stock.first().ok_or("no stock")?;
    let made = order().e164_phone_numbers(number).send().await?;
    let order = made.phone_number_order().and_then(|order| order.phone_number_order_id());
    acquired(client, control, order.ok_or("no order")?).await?;
    assert_eq!(client.list_phone_number_orders().send().await?.phone_number_orders().len(), 1);

    let came = client.get_phone_number().phone_number_id(number).send().await?;
    let id = came.phone_number().and_then(|number| number.phone_number_id()).ok_or("no id")?;
    assert!(id.starts_with("%2B1206"), "{id}");
    let again = client.get_phone_number().phone_number_id(id).send().await?;
    assert_eq!(again.phone_number(), came.phone_number(), "the returned id is accepted");

    let ana = user(client, account, "ana@northwind.example").await?;
    let join = client.associate_phone_number_with_user().account_id(account).user_id(&ana);
    join.e164_phone_number(number).send().await?;
    let delete = || client.delete_phone_number().phone_number_id(id);
    refused!(delete(), DeletePhoneNumberError::BadRequestException(_));
    let listed = client.list_phone_numbers().status(PhoneNumberStatus::Assigned).send().await?;
    assert_eq!(listed.phone_numbers()[0].associations().len(), 2);
    let call = client.create_meeting_dial_out().meeting_id(MEETING.0).join_token(MEETING.1);
    let call = call.from_phone_number(number).to_phone_number("+14255550123").send().await?;
    assert!(call.transaction_id().is_some());
    let leave = client.disassociate_phone_number_from_user().account_id(account).user_id(&ana);
    leave.send().await?;

    let update = || client.update_phone_number().phone_number_id(id);
    let updated = update().product_type(PhoneNumberProductType::VoiceConnector).send().await?;
    let product = updated.phone_number().and_then(|number| number.product_type());
    assert_eq!(product, Some(&PhoneNumberProductType::VoiceConnector));
    let item = UpdatePhoneNumberRequestItem::builder().phone_number_id(id).calling_name("Desk");
    let batch = client.batch_update_phone_number();
    let batch = batch.update_phone_number_request_items(item.build()?).send().await?;
    assert!(batch.phone_number_errors().is_empty());
    refused!(update().calling_name("Other"), UpdatePhoneNumberError::ConflictException(_));

    delete().send().await?;
    let restored = client.restore_phone_number().phone_number_id(id).send().await?;
    let status = restored.phone_number().and_then(|number| number.status());
    assert_eq!(status, Some(&PhoneNumberStatus::Unassigned));
    let batch = client.batch_delete_phone_number().phone_number_ids(id).send().await?;
    assert!(batch.phone_number_errors().is_empty());
    control.advance(QUEUED)?;
    refused!(
        client.get_phone_number().phone_number_id(id),
        GetPhoneNumberError::NotFoundException(_)
    );
    Ok(())
}

/// Checks that an order is processed first, and done within a minute.
async fn acquired(client: &Client, control: &Control, order: &str) -> Outcome {
    let status = async || {
        let came = client.get_phone_number_order().phone_number_order_id(order).send().await?;
        Outcome::Ok(came.phone_number_order().and_then(|order| order.status()).cloned())
    };
    assert_eq!(status().await?, Some(PhoneNumberOrderStatus::Processing));
    control.advance(60)?;
    assert_eq!(status().await?, Some(PhoneNumberOrderStatus::Successful));
    Ok(())
}

pub async fn settings(client: &Client) -> Outcome {
    client.update_phone_number_settings().calling_name("Northwind").send().await?;
    let came = client.get_phone_number_settings().send().await?;
    assert_eq!(came.calling_name(), Some("Northwind"));
    let bucket = BusinessCallingSettings::builder().cdr_bucket("calls").build();
    client.update_global_settings().business_calling(bucket.clone()).send().await?;
    let came = client.get_global_settings().send().await?;
    assert_eq!(came.business_calling(), Some(&bucket));
    Ok(())
}
