"""Team accounts, from creation to deletion, and features that they do not have."""

from checks import equal, subset, true
from world import NOBODY, NOWHERE, Organisation, World

NOT_ENTERPRISE = "not an Enterprise Chime Account"


def account(world: World) -> None:
    """An account is created, read, changed and deleted."""
    ops = world.caller()
    made = ops.create_account(Name="Lakeside Desk")["Account"]
    subset(made, Name="Lakeside Desk", AccountType="Team", AccountStatus="Active",
           AwsAccountId="222233334444", DefaultLicense="Pro", SupportedLicenses=["Basic", "Pro"])
    of = {"AccountId": made["AccountId"]}
    equal(ops.get_account(**of)["Account"], made)

    changed = ops.update_account(**of, Name="Lakeside Help", DefaultLicense="Basic")["Account"]
    equal(changed, {**made, "Name": "Lakeside Help", "DefaultLicense": "Basic"})
    equal(ops.update_account(**of)["Account"], changed, "after an update of nothing")
    for wrong in ({"DefaultLicense": "Plus"}, {"DefaultLicense": "Gold"}, {"Name": "x" * 101}):
        ops.fails("BadRequestException").update_account(**of, **wrong)
    ops.fails("BadRequestException").create_account(Name=" ")

    # Names are not unique, and the filter matches a prefix.
    twin = ops.create_account(Name="Lakeside Help")["Account"]["AccountId"]
    found = ops.list_accounts(Name="Lakeside H")["Accounts"]
    equal([one["AccountId"] for one in found], [made["AccountId"], twin])
    equal(ops.list_accounts(Name="lakeside H")["Accounts"], [])
    ops.delete_account(AccountId=twin)

    ops.delete_account(**of)
    equal(ops.list_accounts(Name="Lakeside")["Accounts"], [])
    ops.fails("NotFoundException").get_account(**of)
    ops.fails("NotFoundException").delete_account(**of)
    # The model requires a GUID only for some ids; an invalid id of another kind is not found.
    ops.fails("NotFoundException").get_account(AccountId="a/b c é")


def invitations(world: World) -> None:
    """Users of a Team account are invited and suspended."""
    ops = world.caller()
    of = {"AccountId": ops.create_account(Name="Inviters")["Account"]["AccountId"]}
    mails = [f"guest{n}+desk@elsewhere.example" for n in range(5)]
    invites = ops.invite_users(**of, UserEmailList=mails, UserType="PrivateUser")["Invites"]
    equal([invite["EmailAddress"] for invite in invites], mails)
    for invite in invites:
        subset(invite, Status="Pending", EmailStatus="Sent")

    # An address in a domain that another organisation has claimed.
    claimed = ops.invite_users(**of, UserEmailList=["zoe@northwind.example"])["Invites"]
    subset(claimed[0], Status="Failed", EmailStatus="NotSent")
    again = ops.invite_users(**of, UserEmailList=mails[:1])["Invites"][0]
    true(again["InviteId"] != invites[0]["InviteId"], "another invitation has another id")
    for wrong in (["nobody"], [*mails, "a@b"], [f"u{n}@elsewhere.example" for n in range(51)], []):
        ops.fails("BadRequestException").invite_users(**of, UserEmailList=wrong)

    users = ops.pages("list_users", "Users", 2, **of)
    equal([user["PrimaryEmail"] for user in users], mails)
    found = ops.list_users(**of, UserEmail=mails[3].upper())["Users"]
    equal([user["UserId"] for user in found], [users[3]["UserId"]])
    equal(ops.list_users(**of, UserEmail="guest@elsewhere.example")["Users"], [])
    equal(ops.list_users(**of, UserType="SharedDevice")["Users"], [])
    owners = ops.list_accounts(UserEmail=mails[0])["Accounts"]
    equal([owner["AccountId"] for owner in owners], [of["AccountId"]])

    guest = {**of, "UserId": users[0]["UserId"]}
    subset(ops.get_user(**guest)["User"], UserRegistrationStatus="Unregistered",
           UserInvitationStatus="Pending", PrimaryEmail=mails[0], RegisteredOn=None)
    ops.fails("BadRequestException").reset_personal_pin(**guest)
    ops.logout_user(**guest)

    suspended = ops.batch_suspend_user(**of, UserIdList=[guest["UserId"], NOBODY])["UserErrors"]
    equal([(one["UserId"], one["ErrorCode"]) for one in suspended], [(NOBODY, "NotFound")])
    equal(len(ops.list_users(**of)["Users"]), 4, "users that are left")
    ops.fails("NotFoundException").get_user(**guest)
    ops.invite_users(**of, UserEmailList=mails[:1])
    equal(len(ops.list_users(**of)["Users"]), 5, "users after the new invitation")
    # An account whose users have not accepted the invitation can be deleted.
    ops.delete_account(**of)


