//! Provokes every exception with a fault, because no rule of the emulator raises some of them.

use aws_sdk_chime::Client;
use aws_sdk_chime::operation::create_phone_number_order::CreatePhoneNumberOrderError;
use aws_sdk_chime::operation::create_room_membership::CreateRoomMembershipError;
use aws_sdk_chime::operation::delete_account::DeleteAccountError;
use aws_sdk_chime::types::PhoneNumberProductType;
use aws_sdk_chimesdkmediapipelines::Client as Pipelines;
use aws_sdk_chimesdkmediapipelines::operation::get_media_pipeline::GetMediaPipelineError;
use aws_sdk_chimesdkmediapipelines::operation::list_media_pipelines::ListMediaPipelinesError;
use aws_sdk_chimesdkmediapipelines::operation::stop_speaker_search_task::StopSpeakerSearchTaskError;
use aws_sdk_chimesdkmeetings::Client as Meetings;
use aws_sdk_chimesdkmeetings::operation::create_attendee::CreateAttendeeError;
use aws_sdk_chimesdkmeetings::operation::create_meeting::CreateMeetingError;
use aws_sdk_chimesdkmeetings::operation::tag_resource::TagResourceError;
use aws_sdk_chimesdkmeetings::types::Tag;

use crate::accounts::NOWHERE;
use crate::control::Control;
use crate::{Outcome, refused};

/// All exceptions that each service documents, by the id of the service.
pub const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "Chime",
        &[
            "AccessDenied",
            "BadRequest",
            "Conflict",
            "Forbidden",
            "NotFound",
            "ResourceLimitExceeded",
            "ServiceFailure",
            "ServiceUnavailable",
            "ThrottledClient",
            "UnauthorizedClient",
            "UnprocessableEntity",
        ],
    ),
    (
        "Chime SDK Meetings",
        &[
            "BadRequest",
            "Conflict",
            "Forbidden",
            "LimitExceeded",
            "NotFound",
            "ResourceNotFound",
            "ServiceFailure",
            "ServiceUnavailable",
            "Throttling",
            "TooManyTags",
            "Unauthorized",
            "UnprocessableEntity",
        ],
    ),
    (
        "Chime SDK Media Pipelines",
        &[
            "BadRequest",
            "Conflict",
            "Forbidden",
            "NotFound",
            "ResourceLimitExceeded",
            "ServiceFailure",
            "ServiceUnavailable",
            "ThrottledClient",
            "UnauthorizedClient",
        ],
    ),
];

/// For each exception, sets a fault, checks that the call fails with it, and removes the fault.
macro_rules! met {
    (
        $control:ident, $service:literal, $operation:literal, $call:expr, $error:ident,
        [$($exception:ident),+ $(,)?]
    ) => {
        $(
            $control.fault($service, $operation, stringify!($exception))?;
            refused!($call, $error::$exception(_));
            $control.no_faults()?;
        )+
    };
}

pub async fn of_chime(client: &Client, control: &Control) -> Outcome {
    let member = client.create_room_membership().account_id(NOWHERE).room_id(NOWHERE);
    let member = || member.clone().member_id(NOWHERE);
    met!(
        control,
        "chime",
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
            UnauthorizedClientException,
        ]
    );
    // No single operation models all exceptions.
    let product = PhoneNumberProductType::BusinessCalling;
    let order = client.create_phone_number_order().product_type(product);
    let order = order.e164_phone_numbers("+12065550110");
    met!(
        control,
        "chime",
        "CreatePhoneNumberOrder",
        order,
        CreatePhoneNumberOrderError,
        [AccessDeniedException]
    );
    let delete = client.delete_account().account_id(NOWHERE);
    met!(
        control,
        "chime",
        "DeleteAccount",
        delete,
        DeleteAccountError,
        [UnprocessableEntityException]
    );
    Ok(())
}

pub async fn of_meetings(client: &Meetings, control: &Control) -> Outcome {
    let arn = format!("arn:aws:chime:eu-central-1:222233334444:meeting/{NOWHERE}");
    let tag = Tag::builder().key("team").value("core").build()?;
    let tag = client.tag_resource().resource_arn(arn).tags(tag);
    met!(
        control,
        "chime-sdk-meetings",
        "TagResource",
        tag.clone(),
        TagResourceError,
        [
            BadRequestException,
            ForbiddenException,
            LimitExceededException,
            ResourceNotFoundException,
            ServiceFailureException,
            ServiceUnavailableException,
            ThrottlingException,
            TooManyTagsException,
            UnauthorizedException,
        ]
    );
    let meeting = client.create_meeting().media_region("eu-west-2").external_meeting_id("daily");
    met!(
        control,
        "chime-sdk-meetings",
        "CreateMeeting",
        meeting.clone(),
        CreateMeetingError,
        [ConflictException]
    );
    let attendee = client.create_attendee().meeting_id(NOWHERE).external_user_id("ana");
    met!(
        control,
        "chime-sdk-meetings",
        "CreateAttendee",
        attendee.clone(),
        CreateAttendeeError,
        [NotFoundException, UnprocessableEntityException]
    );
    Ok(())
}

pub async fn of_pipelines(client: &Pipelines, control: &Control) -> Outcome {
    let get = client.get_media_pipeline().media_pipeline_id(NOWHERE);
    met!(
        control,
        "chime-sdk-media-pipelines",
        "GetMediaPipeline",
        get.clone(),
        GetMediaPipelineError,
        [
            BadRequestException,
            ForbiddenException,
            NotFoundException,
            ServiceFailureException,
            ServiceUnavailableException,
            ThrottledClientException,
            UnauthorizedClientException,
        ]
    );
    met!(
        control,
        "chime-sdk-media-pipelines",
        "ListMediaPipelines",
        client.list_media_pipelines(),
        ListMediaPipelinesError,
        [ResourceLimitExceededException]
    );
    let stop = client.stop_speaker_search_task().identifier(NOWHERE);
    let stop = stop.speaker_search_task_id(NOWHERE);
    met!(
        control,
        "chime-sdk-media-pipelines",
        "StopSpeakerSearchTask",
        stop.clone(),
        StopSpeakerSearchTaskError,
        [ConflictException]
    );
    Ok(())
}
