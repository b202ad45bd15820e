//! Chat rooms. Only Enterprise accounts have them.

use chime_model::chime::*;
use time::Duration;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::complete;
use crate::chime::record::RoomRow;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, require_below_limit, require_not_blank};

handlers! {
    Chime: create_room, list_rooms, get_room, update_room, delete_room
}

/// The lifetime of a client request token. Not documented; a day is common among AWS services.
const TOKEN_TIME: Duration = Duration::days(1);

/// Creates a room without members, because the caller is an IAM principal and not a user. If the
/// client request token was used before, returns the room as it was created, even if it was changed
/// or deleted since.
fn create_room(call: &mut Call<'_>, request: CreateRoomRequest) -> Result<CreateRoomResponse> {
    let CreateRoomRequest { account_id, name, client_request_token: token, .. } = request;
    require_not_blank(&name, "Name")?;
    let within = call.tenant.enterprise_mut(&account_id)?;
    let is_old = |room: &Room| room.created_timestamp.is_none_or(|at| call.now - at >= TOKEN_TIME);
    within.created_rooms.remove_while(is_old);
    if let Some(room) = token.as_ref().and_then(|token| within.created_rooms.get(token)) {
        return if room.name.as_ref() == Some(&name) {
            Ok(CreateRoomResponse::default().room(room.value.clone()))
        } else {
            Err(bad_request("ClientRequestToken: was used already for a room with another name"))
        };
    }
    let limit = call.rules.rooms_per_account;
    require_below_limit(within.rooms().len(), limit, "The account", "rooms")?;

    let room = Room::default().name(name).created_by(&*call.caller.arn);
    let (id, room) = complete::room(room, &account_id, call.now, call.ids);
    within.add_room(id, room.clone());
    if let Some(token) = token {
        within.created_rooms.insert(token, room.clone());
    }
    Ok(CreateRoomResponse::default().room(room))
}

/// Lists all rooms, or those that have a member.
fn list_rooms(call: &mut Call<'_>, request: ListRoomsRequest) -> Result<ListRoomsResponse> {
    let list = call.list(&request, call.rules.room_page_size)?;
    let within = &call.tenant.enterprise(&request.account_id)?.below;
    let room = |row: &RoomRow| row.value.clone();
    Ok(match &request.member_id {
        Some(member) => list.page(within.rooms_of(member, list.after()), room),
        None => list.page(within.rooms().after(list.after()), room),
    })
}

fn get_room(call: &mut Call<'_>, request: GetRoomRequest) -> Result<GetRoomResponse> {
    let room = call.tenant.enterprise(&request.account_id)?.below.room(&request.room_id)?;
    Ok(GetRoomResponse::default().room(room.value.clone()))
}

/// Renames a room if `Name` is set.
fn update_room(call: &mut Call<'_>, request: UpdateRoomRequest) -> Result<UpdateRoomResponse> {
    request.name.iter().try_for_each(|name| require_not_blank(name, "Name"))?;
    let room = call.tenant.enterprise_mut(&request.account_id)?.room_mut(&request.room_id)?;
    if let Some(name) = request.name {
        room.name = Some(name);
        room.updated_timestamp = Some(call.now);
    }
    Ok(UpdateRoomResponse::default().room(room.clone()))
}

/// Deletes a room with its memberships and messages.
fn delete_room(call: &mut Call<'_>, request: DeleteRoomRequest) -> Result<()> {
    call.tenant.enterprise_mut(&request.account_id)?.remove_room(&request.room_id)
}

#[cfg(test)]
mod tests;
