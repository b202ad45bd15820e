//! Attendees: created, shown, changed and deleted by calls.

use chime_model::events::{EventCapabilities, MeetingEventType as Kind, UpdateOutcome};
use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, limit_exceeded, not_found};
use crate::engine::paging::List;
use crate::meetings::record::{MeetingRow, SdkAttendee};
use crate::meetings::{Call, Meetings, Service, capabilities};

handlers! {
    Meetings:
        create_attendee, batch_create_attendee, get_attendee, list_attendees, delete_attendee,
        update_attendee_capabilities, batch_update_attendee_capabilities_except
}

fn create_attendee(
    call: &mut Call<'_>,
    request: CreateAttendeeRequest,
) -> Result<CreateAttendeeResponse> {
    call.check_external_id("ExternalUserId", request.external_user_id.as_str())?;
    let item = CreateAttendeeRequestItem::new(request.external_user_id)
        .set_capabilities(request.capabilities);
    let attendee = call.create_attendee(&request.meeting_id, item)?;
    Ok(CreateAttendeeResponse::default().attendee(attendee))
}

fn batch_create_attendee(
    call: &mut Call<'_>,
    request: BatchCreateAttendeeRequest,
) -> Result<BatchCreateAttendeeResponse> {
    call.check_items(&request.attendees)?;
    let (created, errors) = call.create_attendees(&request.meeting_id, request.attendees)?;
    Ok(BatchCreateAttendeeResponse::default().attendees(created).errors(errors))
}

impl Call<'_> {
    /// Checks the constraints that only the prose of the API description has.
    pub(super) fn check_items(&self, items: &[CreateAttendeeRequestItem]) -> Result<()> {
        let mut ids = items.iter().map(|item| item.external_user_id.as_str());
        ids.try_for_each(|id| self.check_external_id("ExternalUserId", id))
    }

    /// Creates attendees. Those above the limit of the meeting become errors of the response; any other
    /// error fails the call.
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
                Err(error) if error.exception == Exception::LimitExceeded => errors.push(
                    CreateAttendeeError::default()
                        .external_user_id(user)
                        .set_error_code(error.code)
                        .set_error_message(error.message),
                ),
                Err(other) => return Err(other),
            }
        }
        Ok((created, errors))
    }

    /// Creates an attendee, or finds the attendee of the same user.
    fn create_attendee(
        &mut self,
        id: &MeetingId,
        item: CreateAttendeeRequestItem,
    ) -> Result<Attendee> {
        let row = self.meeting(id)?;
        let user = item.external_user_id;
        let known = row.below.attendees.values().find(|known| known.external_user_id == user);
        if let Some(known) = known.filter(|_| self.service.rules.external_user_id_is_idempotent) {
            return Ok(known.shown());
        }
        if let Some(given) = &item.capabilities {
            self.check_capabilities(row, given)?;
        }
        let mut attendee = SdkAttendee::make(self.service.at.ids, user);
        attendee.capabilities = item.capabilities;
        let added = self.service.add_attendee(id, attendee);
        added.ok_or_else(|| limit_exceeded("The meeting has the maximum number of attendees"))
    }

    fn attendee(&self, meeting: &MeetingId, id: &AttendeeId) -> Result<&SdkAttendee> {
        let row = self.meeting(meeting)?.below.attendees.get(id);
        row.map(|row| &row.value).ok_or_else(|| no_attendee(id))
    }

    fn check_capabilities(&self, row: &MeetingRow, given: &AttendeeCapabilities) -> Result<()> {
        if row.meeting.is_replica() && !self.service.rules.replica_capabilities {
            return Err(bad_request("Capabilities: must not be set for attendees of a replica"));
        }
        capabilities::check(&row.meeting, given)
    }

    fn set_capabilities(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        capabilities: &AttendeeCapabilities,
    ) -> Result<Attendee> {
        let Service { meetings, at, .. } = &mut self.service;
        let attendee = meetings.attendee_mut(meeting, id).ok_or_else(|| no_attendee(id))?;
        attendee.capabilities = Some(capabilities.clone());
        let attendee = attendee.clone();
        if let Some(row) = meetings.get(meeting) {
            let AttendeeCapabilities { audio, video, content, .. } = capabilities.clone();
            let given = EventCapabilities::default().audio(audio).video(video).content(content);
            let event = row.attendee_event(Kind::AttendeeCapabilitiesUpdated, &attendee, at.now);
            let event = event.success(UpdateOutcome::Success).attendee_capabilities(given);
            at.events.push(row.effect(event, at.now));
        }
        Ok(attendee.shown())
    }
}

