//! Meetings: created, shown and ended by a call.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use chime_model::{Pattern, Rule, Violation};

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, conflict};
use crate::engine::home::partition;
use crate::engine::tags::{self, Tags};
use crate::meetings::call::{limit_exceeded, no_meeting};
use crate::meetings::placement::{media_placement, new_meeting_id};
use crate::meetings::record::MeetingRecord;
use crate::meetings::rules::TokenMismatch;
use crate::meetings::tags::{MOST_TAGS, pairs, too_many};
use crate::meetings::{Call, Meetings, features};

handlers! {
    Meetings: create_meeting, create_meeting_with_attendees, get_meeting, delete_meeting
}

fn create_meeting(
    call: &mut Call<'_>,
    request: CreateMeetingRequest,
) -> Result<CreateMeetingResponse> {
    let (_, meeting) = create(call, request)?;
    Ok(CreateMeetingResponse::default().meeting(meeting))
}

fn create_meeting_with_attendees(
    call: &mut Call<'_>,
    request: CreateMeetingWithAttendeesRequest,
) -> Result<CreateMeetingWithAttendeesResponse> {
    let (limit, actual) = (call.rules.attendees_per_create_meeting, request.attendees.len());
    if actual > limit {
        let rule = Rule::Size { min: None, max: Some(limit), actual };
        return Err(call.invalid(Violation::new("Attendees", rule)));
    }
    call.check_items(&request.attendees)?;
    let attendees = request.attendees;
    let (id, meeting) = create(
        call,
        CreateMeetingRequest::new(request.media_region, request.external_meeting_id)
            .set_client_request_token(request.client_request_token)
            .set_meeting_host_id(request.meeting_host_id)
            .set_meeting_features(request.meeting_features)
            .set_notifications_configuration(request.notifications_configuration)
            .set_primary_meeting_id(request.primary_meeting_id)
            .set_tenant_ids(request.tenant_ids)
            .set_tags(request.tags)
            .set_media_placement_network_type(request.media_placement_network_type),
    )?;
    let (created, errors) = call.create_attendees(&id, attendees)?;
    let response = CreateMeetingWithAttendeesResponse::default().meeting(meeting);
    Ok(response.attendees(created).errors(errors))
}

/// Creates a meeting, or finds the one that was created with the same token.
fn create(call: &mut Call<'_>, request: CreateMeetingRequest) -> Result<(MeetingId, Meeting)> {
    check_constraints(call, &request)?;
    let token = request.client_request_token.clone();
    let token =
        token.ok_or_else(|| call.invalid(Violation::new("ClientRequestToken", Rule::Required)))?;
    let key = (call.home.clone(), token.clone());
    if let Some((id, first)) = call.meetings.made_with(&key) {
        if !first.is_of(&request) && call.rules.token_mismatch == TokenMismatch::Conflict {
            return Err(conflict());
        }
        return Ok((id.clone(), first.meeting.clone()));
    }
    if let Some(features) = &request.meeting_features {
        features::check(features)?;
    }
    if let Some(primary) = &request.primary_meeting_id {
        check_primary(call, primary)?;
    }
    if call.meetings.homes.count(&call.home) >= call.rules.meetings_per_account {
        return Err(limit_exceeded("The AWS account has as many meetings as it can have"));
    }
    let mut tags = Tags::new();
    tags::add(&mut tags, pairs(request.tags.unwrap_or_default()), MOST_TAGS, too_many)?;

    let id = new_meeting_id(call.at.ids, &call.home);
    let placement =
        media_placement(&id, &call.home, &request.media_region, &call.rules.media_domain);
    let meeting = Meeting::default()
        .external_meeting_id(request.external_meeting_id)
        .media_placement(placement)
        .media_region(request.media_region)
        .meeting_arn(call.home.arn(&format!("meeting/{id}")))
        .set_meeting_features(request.meeting_features)
        .set_meeting_host_id(request.meeting_host_id)
        .meeting_id(&id)
        .set_primary_meeting_id(request.primary_meeting_id)
        .tenant_ids(request.tenant_ids.unwrap_or_default());
    let record = MeetingRecord {
        home: call.home.clone(),
        meeting: meeting.clone(),
        token: Some(token),
        notifications: request.notifications_configuration,
        tags,
        created: call.at.now,
        idle_since: Some(call.at.now),
        transcription: None,
    };
    let now = call.at.now;
    call.at.events.push(record.tell(record.event(Kind::MeetingStarted, now), now));
    call.meetings.add(id.clone(), record);
    Ok((id, meeting))
}

/// The characters of external ids, as the prose of the documentation has them.
static EXTERNAL_ID: Pattern = Pattern::new(r##"[-_&@+=,(){}\[\]\/«».:|'"#a-zA-Z0-9À-ÿ\s]*"##);

/// Checks an external id beyond its length: its characters, and that AWS has not reserved it.
pub(super) fn check_external_id(call: &Call<'_>, path: &str, id: &str) -> Result<()> {
    if !EXTERNAL_ID.matches(id) {
        let rule = Rule::Pattern { pattern: EXTERNAL_ID.as_str() };
        return Err(call.invalid(Violation::new(path, rule)));
    }
    if id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err(bad_request(format!("{path}: must not start with aws:")));
    }
    Ok(())
}

/// Checks what the API description has in its prose only.
fn check_constraints(call: &Call<'_>, request: &CreateMeetingRequest) -> Result<()> {
    check_external_id(call, "ExternalMeetingId", request.external_meeting_id.as_str())?;
    if let Some(host) = &request.meeting_host_id {
        check_external_id(call, "MeetingHostId", host.expose())?;
    }
    let region = request.media_region.as_str();
    if !call.rules.is_media_region(region) {
        return Err(bad_request("MediaRegion: is not a media region"));
    }
    if partition(region) != partition(&call.home.region) {
        return Err(bad_request("MediaRegion: must be in the partition of the control region"));
    }
    Ok(())
}

/// Checks that a meeting can have one more replica.
fn check_primary(call: &Call<'_>, primary: &MeetingId) -> Result<()> {
    let row = call
        .meetings
        .at_home(&call.home, primary)
        .ok_or_else(|| bad_request("PrimaryMeetingId: no such meeting is active in this region"))?;
    if row.is_replica() {
        return Err(bad_request("PrimaryMeetingId: the meeting is a replica itself"));
    }
    if call.meetings.replicas.count(primary) >= call.rules.replicas_per_meeting {
        return Err(limit_exceeded("The meeting has as many replicas as it can have"));
    }
    Ok(())
}

fn get_meeting(call: &mut Call<'_>, request: GetMeetingRequest) -> Result<GetMeetingResponse> {
    let meeting = call.meeting(&request.meeting_id)?.meeting.clone();
    Ok(GetMeetingResponse::default().meeting(meeting))
}

fn delete_meeting(call: &mut Call<'_>, request: DeleteMeetingRequest) -> Result<()> {
    let Call { home, at, rules, meetings, watcher } = call;
    let id = &request.meeting_id;
    meetings.at_home(home, id).ok_or_else(|| no_meeting(id))?;
    meetings.end(id, rules, at, *watcher);
    Ok(())
}
