//! Memberships of chat rooms. Only Enterprise accounts have rooms.

pub(crate) mod profile;

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::complete;
use crate::chime::memberships::profile::Profile;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{
    CONFLICT, Result, bad_request, conflict, not_found, require_below_limit, require_items,
};

handlers! {
    Chime: create_room_membership, batch_create_room_membership, list_room_memberships,
    update_room_membership, delete_room_membership
}

fn create_room_membership(
    call: &mut Call<'_>,
    request: CreateRoomMembershipRequest,
) -> Result<CreateRoomMembershipResponse> {
    let CreateRoomMembershipRequest { account_id, room_id, member_id, role, .. } = request;
    let membership = add_member(call, &account_id, &room_id, member_id, role)?;
    Ok(CreateRoomMembershipResponse::default().room_membership(membership))
}

/// Adds a user or a bot of the account to one of its rooms. Default role: `Member`.
fn add_member(
    call: &mut Call<'_>,
    account_id: &AccountId,
    room_id: &RoomId,
    member_id: MemberId,
    role: Option<RoomMembershipRole>,
) -> Result<RoomMembership> {
    let record = call.tenant.enterprise(account_id)?;
    let members = &record.below.room(room_id)?.below.members;
    let profile = Profile::of(&record.below, &member_id).ok_or_else(|| not_found("Member"))?;
    if members.contains(&member_id) {
        return Err(conflict(CONFLICT));
    }
    profile.require_can_join(call.rules, &record.below, role.as_ref())?;
    require_below_limit(members.len(), call.rules.memberships_per_room, "The room", "members")?;
    let rooms = record.below.memberships_of(&member_id);
    let limit = call.rules.memberships_per_profile;
    require_below_limit(rooms, limit, "The member", "rooms")?;

    let new = RoomMembership::default().room_id(room_id).set_role(role);
    let new = new.invited_by(&*call.caller.arn);
    let membership = complete::membership(new, &member_id, Some(profile), account_id, call.now);
    call.tenant.within_mut(account_id)?.join(room_id, member_id, membership.clone());
    Ok(membership)
}

/// Adds users and bots to a room. Items succeed or fail independently.
fn batch_create_room_membership(
    call: &mut Call<'_>,
    request: BatchCreateRoomMembershipRequest,
) -> Result<BatchCreateRoomMembershipResponse> {
    let BatchCreateRoomMembershipRequest { account_id, room_id, .. } = request;
    let items = request.membership_item_list;
    require_items(&items, "MembershipItemList")?;
    if let Some(i) = items.iter().position(|item| item.member_id.is_none()) {
        return Err(bad_request(format!("MembershipItemList[{i}].MemberId: is required")));
    }
    call.tenant.enterprise(&account_id)?.below.room(&room_id)?;

    let errors: Vec<MemberError> = call.each(
        items.into_iter().filter_map(|item| Some((item.member_id?, item.role))),
        |(id, _)| id.clone(),
        |call, (id, role)| add_member(call, &account_id, &room_id, id, role).map(drop),
    );
    Ok(BatchCreateRoomMembershipResponse::default().errors(errors))
}

fn list_room_memberships(
    call: &mut Call<'_>,
    request: ListRoomMembershipsRequest,
) -> Result<ListRoomMembershipsResponse> {
    let list = call.list(&request, call.rules.room_page_size)?;
    let room = call.tenant.enterprise(&request.account_id)?.below.room(&request.room_id)?;
    Ok(list.page(room.below.members.after(list.after()), |member| member.value.clone()))
}

/// Changes the role of a user in a room if `Role` is set. Roles of bots cannot be changed.
fn update_room_membership(
    call: &mut Call<'_>,
    request: UpdateRoomMembershipRequest,
) -> Result<UpdateRoomMembershipResponse> {
    let within = call.tenant.enterprise_mut(&request.account_id)?;
    let members = &mut within.within_room_mut(&request.room_id)?.members;
    let membership = members.get_mut(&request.member_id).ok_or_else(|| not_found("Member"))?;
    let member_type = membership.member.as_ref().and_then(|member| member.member_type.as_ref());
    if member_type != Some(&MemberType::User) {
        return Err(bad_request("Only the role of a user can be changed"));
    }
    if request.role.is_some() {
        membership.role = request.role;
        membership.updated_timestamp = Some(call.now);
    }
    Ok(UpdateRoomMembershipResponse::default().room_membership(membership.clone()))
}

fn delete_room_membership(call: &mut Call<'_>, request: DeleteRoomMembershipRequest) -> Result<()> {
    let DeleteRoomMembershipRequest { account_id, room_id, member_id, .. } = &request;
    call.tenant.enterprise_mut(account_id)?.leave(room_id, member_id)
}

#[cfg(test)]
mod tests;
