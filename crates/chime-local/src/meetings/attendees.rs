//! Attendees: who can join a meeting, and with which capabilities.

use chime_model::events::{EventCapabilities, MeetingEventType as Kind, UpdateOutcome};
use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};
use time::OffsetDateTime;

use crate::engine::dispatch::{Moment, handlers};
use crate::engine::errors::{Result, bad_request, not_found};
use crate::engine::events::Caused;
use crate::engine::paging::List;
use crate::meetings::call::{limit_exceeded, no_meeting};
use crate::meetings::lifecycle::check_external_id;
use crate::meetings::placement::new_attendee_id;
use crate::meetings::record::{AttendeeRecord, MeetingRecord};
use crate::meetings::{Call, Meetings, capabilities};

handlers! {
    Meetings:
        create_attendee, batch_create_attendee, get_attendee, list_attendees, delete_attendee,
        update_attendee_capabilities, batch_update_attendee_capabilities_except
}

fn create_attendee(
    call: &mut Call<'_>,
    request: CreateAttendeeRequest,
) -> Result<CreateAttendeeResponse> {
    let item = CreateAttendeeRequestItem::new(request.external_user_id)
        .set_capabilities(request.capabilities);
    call.check_items(std::slice::from_ref(&item))?;
    let attendee = call.create_attendee(&request.meeting_id, item)?;
    Ok(CreateAttendeeResponse::default().attendee(attendee))
}

fn batch_create_attendee(
    call: &mut Call<'_>,
    request: BatchCreateAttendeeRequest,
) -> Result<BatchCreateAttendeeResponse> {
    call.check_items(&request.attendees)?;
    call.meeting(&request.meeting_id)?;
    let (created, errors) = call.create_attendees(&request.meeting_id, request.attendees)?;
    Ok(BatchCreateAttendeeResponse::default().attendees(created).errors(errors))
}

impl Call<'_> {
    /// Checks what the API description has in its prose only.
    pub(super) fn check_items(&self, items: &[CreateAttendeeRequestItem]) -> Result<()> {
        let mut ids = items.iter().map(|item| item.external_user_id.as_str());
        ids.try_for_each(|id| check_external_id(self, "ExternalUserId", id))
    }

    /// Creates attendees. Those that the meeting has no place for are errors of the response; if
    /// anything else is wrong with one, nothing is created.
    pub(super) fn create_attendees(
        &mut self,
        meeting: &MeetingId,
        items: Vec<CreateAttendeeRequestItem>,
    ) -> Result<(Vec<Attendee>, Vec<CreateAttendeeError>)> {
        let (mut created, mut errors) = (Vec::new(), Vec::new());
        for item in items {
            let user = item.external_user_id.clone();
            match self.create_attendee(meeting, item) {
                Ok(attendee) => created.push(attendee),
                Err(ServiceError {
                    exception: Exception::LimitExceeded, code, message, ..
                }) => {
                    let error = CreateAttendeeError::default().external_user_id(user);
                    errors.push(error.set_error_code(code).set_error_message(message));
                }
                Err(other) => return Err(other),
            }
        }
        Ok((created, errors))
    }

    /// Creates an attendee, or finds the one of the same user.
    fn create_attendee(
        &mut self,
        id: &MeetingId,
        item: CreateAttendeeRequestItem,
    ) -> Result<Attendee> {
        let row = self.meeting(id)?;
        let user = &item.external_user_id;
        let is_user =
            |known: &&AttendeeRecord| known.attendee.external_user_id.as_ref() == Some(user);
        let known = row.below.attendees.values().find(is_user);
        if let Some(known) = known.filter(|_| self.rules.external_user_id_is_idempotent) {
            return Ok(known.attendee.clone());
        }
        let capabilities = match item.capabilities {
            Some(given) => {
                check_capabilities(self, row, &given)?;
                given
            }
            None => capabilities::default_of(&row.meeting),
        };
        let limit = self.rules.attendees_per_meeting;
        let Call { at, meetings, .. } = self;
        meetings
            .add_attendee(id, item.external_user_id, capabilities, limit, at)
            .ok_or_else(|| limit_exceeded("The meeting has as many attendees as it can have"))
    }

    /// The record of an attendee of a meeting.
    fn attendee(&self, meeting: &MeetingId, id: &AttendeeId) -> Result<&AttendeeRecord> {
        let row = self.meeting(meeting)?.below.attendees.get(id);
        row.map(|row| &row.value).ok_or_else(|| no_attendee(id))
    }
}

fn no_attendee(id: &AttendeeId) -> ServiceError {
    not_found(&format!("Attendee <{id}>"))
}

fn check_capabilities(
    call: &Call<'_>,
    record: &MeetingRecord,
    given: &AttendeeCapabilities,
) -> Result<()> {
    if record.is_replica() && !call.rules.replica_capabilities {
        return Err(bad_request("Capabilities: the meeting is a replica"));
    }
    capabilities::check(&record.meeting, given)
}

