//! Who is in a chat room. Only Enterprise accounts have rooms.

pub(crate) mod profile;

use chime_model::ServiceError;
use chime_model::chime::{
    AccountId, BatchCreateRoomMembershipRequest, BatchCreateRoomMembershipResponse,
    CreateRoomMembershipRequest, CreateRoomMembershipResponse, DeleteRoomMembershipRequest,
    ListRoomMembershipsRequest, ListRoomMembershipsResponse, MemberError, MemberId, MemberType,
    MembershipItem, RoomId, RoomMembership, RoomMembershipRole, UpdateRoomMembershipRequest,
    UpdateRoomMembershipResponse,
};

use crate::chime::call::{Call, page_size, require_items};
use crate::chime::memberships::profile::{member_of, require_can_join};
use crate::engine::dispatch::Handlers;
use crate::engine::refusal::{bad_request, conflict, limit_exceeded, not_found, of_item};

pub(crate) fn register(handlers: &mut Handlers) {
    handlers.on(create_room_membership);
    handlers.on(batch_create_room_membership);
    handlers.on(list_room_memberships);
    handlers.on(update_room_membership);
    handlers.on(delete_room_membership);
}

fn create_room_membership(
    call: &mut Call<'_>,
    request: CreateRoomMembershipRequest,
) -> Result<CreateRoomMembershipResponse, ServiceError> {
    let CreateRoomMembershipRequest { account_id, room_id, member_id, role, .. } = request;
    let membership = add_member(call, &account_id, &room_id, member_id, role)?;
    Ok(CreateRoomMembershipResponse::default().room_membership(membership))
}

/// Adds a user or a bot of the account to one of its rooms, as a plain member unless a role is given.
fn add_member(
    call: &mut Call<'_>,
    account_id: &AccountId,
    room_id: &RoomId,
    member_id: MemberId,
    role: Option<RoomMembershipRole>,
) -> Result<RoomMembership, ServiceError> {
    let record = call.tenant.enterprise(account_id)?;
    let members = &record.room(room_id)?.members;
    let member = member_of(record, &member_id).ok_or_else(|| not_found("Member"))?;
    if members.contains(&member_id) {
        return Err(conflict());
    }
    require_can_join(call.rules, record, &member_id, role.as_ref())?;
    if members.len() >= call.rules.memberships_per_room {
        return Err(limit_exceeded("The room has as many members as it can have"));
    }
    if record.memberships_of(&member_id) >= call.rules.memberships_per_profile {
        return Err(limit_exceeded("The member is in as many rooms as it can be"));
    }

    let membership = RoomMembership::default()
        .room_id(room_id)
        .member(member)
        .role(role.unwrap_or(RoomMembershipRole::Member))
        .invited_by(&*call.caller.arn)
        .updated_timestamp(call.now);
    call.tenant.account_mut(account_id)?.join(room_id, member_id, membership.clone());
    Ok(membership)
}

/// Adds many users and bots to a room. Each item succeeds or fails by itself.
fn batch_create_room_membership(
    call: &mut Call<'_>,
    request: BatchCreateRoomMembershipRequest,
) -> Result<BatchCreateRoomMembershipResponse, ServiceError> {
    let BatchCreateRoomMembershipRequest { account_id, room_id, membership_item_list, .. } =
        request;
    require_items(&membership_item_list, "MembershipItemList")?;
    let items = membership_item_list.into_iter().enumerate().map(|(i, item)| {
        let MembershipItem { member_id, role, .. } = item;
        let missing = || bad_request(format!("MembershipItemList[{i}].MemberId: is required"));
        Ok((member_id.ok_or_else(missing)?, role))
    });
    let items = items.collect::<Result<Vec<_>, ServiceError>>()?;
    call.tenant.enterprise(&account_id)?.room(&room_id)?;

    let errors = items.into_iter().filter_map(|(member_id, role)| {
        let error = add_member(call, &account_id, &room_id, member_id.clone(), role).err()?;
        let mut item = MemberError::default().member_id(member_id);
        (item.error_code, item.error_message) = of_item(error);
        Some(item)
    });
    let errors: Vec<MemberError> = errors.collect();
    Ok(BatchCreateRoomMembershipResponse::default().errors(errors))
}

fn list_room_memberships(
    call: &mut Call<'_>,
    request: ListRoomMembershipsRequest,
) -> Result<ListRoomMembershipsResponse, ServiceError> {
    let ListRoomMembershipsRequest { account_id, room_id, next_token, .. } = &request;
    let filters = [Some(account_id.as_str()), Some(room_id.as_str())];
    let cursor = call.cursor::<ListRoomMembershipsRequest>(&filters, next_token.as_deref())?;
    let limit = page_size(request.max_results, call.rules.room_page_size);

    let members = &call.tenant.enterprise(account_id)?.room(room_id)?.members;
    let page = cursor.page(members.after(cursor.after()), limit);
    let memberships: Vec<RoomMembership> = page.items.into_iter().cloned().collect();
    let mut response = ListRoomMembershipsResponse::default().room_memberships(memberships);
    response.next_token = page.next_token;
    Ok(response)
}

/// Changes the role of a user in a room, if there is one given. Only users have roles to change.
fn update_room_membership(
    call: &mut Call<'_>,
    request: UpdateRoomMembershipRequest,
) -> Result<UpdateRoomMembershipResponse, ServiceError> {
    let UpdateRoomMembershipRequest { account_id, room_id, member_id, role, .. } = &request;
    let mut membership = call.tenant.enterprise(account_id)?.room(room_id)?.member(member_id)?;
    let member_type = membership.member.as_ref().and_then(|member| member.member_type.as_ref());
    if member_type != Some(&MemberType::User) {
        return Err(bad_request("The role of a user can be changed, of nothing else"));
    }
    if role.is_some() {
        let room = call.tenant.account_mut(account_id)?.room_mut(room_id)?;
        let stored = room.member_mut(member_id)?;
        stored.role = role.clone();
        stored.updated_timestamp = Some(call.now);
        membership = stored;
    }
    Ok(UpdateRoomMembershipResponse::default().room_membership(membership.clone()))
}

fn delete_room_membership(
    call: &mut Call<'_>,
    request: DeleteRoomMembershipRequest,
) -> Result<(), ServiceError> {
    let DeleteRoomMembershipRequest { account_id, room_id, member_id, .. } = &request;
    call.tenant.enterprise(account_id)?.room(room_id)?.member(member_id)?;
    call.tenant.account_mut(account_id)?.leave(room_id, member_id);
    Ok(())
}

#[cfg(test)]
mod tests;
