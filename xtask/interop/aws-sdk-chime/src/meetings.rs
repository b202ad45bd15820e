//! Scenarios of SDK meetings, their attendees, tags and transcription.

use aws_sdk_chimesdkmeetings::Client;
use aws_sdk_chimesdkmeetings::operation::create_attendee::CreateAttendeeError;
use aws_sdk_chimesdkmeetings::operation::create_meeting::CreateMeetingError;
use aws_sdk_chimesdkmeetings::operation::get_attendee::GetAttendeeError;
use aws_sdk_chimesdkmeetings::operation::get_meeting::GetMeetingError;
use aws_sdk_chimesdkmeetings::operation::list_tags_for_resource::ListTagsForResourceError;
use aws_sdk_chimesdkmeetings::operation::start_meeting_transcription::StartMeetingTranscriptionError;
use aws_sdk_chimesdkmeetings::types::{
    AttendeeCapabilities, AttendeeFeatures, AttendeeIdItem, CreateAttendeeRequestItem,
    EngineTranscribeSettings, MediaCapabilities as Media, Meeting, MeetingFeaturesConfiguration,
    Tag, TranscribeLanguageCode, TranscriptionConfiguration,
};

use crate::control::Control;
use crate::{Outcome, faults, refused};

pub async fn all(client: &Client, control: &Control) -> Outcome {
    meetings(client).await?;
    attendees(client).await?;
    tags(client).await?;
    transcription(client).await?;
    faults::of_meetings(client, control).await
}

/// Creates a meeting for at most two attendees.
async fn create(client: &Client, token: &str) -> Outcome<Meeting> {
    let count = AttendeeFeatures::builder().max_count(2).build();
    let features = MeetingFeaturesConfiguration::builder().attendee(count).build();
    let create = client.create_meeting().client_request_token(token).media_region("eu-west-2");
    let made = create.external_meeting_id("daily").meeting_features(features).send().await?;
    Ok(made.meeting.ok_or("no meeting")?)
}

fn id(meeting: &Meeting) -> Outcome<&str> {
    Ok(meeting.meeting_id().ok_or("no id")?)
}

fn item(user: &str) -> Outcome<CreateAttendeeRequestItem> {
    Ok(CreateAttendeeRequestItem::builder().external_user_id(user).build()?)
}

async fn meetings(client: &Client) -> Outcome {
    let made = create(client, "one-meeting").await?;
    let id = id(&made)?;
    assert_eq!(create(client, "one-meeting").await?, made, "same token, same meeting");
    let got = client.get_meeting().meeting_id(id).send().await?;
    assert_eq!(got.meeting(), Some(&made));
    let placement = made.media_placement().ok_or("no media placement")?;
    let signaling = placement.signaling_url().ok_or("no signaling URL")?;
    assert!(signaling.ends_with(id), "{signaling}");

    let both = client.create_meeting_with_attendees().client_request_token("one-meeting");
    let both = both.media_region("eu-west-2").external_meeting_id("daily").attendees(item("ana")?);
    let both = both.send().await?;
    assert_eq!((both.meeting(), both.errors().len()), (Some(&made), 0));
    assert_eq!(both.attendees().first().and_then(|one| one.external_user_id()), Some("ana"));

    client.delete_meeting().meeting_id(id).send().await?;
    refused!(client.get_meeting().meeting_id(id), GetMeetingError::NotFoundException(_));
    let reserved = client.create_meeting().media_region("eu-west-2").external_meeting_id("aws:x");
    refused!(reserved.clone(), CreateMeetingError::BadRequestException(_));
    Ok(())
}

async fn attendees(client: &Client) -> Outcome {
    let meeting = create(client, "attendees").await?;
    let meeting = id(&meeting)?;
    let create = |user: &str| client.create_attendee().meeting_id(meeting).external_user_id(user);
    let ana = create("ana").send().await?.attendee.ok_or("no attendee")?;
    let ana_id = ana.attendee_id().ok_or("no id")?;
    assert_eq!(ana.join_token().map(str::len), Some(98));
    let get = || client.get_attendee().meeting_id(meeting).attendee_id(ana_id);
    assert_eq!(get().send().await?.attendee(), Some(&ana));

    let batch = client.batch_create_attendee().meeting_id(meeting);
    let batch = batch.attendees(item("bo")?).attendees(item("cleo")?).send().await?;
    assert_eq!(
        (batch.attendees().len(), batch.errors().len()),
        (1, 1),
        "the meeting is limited to two attendees"
    );
    refused!(create("cleo"), CreateAttendeeError::LimitExceededException(_));

    let silent = AttendeeCapabilities::builder().audio(Media::Receive).video(Media::None);
    let silent = silent.content(Media::None).build()?;
    let update = client.update_attendee_capabilities().meeting_id(meeting).attendee_id(ana_id);
    let updated = update.capabilities(silent.clone()).send().await?;
    assert_eq!(updated.attendee().and_then(|one| one.capabilities()), Some(&silent));
    let others = client.batch_update_attendee_capabilities_except().meeting_id(meeting);
    let all = AttendeeCapabilities::builder().audio(Media::SendReceive).video(Media::SendReceive);
    let all = all.content(Media::SendReceive).build()?;
    let except = AttendeeIdItem::builder().attendee_id(ana_id).build()?;
    others.excluded_attendee_ids(except).capabilities(all).send().await?;

    let page = client.list_attendees().meeting_id(meeting).max_results(1).send().await?;
    assert_eq!(page.attendees().first(), updated.attendee());
    let rest = client.list_attendees().meeting_id(meeting);
    let rest = rest.set_next_token(page.next_token).send().await?;
    assert_eq!((rest.attendees().len(), rest.next_token()), (1, None));

    client.delete_attendee().meeting_id(meeting).attendee_id(ana_id).send().await?;
    refused!(get(), GetAttendeeError::NotFoundException(_));
    client.delete_meeting().meeting_id(meeting).send().await?;
    Ok(())
}

async fn tags(client: &Client) -> Outcome {
    let meeting = create(client, "tags").await?;
    let arn = meeting.meeting_arn().ok_or("no ARN")?;
    let tag = Tag::builder().key("team").value("core").build()?;
    client.tag_resource().resource_arn(arn).tags(tag.clone()).send().await?;
    let list = || client.list_tags_for_resource().resource_arn(arn);
    assert_eq!(list().send().await?.tags(), [tag]);
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await?;
    assert!(list().send().await?.tags().is_empty());
    client.delete_meeting().meeting_id(id(&meeting)?).send().await?;
    refused!(list(), ListTagsForResourceError::ResourceNotFoundException(_));
    Ok(())
}

async fn transcription(client: &Client) -> Outcome {
    let primary = create(client, "transcription").await?;
    let primary = id(&primary)?;
    let english =
        EngineTranscribeSettings::builder().language_code(TranscribeLanguageCode::EnUs).build();
    let english = TranscriptionConfiguration::builder().engine_transcribe_settings(english).build();
    let start = |meeting: &str| {
        let start = client.start_meeting_transcription().meeting_id(meeting);
        start.transcription_configuration(english.clone())
    };
    start(primary).send().await?;
    client.stop_meeting_transcription().meeting_id(primary).send().await?;
    let replica = client.create_meeting().media_region("eu-west-1").external_meeting_id("daily");
    let replica = replica.primary_meeting_id(primary).send().await?.meeting.ok_or("no meeting")?;
    let replica = id(&replica)?;
    refused!(start(replica), StartMeetingTranscriptionError::UnprocessableEntityException(_));
    client.delete_meeting().meeting_id(primary).send().await?;
    Ok(())
}
