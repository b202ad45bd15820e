//! Chat rooms. Only Enterprise accounts have them.

use chime_model::chime::{
    CreateRoomRequest, CreateRoomResponse, DeleteRoomRequest, GetRoomRequest, GetRoomResponse,
    ListRoomsRequest, ListRoomsResponse, MemberId, Room, RoomId, UpdateRoomRequest,
    UpdateRoomResponse,
};
use chime_model::{SensitiveString, ServiceError};

use crate::chime::call::{Call, page_size};
use crate::engine::dispatch::Handlers;
use crate::engine::refusal::{bad_request, limit_exceeded};

pub(crate) fn register(handlers: &mut Handlers) {
    handlers.on(create_room);
    handlers.on(list_rooms);
    handlers.on(get_room);
    handlers.on(update_room);
    handlers.on(delete_room);
}

/// Makes a room without members: its creator is no user but an IAM principal. With a token that was
/// used before, the room made then is the answer again, whatever happened to it since.
fn create_room(
    call: &mut Call<'_>,
    request: CreateRoomRequest,
) -> Result<CreateRoomResponse, ServiceError> {
    let CreateRoomRequest { account_id, name, client_request_token: token, .. } = request;
    require_not_blank(&name)?;
    let record = call.tenant.enterprise(&account_id)?;
    if let Some(room) = token.as_ref().and_then(|token| record.created_rooms.get(token)) {
        return if room.name.as_ref() == Some(&name) {
            Ok(CreateRoomResponse::default().room(room.clone()))
        } else {
            Err(bad_request("ClientRequestToken: was used for a room of another name"))
        };
    }
    if record.rooms().len() >= call.rules.rooms_per_account {
        return Err(limit_exceeded("The account has as many rooms as it can have"));
    }

    let id = RoomId::from(call.ids.guid());
    let room = Room::default()
        .room_id(&id)
        .name(name)
        .account_id(&account_id)
        .created_by(&*call.caller.arn)
        .created_timestamp(call.now)
        .updated_timestamp(call.now);
    let record = call.tenant.account_mut(&account_id)?;
    record.add_room(id, room.clone());
    if let Some(token) = token {
        record.created_rooms.insert(token, room.clone());
    }
    Ok(CreateRoomResponse::default().room(room))
}

fn require_not_blank(name: &SensitiveString) -> Result<(), ServiceError> {
    let blank = name.expose().trim().is_empty();
    if blank { Err(bad_request("Name: must not be blank")) } else { Ok(()) }
}

/// Lists all rooms, or those that a member is in.
fn list_rooms(
    call: &mut Call<'_>,
    request: ListRoomsRequest,
) -> Result<ListRoomsResponse, ServiceError> {
    let ListRoomsRequest { account_id, member_id, next_token, .. } = &request;
    let filters = [Some(account_id.as_str()), member_id.as_ref().map(MemberId::as_str)];
    let cursor = call.cursor::<ListRoomsRequest>(&filters, next_token.as_deref())?;
    let limit = page_size(request.max_results, call.rules.room_page_size);

    let record = call.tenant.enterprise(account_id)?;
    let page = match member_id {
        Some(member) => cursor.page(record.rooms_of(member, cursor.after()), limit),
        None => cursor.page(record.rooms().after(cursor.after()), limit),
    };
    let mut response = ListRoomsResponse::default()
        .rooms(page.items.iter().map(|record| record.room.clone()).collect::<Vec<_>>());
    response.next_token = page.next_token;
    Ok(response)
}

fn get_room(call: &mut Call<'_>, request: GetRoomRequest) -> Result<GetRoomResponse, ServiceError> {
    let record = call.tenant.enterprise(&request.account_id)?.room(&request.room_id)?;
    Ok(GetRoomResponse::default().room(record.room.clone()))
}

/// Renames a room, if there is a name.
fn update_room(
    call: &mut Call<'_>,
    request: UpdateRoomRequest,
) -> Result<UpdateRoomResponse, ServiceError> {
    if let Some(name) = &request.name {
        require_not_blank(name)?;
    }
    let mut room = &call.tenant.enterprise(&request.account_id)?.room(&request.room_id)?.room;
    if request.name.is_some() {
        let record = call.tenant.account_mut(&request.account_id)?.room_mut(&request.room_id)?;
        record.room.name = request.name;
        record.room.updated_timestamp = Some(call.now);
        room = &record.room;
    }
    Ok(UpdateRoomResponse::default().room(room.clone()))
}

/// Deletes a room with its memberships and messages.
fn delete_room(call: &mut Call<'_>, request: DeleteRoomRequest) -> Result<(), ServiceError> {
    call.tenant.enterprise(&request.account_id)?.room(&request.room_id)?;
    call.tenant.account_mut(&request.account_id)?.remove_room(&request.room_id);
    Ok(())
}

#[cfg(test)]
mod tests;
