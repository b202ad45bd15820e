"""Isolation: resources of one AWS account do not exist for another."""

from checks import equal, true
from lives.phones import encoded, owned, released
from world import SEED, Organisation, World


def accounts(world: World) -> None:
    """Neither AWS account finds resources of the other."""
    ops, other = world.caller(), world.caller("AKIDOTHER")
    northwind, westfield = Organisation("Northwind"), Organisation("Westfield")
    equal([one["AccountId"] for one in other.list_accounts()["Accounts"]], [westfield.id])
    true(westfield.id not in [one["AccountId"] for one in ops.list_accounts()["Accounts"]],
         "accounts of others are not listed")
    equal(ops.list_accounts(UserEmail="ida@westfield.example")["Accounts"], [])
    equal(world.caller("AKIDROLE").get_account(AccountId=northwind.id),
          ops.get_account(AccountId=northwind.id), "the account as another role sees it")

    missing = ops.fails("NotFoundException")
    of, ida = {"AccountId": westfield.id}, westfield.user("ida")
    missing.get_account(**of)
    missing.update_account(**of, Name="Mine")
    missing.delete_account(**of)
    missing.list_users(**of)
    missing.get_user(**of, UserId=ida)
    missing.batch_suspend_user(**of, UserIdList=[ida])
    missing.create_room(**of, Name="Mine")
    missing.list_rooms(**of)
    missing.create_bot(**of, DisplayName="mine")
    missing.get_retention_settings(**of)
    # A user of another AWS account is not found in an account of the caller's.
    mine = {"AccountId": northwind.id}
    missing.get_user(**mine, UserId=ida)
    room = ops.create_room(**mine, Name="Ours")["Room"]["RoomId"]
    missing.create_room_membership(**mine, RoomId=room, MemberId=ida)
    theirs = other.create_room(**of, Name="Theirs")["Room"]["RoomId"]
    missing.get_room(**mine, RoomId=theirs)
    other.fails("NotFoundException").get_room(**of, RoomId=room)
    ops.delete_room(**mine, RoomId=room)
    other.delete_room(**of, RoomId=theirs)


def inventory(world: World) -> None:
    """Numbers and orders belong to one AWS account."""
    ops, other = world.caller(), world.caller("AKIDOTHER")
    [number] = owned(world, 1)
    latest = ops.pages("list_phone_number_orders", "PhoneNumberOrders")[-1]
    equal(other.list_phone_number_orders()["PhoneNumberOrders"], [])
    equal([one["E164PhoneNumber"] for one in other.list_phone_numbers()["PhoneNumbers"]],
          ["+12065550199"])
    missing = other.fails("NotFoundException")
    missing.get_phone_number_order(PhoneNumberOrderId=latest["PhoneNumberOrderId"])
    missing.get_phone_number(PhoneNumberId=number)
    missing.update_phone_number(PhoneNumberId=number, ProductType="VoiceConnector")
    missing.delete_phone_number(PhoneNumberId=number)
    errors = other.batch_delete_phone_number(PhoneNumberIds=[encoded(number)])
    equal([one["ErrorCode"] for one in errors["PhoneNumberErrors"]], ["NotFound"])
    westfield = Organisation("Westfield")
    missing.associate_phone_number_with_user(
        AccountId=westfield.id, UserId=westfield.user("ida"), E164PhoneNumber=number)
    meeting = SEED["AwsAccounts"][0]["Meetings"][0]
    other.fails("ForbiddenException").create_meeting_dial_out(
        MeetingId=meeting["MeetingId"], JoinToken=meeting["JoinTokens"][0],
        FromPhoneNumber="+12065550199", ToPhoneNumber="+14255550123")
    released(world, [number])


LIVES = [accounts, inventory]