fn no_attendee(id: &AttendeeId) -> ServiceError {
    not_found(&format!("Attendee <{id}>"))
}

impl Service<'_> {
    /// Completes an attendee and adds it to a meeting. Returns `None` if the meeting is full or has ended.
    pub(super) fn add_attendee(
        &mut self,
        id: &MeetingId,
        attendee: SdkAttendee,
    ) -> Option<Attendee> {
        let Self { meetings, rules, at, .. } = self;
        let row = meetings.get(id)?;
        if row.below.attendees.len() >= row.meeting.max_attendees(rules.attendees_per_meeting) {
            return None;
        }
        let attendee = attendee.complete(&row.meeting);
        let shown = attendee.shown();
        at.events.extend(row.attendee_events([Kind::AttendeeAdded], &attendee, at.now));
        meetings.attendees_mut(id)?.insert(attendee.attendee_id.clone(), attendee);
        Some(shown)
    }

    /// Disconnects an attendee and removes it from its meeting.
    pub(crate) fn remove_attendee(&mut self, meeting: &MeetingId, id: &AttendeeId) -> Option<()> {
        self.disconnect(meeting, id);
        let Self { meetings, at, .. } = self;
        let row = meetings.get(meeting)?;
        let attendee = row.below.attendees.get(id)?;
        at.events.extend(row.attendee_events([Kind::AttendeeDeleted], attendee, at.now));
        meetings.attendees_mut(meeting)?.remove(id);
        self.tell_of_attendees(meeting);
        Some(())
    }
}

fn get_attendee(call: &mut Call<'_>, request: GetAttendeeRequest) -> Result<GetAttendeeResponse> {
    let attendee = call.attendee(&request.meeting_id, &request.attendee_id)?;
    Ok(GetAttendeeResponse::default().attendee(attendee.shown()))
}

fn list_attendees(
    call: &mut Call<'_>,
    request: ListAttendeesRequest,
) -> Result<ListAttendeesResponse> {
    let attendees = &call.meeting(&request.meeting_id)?.below.attendees;
    let list = List::open(&call.home.account, &request, call.service.rules.attendee_page_size)?;
    Ok(list.page(attendees.after(list.after()), |row| row.shown()))
}

fn delete_attendee(call: &mut Call<'_>, request: DeleteAttendeeRequest) -> Result<()> {
    call.attendee(&request.meeting_id, &request.attendee_id)?;
    call.service.remove_attendee(&request.meeting_id, &request.attendee_id);
    Ok(())
}

fn update_attendee_capabilities(
    call: &mut Call<'_>,
    request: UpdateAttendeeCapabilitiesRequest,
) -> Result<UpdateAttendeeCapabilitiesResponse> {
    let UpdateAttendeeCapabilitiesRequest { meeting_id, attendee_id, capabilities, .. } = request;
    call.attendee(&meeting_id, &attendee_id)?;
    call.check_capabilities(call.meeting(&meeting_id)?, &capabilities)?;
    let attendee = call.set_capabilities(&meeting_id, &attendee_id, &capabilities)?;
    Ok(UpdateAttendeeCapabilitiesResponse::default().attendee(attendee))
}

fn batch_update_attendee_capabilities_except(
    call: &mut Call<'_>,
    request: BatchUpdateAttendeeCapabilitiesExceptRequest,
) -> Result<()> {
    let row = call.meeting(&request.meeting_id)?;
    call.check_capabilities(row, &request.capabilities)?;
    let excluded = &request.excluded_attendee_ids;
    let is_other = |id: &&AttendeeId| excluded.iter().all(|item| item.attendee_id != **id);
    let others = row.below.attendees.ids().filter(is_other).cloned();
    for id in others.collect::<Vec<_>>() {
        call.set_capabilities(&request.meeting_id, &id, &request.capabilities)?;
    }
    Ok(())
}
