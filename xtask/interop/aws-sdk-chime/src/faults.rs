//! Every exception as a fault; no rule raises five of them.

use aws_sdk_chime::Client;
use aws_sdk_chime::operation::create_phone_number_order::CreatePhoneNumberOrderError;
use aws_sdk_chime::operation::create_room_membership::CreateRoomMembershipError;
use aws_sdk_chime::operation::delete_account::DeleteAccountError;
use aws_sdk_chime::types::PhoneNumberProductType;

use crate::accounts::NOWHERE;
use crate::control::Control;
use crate::{Outcome, refused};

/// Sets each fault, meets it, and clears it.
macro_rules! met {
    ($control:ident, $operation:literal, $call:expr, $error:ident, [$($exception:ident),+]) => {
        $(
            $control.fault($operation, stringify!($exception))?;
            refused!($call, $error::$exception(_));
            $control.no_faults()?;
        )+
    };
}

pub async fn of_all_kinds(client: &Client, control: &Control) -> Outcome {
    let member = client.create_room_membership().account_id(NOWHERE).room_id(NOWHERE);
    let member = || member.clone().member_id(NOWHERE);
    met!(
        control,
        "CreateRoomMembership",
        member(),
        CreateRoomMembershipError,
        [
            BadRequestException,
            ConflictException,
            ForbiddenException,
            NotFoundException,
            ResourceLimitExceededException,
            ServiceFailureException,
            ServiceUnavailableException,
            ThrottledClientException,
            UnauthorizedClientException
        ]
    );
    // No one operation models them all.
    let product = PhoneNumberProductType::BusinessCalling;
    let order = client.create_phone_number_order().product_type(product);
    let order = order.e164_phone_numbers("+12065550110");
    met!(
        control,
        "CreatePhoneNumberOrder",
        order,
        CreatePhoneNumberOrderError,
        [AccessDeniedException]
    );
    let delete = client.delete_account().account_id(NOWHERE);
    met!(control, "DeleteAccount", delete, DeleteAccountError, [UnprocessableEntityException]);
    Ok(())
}