impl Meetings {
    /// Adds an attendee to a meeting; `None` if it is full or has ended.
    pub(super) fn add_attendee(
        &mut self,
        meeting: &MeetingId,
        user: ExternalUserId,
        capabilities: AttendeeCapabilities,
        limit: usize,
        at: &mut Moment<'_>,
    ) -> Option<Attendee> {
        let row = self.meetings.get(meeting)?;
        if row.below.attendees.len() >= row.places(limit) {
            return None;
        }
        let (id, token) = new_attendee_id(at.ids);
        let attendee = Attendee::default()
            .attendee_id(&id)
            .capabilities(capabilities)
            .external_user_id(user)
            .join_token(token);
        at.events.push(row.tell_of(Kind::AttendeeAdded, &attendee, at.now));
        let record = AttendeeRecord { attendee: attendee.clone(), connection: None };
        self.meetings.below_mut(meeting)?.attendees.insert(id, record);
        Some(attendee)
    }

    /// Removes an attendee from a meeting, and cuts the connection.
    pub(super) fn remove_attendee(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        at: &mut Moment<'_>,
    ) -> Option<()> {
        let row = self.meetings.get(meeting)?;
        let record = row.below.attendees.get(id)?;
        if record.connection.is_some() {
            at.events.extend(row.departure(record, Kind::AttendeeLeft, at.now));
        }
        at.events.push(row.tell_of(Kind::AttendeeDeleted, &record.attendee, at.now));
        self.meetings.below_mut(meeting)?.attendees.remove(id);
        Some(())
    }
}

impl MeetingRecord {
    /// What happened to an attendee, in its envelope.
    pub(super) fn tell_of(&self, kind: Kind, attendee: &Attendee, now: OffsetDateTime) -> Caused {
        self.tell(self.attendee_event(kind, attendee, now), now)
    }
}

fn get_attendee(call: &mut Call<'_>, request: GetAttendeeRequest) -> Result<GetAttendeeResponse> {
    let record = call.attendee(&request.meeting_id, &request.attendee_id)?;
    Ok(GetAttendeeResponse::default().attendee(record.attendee.clone()))
}

fn list_attendees(
    call: &mut Call<'_>,
    request: ListAttendeesRequest,
) -> Result<ListAttendeesResponse> {
    let attendees = &call.meeting(&request.meeting_id)?.below.attendees;
    let list = List::open(&call.home.account, &request, call.rules.attendee_page_size)?;
    Ok(list.page(attendees.after(list.after()), |row| row.attendee.clone()))
}

fn delete_attendee(call: &mut Call<'_>, request: DeleteAttendeeRequest) -> Result<()> {
    let DeleteAttendeeRequest { meeting_id, attendee_id, .. } = request;
    call.attendee(&meeting_id, &attendee_id)?;
    let Call { at, meetings, rules, watcher, .. } = call;
    meetings.remove_attendee(&meeting_id, &attendee_id, at);
    meetings.note_presence(&meeting_id, rules, at.now);
    watcher.attendees_change(meetings, at);
    Ok(())
}

fn update_attendee_capabilities(
    call: &mut Call<'_>,
    request: UpdateAttendeeCapabilitiesRequest,
) -> Result<UpdateAttendeeCapabilitiesResponse> {
    let UpdateAttendeeCapabilitiesRequest { meeting_id, attendee_id, capabilities, .. } = request;
    call.attendee(&meeting_id, &attendee_id)?;
    check_capabilities(call, call.meeting(&meeting_id)?, &capabilities)?;
    let attendee = set_capabilities(call, &meeting_id, &attendee_id, &capabilities)?;
    Ok(UpdateAttendeeCapabilitiesResponse::default().attendee(attendee))
}

fn batch_update_attendee_capabilities_except(
    call: &mut Call<'_>,
    request: BatchUpdateAttendeeCapabilitiesExceptRequest,
) -> Result<()> {
    let meeting = request.meeting_id;
    let row = call.meeting(&meeting)?;
    check_capabilities(call, row, &request.capabilities)?;
    let is_excluded = |id: &AttendeeId| {
        request.excluded_attendee_ids.iter().any(|excluded| excluded.attendee_id == *id)
    };
    let others = row.below.attendees.ids().filter(|id| !is_excluded(id));
    for id in others.cloned().collect::<Vec<_>>() {
        set_capabilities(call, &meeting, &id, &request.capabilities)?;
    }
    Ok(())
}

fn set_capabilities(
    call: &mut Call<'_>,
    meeting: &MeetingId,
    id: &AttendeeId,
    capabilities: &AttendeeCapabilities,
) -> Result<Attendee> {
    let below = call.meetings.meetings.below_mut(meeting).ok_or_else(|| no_meeting(meeting))?;
    let record = below.attendees.get_mut(id).ok_or_else(|| no_attendee(id))?;
    record.attendee.capabilities = Some(capabilities.clone());
    let attendee = record.attendee.clone();
    let AttendeeCapabilities { audio, video, content, .. } = capabilities.clone();
    let row = call.meeting(meeting)?;
    let event = row
        .attendee_event(Kind::AttendeeCapabilitiesUpdated, &attendee, call.at.now)
        .success(UpdateOutcome::Success)
        .attendee_capabilities(
            EventCapabilities::default().audio(audio).video(video).content(content),
        );
    let event = row.tell(event, call.at.now);
    call.at.events.push(event);
    Ok(attendee)
}
