//! `CreateMeetingDialOut`. No operation creates meetings; see [`Meeting`](crate::Meeting).

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::inventory::{NumberRecord, canonical};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, forbidden};

handlers! {
    Chime: create_meeting_dial_out
}

/// Checks the request without calling anybody. The operation has no `NotFoundException`, so a
/// meeting that does not exist gives the same error as an invalid token.
fn create_meeting_dial_out(
    call: &mut Call<'_>,
    request: CreateMeetingDialOutRequest,
) -> Result<CreateMeetingDialOutResponse> {
    let meeting = call.tenant.meetings.get(&request.meeting_id);
    if !meeting.is_some_and(|meeting| meeting.join_tokens.contains(&request.join_token)) {
        return Err(forbidden("JoinToken: must be a join token of the meeting"));
    }
    let from = canonical(&PhoneNumberId::from(request.from_phone_number.expose()));
    let from = from.and_then(|id| call.tenant.inventory.number(&id));
    if !from.is_ok_and(NumberRecord::is_usable) {
        return Err(forbidden(
            "FromPhoneNumber: must be an Unassigned or Assigned number of the AWS account",
        ));
    }
    Ok(CreateMeetingDialOutResponse::default().transaction_id(call.ids.guid()))
}

#[cfg(test)]
mod tests;
