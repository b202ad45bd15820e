//! Attendees: created, shown, changed and deleted by calls.

use chime_model::Exception;
use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, limit_exceeded, not_found};
use crate::engine::paging::List;
use crate::meetings::record::SdkAttendee;
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
        items.iter().enumerate().try_for_each(|(i, item)| {
            let path = format!("Attendees[{i}].ExternalUserId");
            self.check_external_id(&path, item.external_user_id.as_str())
        })
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
        let rules = self.service.rules;
        let row = self.meeting(id)?;
        let is_same = |other: &&SdkAttendee| other.external_user_id == item.external_user_id;
        if rules.external_user_id_is_idempotent
            && let Some(known) = row.below.attendees.values().find(is_same)
        {
            return Ok(known.shown());
        }
        if let Some(given) = &item.capabilities {
            capabilities::check(&row.meeting, given, rules)?;
        }
        let mut attendee = SdkAttendee::make(self.service.at.ids, item.external_user_id);
        attendee.capabilities = item.capabilities;
        let added = self.service.add_attendee(id, attendee);
        added.ok_or_else(|| limit_exceeded("The meeting has the maximum number of attendees"))
    }

    fn attendee(&self, meeting: &MeetingId, id: &AttendeeId) -> Result<&SdkAttendee> {
        let row = self.meeting(meeting)?.below.attendees.get(id);
        row.map(|row| &row.value).ok_or_else(|| not_found(&format!("Attendee <{id}>")))
    }
}

impl Service<'_> {
    /// Adds an attendee to a meeting. Returns `None` if the meeting is full or has ended.
    pub(super) fn add_attendee(
        &mut self,
        meeting: &MeetingId,
        attendee: SdkAttendee,
    ) -> Option<Attendee> {
        let row = self.meetings.get(meeting)?;
        if row.below.attendees.len() >= row.meeting.max_attendees(self.rules) {
            return None;
        }
        let id = attendee.attendee_id.clone();
        self.meetings.put_attendee(meeting, attendee);
        self.announce(Kind::AttendeeAdded, meeting, &id)
    }

    /// Disconnects an attendee and removes it from its meeting.
    pub(crate) fn remove_attendee(&mut self, meeting: &MeetingId, id: &AttendeeId) {
        self.disconnect(meeting, id);
        self.announce(Kind::AttendeeDeleted, meeting, id);
        if let Some(attendees) = self.meetings.attendees_mut(meeting) {
            attendees.remove(id);
        }
        self.tell_of_attendees(meeting);
    }

    fn set_capabilities(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        capabilities: AttendeeCapabilities,
    ) -> Option<Attendee> {
        self.meetings.attendee_mut(meeting, id)?.capabilities = Some(capabilities);
        self.announce(Kind::AttendeeCapabilitiesUpdated, meeting, id)
    }

    /// Sends an event of an attendee, and returns the attendee as responses show it.
    fn announce(&mut self, kind: Kind, meeting: &MeetingId, id: &AttendeeId) -> Option<Attendee> {
        let row = self.meetings.get(meeting)?;
        let attendee = row.below.attendees.get(id)?;
        self.at.events.push(row.attendee_event(kind, attendee, self.at.now));
        Some(attendee.shown())
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
    let list = List::open(&call.home, &request, call.service.rules.attendee_page_size)?;
    let attendees = &call.meeting(&request.meeting_id)?.below.attendees;
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
    let meeting = &call.meeting(&meeting_id)?.meeting;
    capabilities::check(meeting, &capabilities, call.service.rules)?;
    let attendee = call.service.set_capabilities(&meeting_id, &attendee_id, capabilities);
    Ok(UpdateAttendeeCapabilitiesResponse::default().set_attendee(attendee))
}

fn batch_update_attendee_capabilities_except(
    call: &mut Call<'_>,
    request: BatchUpdateAttendeeCapabilitiesExceptRequest,
) -> Result<()> {
    let row = call.meeting(&request.meeting_id)?;
    capabilities::check(&row.meeting, &request.capabilities, call.service.rules)?;
    let excluded = &request.excluded_attendee_ids;
    let is_other = |id: &&AttendeeId| excluded.iter().all(|item| item.attendee_id != **id);
    let others = row.below.attendees.ids().filter(is_other).cloned();
    for id in others.collect::<Vec<_>>() {
        call.service.set_capabilities(&request.meeting_id, &id, request.capabilities.clone());
    }
    Ok(())
}
