"""Enterprise accounts: users, directories, retention and redaction."""

from datetime import timedelta

from checks import equal, subset, true
from world import NOBODY, NOWHERE, Organisation, World


def users(world: World) -> None:
    """In an account with claimed domains, users are created, suspended and restored."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    made = ops.create_user(**of, Username="Front desk", Email="desk+1@north.example",
                           UserType="SharedDevice")["User"]
    subset(made, UserRegistrationStatus="Registered", UserType="SharedDevice", InvitedOn=None,
           UserInvitationStatus=None, DisplayName="Front desk", LicenseType="Pro")
    plain = ops.create_user(**of, Email="plain@northwind.example")["User"]
    subset(plain, UserType="PrivateUser")
    conflict = ops.fails("ConflictException")
    conflict.create_user(**of, Email="Desk+1@north.example")
    for wrong in ({"Email": "x@elsewhere.example"}, {"Email": "x@b"}, {}):
        ops.fails("BadRequestException").create_user(**of, **wrong)
    shared = ops.list_users(**of, UserType="SharedDevice")["Users"]
    equal([user["UserId"] for user in shared], [made["UserId"]])
    found = ops.list_users(**of, UserEmail="desk+1@north.example")["Users"]
    equal([user["UserId"] for user in found], [made["UserId"]])

    ids = [made["UserId"], NOBODY, made["UserId"]]
    errors = ops.batch_suspend_user(**of, UserIdList=ids)["UserErrors"]
    equal([error["UserId"] for error in errors], [NOBODY])
    one = {**of, "UserId": made["UserId"]}
    subset(ops.get_user(**one)["User"], UserRegistrationStatus="Suspended")
    ops.fails("BadRequestException").reset_personal_pin(**one)
    back = ops.batch_unsuspend_user(**of, UserIdList=[plain["UserId"], *ids])["UserErrors"]
    equal([(error["UserId"], error["ErrorCode"]) for error in back], [(NOBODY, "NotFound")])
    subset(ops.get_user(**one)["User"], UserRegistrationStatus="Registered")
    for method in ("batch_suspend_user", "batch_unsuspend_user"):
        for count in (0, 51):
            wrong = ops.fails("BadRequestException")
            getattr(wrong, method)(**of, UserIdList=[NOBODY] * count)
    ops.fails("ForbiddenException").invite_users(**of, UserEmailList=["x@elsewhere.example"])
    ops.fails("NotFoundException").logout_user(**of, UserId=NOBODY)
    ops.fails("UnprocessableEntityException").delete_account(**of)


def directory(world: World) -> None:
    """The directory groups decide who is in the account, and with which licence."""
    ops, southgate = world.caller(), Organisation("Southgate")
    of = {"AccountId": southgate.id}
    eve = southgate.user("eve")
    forbidden = ops.fails("ForbiddenException")
    forbidden.batch_suspend_user(**of, UserIdList=[eve])
    forbidden.batch_unsuspend_user(**of, UserIdList=[eve])
    forbidden.update_user(**of, UserId=eve, LicenseType="Basic")

    def groups() -> list[str]:
        told = ops.get_account(**of)["Account"].get("SigninDelegateGroups", [])
        return [group["GroupName"] for group in told]

    equal(groups(), ["Helpdesk"])
    more = [{"GroupName": name} for name in ("Front desk", "Helpdesk", "Nights")]
    ops.associate_signin_delegate_groups_with_account(**of, SigninDelegateGroups=more)
    equal(groups(), ["Helpdesk", "Front desk", "Nights"])
    # The request has objects, and the response plain names.
    gone = ["Helpdesk", "Nobody's"]
    ops.disassociate_signin_delegate_groups_from_account(**of, GroupNames=gone)
    equal(groups(), ["Front desk", "Nights"])
    wrong = ops.fails("BadRequestException")
    wrong.associate_signin_delegate_groups_with_account(**of, SigninDelegateGroups=[{}])
    forbidden.associate_signin_delegate_groups_with_account(
        AccountId=Organisation("Northwind").id, SigninDelegateGroups=more)
    missing = ops.fails("NotFoundException")
    missing.disassociate_signin_delegate_groups_from_account(AccountId=NOWHERE, GroupNames=gone)


def retention(world: World) -> None:
    """Retention is set and removed; messages are deleted after 30 more days."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}

    def put(**settings: dict) -> dict:
        ops.put_retention_settings(**of, RetentionSettings=settings)
        return ops.get_retention_settings(**of)

    never = ops.get_retention_settings(**of)
    equal(never, {"RetentionSettings": {
        "RoomRetentionSettings": {}, "ConversationRetentionSettings": {}}})
    rooms = {"RoomRetentionSettings": {"RetentionDays": 365}}
    came = put(**rooms)
    equal(came["RetentionSettings"], {**rooms, "ConversationRetentionSettings": {}})
    until = came["InitiateDeletionTimestamp"] - world.control.now()
    true(abs(until - timedelta(days=30)) < timedelta(minutes=1), f"30 days, not {until}")
    conversations = {"ConversationRetentionSettings": {"RetentionDays": 5475}}
    equal(put(**conversations)["RetentionSettings"], {**rooms, **conversations})
    for days in (0, 5476):
        # boto3 itself refuses values below the minimum.
        if days:
            ops.fails("BadRequestException").put_retention_settings(
                **of, RetentionSettings={"RoomRetentionSettings": {"RetentionDays": days}})
    equal(put(RoomRetentionSettings={}, ConversationRetentionSettings={}), never)
    ops.fails("NotFoundException").get_retention_settings(AccountId=NOWHERE)
    missing = ops.fails("NotFoundException")
    missing.put_retention_settings(AccountId=NOWHERE, RetentionSettings=rooms)


def redaction(world: World) -> None:
    """Messages can be redacted, even twice."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    said = northwind.seed["RoomMessages"][0]
    message = {**of, "RoomId": said["RoomId"], "MessageId": said["MessageId"]}
    said = northwind.seed["ConversationMessages"][0]
    talk = {**of, "ConversationId": said["ConversationId"], "MessageId": said["MessageId"]}
    for _ in range(2):
        equal(ops.redact_room_message(**message), {})
        equal(ops.redact_conversation_message(**talk), {})
    missing = ops.fails("NotFoundException")
    missing.redact_room_message(**{**message, "MessageId": NOWHERE})
    missing.redact_room_message(**{**message, "RoomId": NOWHERE})
    missing.redact_conversation_message(**{**talk, "MessageId": NOWHERE})
    missing.redact_conversation_message(**{**talk, "ConversationId": NOWHERE})


LIVES = [users, directory, retention, redaction]
