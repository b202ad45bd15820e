//! Meetings: created, shown and ended by calls.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use chime_model::{Rule, Violation};

use crate::engine::dispatch::handlers;
use crate::engine::errors::{CONFLICT, Result, bad_request, conflict, limit_exceeded};
use crate::engine::home::partition;
use crate::engine::tags;
use crate::meetings::ids::new_meeting_id;
use crate::meetings::record::{MeetingRecord, SdkMeeting};
use crate::meetings::rules::TokenMismatch;
use crate::meetings::{Call, Meetings, Service, capabilities};

handlers! {
    Meetings: create_meeting, create_meeting_with_attendees, get_meeting, delete_meeting
}

/// Describes the meeting that a request asks for, as yet without an id. Both requests have these members.
macro_rules! asked {
    ($request:ident) => {
        SdkMeeting {
            client_request_token: $request.client_request_token,
            media_region: Some($request.media_region),
            meeting_host_id: $request.meeting_host_id,
            primary_meeting_id: $request.primary_meeting_id,
            meeting_features: $request.meeting_features,
            notifications_configuration: $request.notifications_configuration,
            tenant_ids: $request.tenant_ids.unwrap_or_default(),
            tags: $request.tags.unwrap_or_default(),
            ..SdkMeeting::new("", $request.external_meeting_id)
        }
    };
}

fn create_meeting(
    call: &mut Call<'_>,
    request: CreateMeetingRequest,
) -> Result<CreateMeetingResponse> {
    let record = create(call, asked!(request), &[])?;
    Ok(CreateMeetingResponse::default().meeting(record.shown()))
}

fn create_meeting_with_attendees(
    call: &mut Call<'_>,
    request: CreateMeetingWithAttendeesRequest,
) -> Result<CreateMeetingWithAttendeesResponse> {
    let limit = call.service.rules.attendees_per_create_meeting;
    let actual = request.attendees.len();
    if actual > limit {
        let rule = Rule::Size { min: None, max: Some(limit), actual };
        return Err(call.invalid(Violation::new("Attendees", rule)));
    }
    call.check_items(&request.attendees)?;
    let record = create(call, asked!(request), &request.attendees)?;
    let id = &record.meeting.meeting_id;
    // A rule can keep the token of a meeting that has ended, which gets no attendees.
    let is_active = call.service.meetings.get(id).is_some();
    let items = if is_active { request.attendees } else { Vec::new() };
    let (created, errors) = call.create_attendees(id, items)?;
    let response = CreateMeetingWithAttendeesResponse::default().meeting(record.shown());
    Ok(response.attendees(created).errors(errors))
}

/// Creates a meeting that can have these attendees, or finds the meeting that was created with the same
/// token.
fn create(
    call: &mut Call<'_>,
    mut asked: SdkMeeting,
    items: &[CreateAttendeeRequestItem],
) -> Result<MeetingRecord> {
    check_constraints(call, &asked)?;
    asked.tags = tags::new(asked.tags)?;
    let missing = || call.invalid(Violation::new("ClientRequestToken", Rule::Required));
    let token = asked.client_request_token.clone().ok_or_else(missing)?;
    let Service { meetings, rules, at, .. } = &call.service;
    if let Some(first) = meetings.made_with(&(call.home.clone(), token), rules, at.now) {
        let must_equal = rules.token_mismatch == TokenMismatch::Conflict;
        if must_equal && !first.meeting.equals(&asked) {
            return Err(conflict(CONFLICT));
        }
        return Ok(first.clone());
    }
    check_rules(call, &asked, items)?;
    let Service { meetings, rules, at, .. } = &mut call.service;
    asked.meeting_id = new_meeting_id(at.ids, &call.home);
    let meeting = asked.complete(&call.home, &rules.media_domain, at.now);
    let record = MeetingRecord { home: call.home.clone(), meeting };
    at.events.push(record.event(Kind::MeetingStarted, at.now));
    meetings.meetings.insert(record.meeting.meeting_id.clone(), record.clone());
    Ok(record)
}

/// Checks the constraints that only the prose of the API description has.
fn check_constraints(call: &Call<'_>, asked: &SdkMeeting) -> Result<()> {
    call.check_external_id("ExternalMeetingId", asked.external_meeting_id.as_str())?;
    if let Some(host) = &asked.meeting_host_id {
        call.check_external_id("MeetingHostId", host.expose())?;
    }
    if !call.service.rules.is_media_region(asked.media_region()) {
        return Err(bad_request("MediaRegion: must be a media region"));
    }
    Ok(())
}

/// Checks that the account can have such a meeting with these attendees.
fn check_rules(
    call: &Call<'_>,
    asked: &SdkMeeting,
    items: &[CreateAttendeeRequestItem],
) -> Result<()> {
    let Service { meetings, rules, .. } = &call.service;
    if partition(asked.media_region()) != partition(&call.home.region) {
        return Err(bad_request("MediaRegion: must be in the partition of the control region"));
    }
    capabilities::check_features(asked)?;
    let mut given = items.iter().filter_map(|item| item.capabilities.as_ref());
    given.try_for_each(|given| capabilities::check(asked, given, rules))?;
    if let Some(id) = &asked.primary_meeting_id {
        if meetings.primary(&call.home, id).is_none() {
            return Err(bad_request("PrimaryMeetingId: must be a primary meeting of the region"));
        }
        if meetings.meetings.indexes().replicas.count(id) >= rules.replicas_per_meeting {
            return Err(limit_exceeded("The meeting has the maximum number of replicas"));
        }
    }
    if meetings.meetings.indexes().homes.count(&call.home) >= rules.meetings_per_account {
        return Err(limit_exceeded("The AWS account has the maximum number of meetings"));
    }
    Ok(())
}

fn get_meeting(call: &mut Call<'_>, request: GetMeetingRequest) -> Result<GetMeetingResponse> {
    let meeting = call.meeting(&request.meeting_id)?.shown();
    Ok(GetMeetingResponse::default().meeting(meeting))
}

fn delete_meeting(call: &mut Call<'_>, request: DeleteMeetingRequest) -> Result<()> {
    call.meeting(&request.meeting_id)?;
    call.service.end(&request.meeting_id);
    Ok(())
}