def licences(world: World) -> None:
    """Licences change one by one and in batches, whose items succeed or fail separately."""
    ops = world.caller()
    of = {"AccountId": ops.create_account(Name="Licences")["Account"]["AccountId"]}
    ops.invite_users(**of, UserEmailList=[f"u{n}@elsewhere.example" for n in range(3)])
    ids = [user["UserId"] for user in ops.list_users(**of)["Users"]]

    one = {**of, "UserId": ids[0]}
    equal(ops.update_user(**one, LicenseType="Basic")["User"]["UserId"], ids[0])
    subset(ops.get_user(**one)["User"], LicenseType="Basic")
    for wrong in ("Plus", "Gold"):
        ops.fails("BadRequestException").update_user(**one, LicenseType=wrong)
    ops.fails("NotFoundException").update_user(**of, UserId=NOBODY, LicenseType="Basic")

    room = "arn:aws:a4b:us-east-1:222233334444:room/x"
    items = [
        {"UserId": ids[1], "LicenseType": "Basic"},
        {"UserId": NOBODY, "LicenseType": "Basic"},
        {"UserId": ids[2], "LicenseType": "Plus"},
        {"UserId": ids[0], "UserType": "SharedDevice", "AlexaForBusinessMetadata":
            {"IsAlexaForBusinessEnabled": True, "AlexaForBusinessRoomArn": room}},
    ]
    errors = ops.batch_update_user(**of, UpdateUserRequestItems=items)["UserErrors"]
    equal([(error["UserId"], error["ErrorCode"]) for error in errors],
          [(NOBODY, "NotFound"), (ids[2], "BadRequest")])
    equal([ops.get_user(**of, UserId=id)["User"]["LicenseType"] for id in ids],
          ["Basic", "Basic", "Pro"])
    subset(ops.get_user(**one)["User"], UserType="SharedDevice", AlexaForBusinessMetadata={
        "IsAlexaForBusinessEnabled": True, "AlexaForBusinessRoomArn": room})
    many = [{"UserId": NOBODY}] * 21
    ops.fails("BadRequestException").batch_update_user(**of, UpdateUserRequestItems=many)
    equal(ops.batch_update_user(**of, UpdateUserRequestItems=items[:1])["UserErrors"], [])
    ops.delete_account(**of)


def registered(world: World) -> None:
    """A Team account can only be deleted without registered users."""
    ops, harbour = world.caller(), Organisation("Harbour")
    of = {"AccountId": harbour.id}
    gil = {**of, "UserId": harbour.user("gil")}
    pin = ops.get_user(**gil)["User"]["PersonalPIN"]
    new = ops.reset_personal_pin(**gil)["User"]["PersonalPIN"]
    true(new != pin and len(new) == 10 and new.isdigit(), f"{new} is a new PIN")
    equal(ops.get_user(**gil)["User"]["PersonalPIN"], new)
    true("PersonalPIN" not in ops.list_users(**of)["Users"][0], "lists hide PINs")

    ops.fails("UnprocessableEntityException").delete_account(**of)
    equal(ops.batch_suspend_user(**of, UserIdList=[gil["UserId"]])["UserErrors"], [])
    equal(ops.list_users(**of)["Users"], [])
    ops.delete_account(**of)


def not_for_teams(world: World) -> None:
    """Features of Enterprise accounts, and a call that never worked for Team accounts."""
    ops = world.caller()
    of = {"AccountId": ops.create_account(Name="No enterprise")["Account"]["AccountId"]}
    refused = ops.fails("ForbiddenException")
    room = {**of, "RoomId": NOWHERE}
    member = {**room, "MemberId": NOBODY}
    bot = {**of, "BotId": NOWHERE}
    messages = [
        refused.list_rooms(**of),
        refused.create_room(**of, Name="x"),
        refused.get_room(**room),
        refused.update_room(**room, Name="x"),
        refused.delete_room(**room),
        refused.list_room_memberships(**room),
        refused.create_room_membership(**member),
        refused.batch_create_room_membership(**room, MembershipItemList=[{"MemberId": NOBODY}]),
        refused.update_room_membership(**member, Role="Member"),
        refused.delete_room_membership(**member),
        refused.redact_room_message(**room, MessageId=NOWHERE),
        refused.redact_conversation_message(**of, ConversationId=NOWHERE, MessageId=NOWHERE),
        refused.get_retention_settings(**of),
        refused.put_retention_settings(**of, RetentionSettings={}),
        refused.list_bots(**of),
        refused.create_bot(**of, DisplayName="x"),
        refused.get_bot(**bot),
        refused.update_bot(**bot, Disabled=True),
        refused.regenerate_security_token(**bot),
        refused.put_events_configuration(**bot, OutboundEventsHTTPSEndpoint="https://a.example/"),
        refused.get_events_configuration(**bot),
        refused.delete_events_configuration(**bot),
    ]
    for message in messages:
        true(NOT_ENTERPRISE in message and of["AccountId"] in message, f"the reason: {message}")
    refused.batch_unsuspend_user(**of, UserIdList=[NOBODY])
    group = [{"GroupName": "x"}]
    refused.associate_signin_delegate_groups_with_account(**of, SigninDelegateGroups=group)
    message = ops.fails("BadRequestException").create_user(**of, Email="x@elsewhere.example")
    equal(message, "Service received a bad request")
    ops.delete_account(**of)


LIVES = [account, invitations, licences, registered, not_for_teams]
