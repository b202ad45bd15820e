"""Settings of accounts, of users and of a whole AWS account."""

from checks import equal
from world import DAY, NOBODY, NOWHERE, Organisation, World

OFF = {"InboundCalling": False, "OutboundCalling": False, "SMS": False}


def of_accounts(world: World) -> None:
    """Settings that an update omits keep their values."""
    ops = world.caller()
    of = {"AccountId": ops.create_account(Name="Settings")["Account"]["AccountId"]}

    def now(remote_control_off: bool, dial_out: bool) -> None:
        expected = {"DisableRemoteControl": remote_control_off, "EnableDialOut": dial_out}
        equal(ops.get_account_settings(**of)["AccountSettings"], expected)

    now(False, False)
    for change, outcome in (({"DisableRemoteControl": True}, (True, False)),
                            ({"EnableDialOut": True}, (True, True)),
                            ({}, (True, True)),
                            ({"DisableRemoteControl": False}, (False, True))):
        ops.update_account_settings(**of, AccountSettings=change)
        now(*outcome)
    ops.fails("NotFoundException").get_account_settings(AccountId=NOWHERE)
    ops.fails("NotFoundException").update_account_settings(AccountId=NOWHERE, AccountSettings={})
    ops.delete_account(**of)


def of_users(world: World) -> None:
    """All settings of a user are off by default."""
    ops, northwind = world.caller(), Organisation("Northwind")
    ana = {"AccountId": northwind.id, "UserId": northwind.user("ana")}
    equal(ops.get_user_settings(**ana)["UserSettings"], {"Telephony": OFF})
    settings = {"Telephony": {**OFF, "InboundCalling": True, "SMS": True}}
    ops.update_user_settings(**ana, UserSettings=settings)
    equal(ops.get_user_settings(**ana)["UserSettings"], settings)
    nobody = {**ana, "UserId": NOBODY}
    ops.fails("NotFoundException").get_user_settings(**nobody)
    ops.fails("NotFoundException").update_user_settings(**nobody, UserSettings=settings)
    ops.update_user_settings(**ana, UserSettings={"Telephony": OFF})


def of_aws_accounts(world: World) -> None:
    """Destinations of call detail records: an empty object turns one off, and an absent one stays."""
    ops = world.caller()
    nothing = {"BusinessCalling": {}, "VoiceConnector": {}}
    equal(ops.get_global_settings(), nothing)
    business, voice = {"CdrBucket": "calls"}, {"CdrBucket": "voice"}
    ops.update_global_settings(BusinessCalling=business)
    ops.update_global_settings(VoiceConnector=voice)
    ops.update_global_settings()
    equal(ops.get_global_settings(), {"BusinessCalling": business, "VoiceConnector": voice})
    equal(world.caller("AKIDOTHER").get_global_settings(), nothing, "the other AWS account's")
    ops.update_global_settings(BusinessCalling={})
    equal(ops.get_global_settings(), {"BusinessCalling": {}, "VoiceConnector": voice})


def calling_name(world: World) -> None:
    """The default calling name can be changed once in seven days."""
    ops = world.caller()
    equal(ops.get_phone_number_settings(), {})
    for wrong in ("x", "No-hyphens", "sixteen letters!"):
        ops.fails("BadRequestException").update_phone_number_settings(CallingName=wrong)
    ops.update_phone_number_settings(CallingName="Northwind")
    before = ops.get_phone_number_settings()
    equal(before["CallingName"], "Northwind")
    world.control.advance(6 * DAY)
    ops.fails("BadRequestException").update_phone_number_settings(CallingName="Too soon")
    world.control.advance(DAY + 60)
    ops.update_phone_number_settings(CallingName="In time")
    after = ops.get_phone_number_settings()
    equal(after["CallingName"], "In time")
    between = after["CallingNameUpdatedTimestamp"] - before["CallingNameUpdatedTimestamp"]
    equal(between.days, 7, "days between the two")


LIVES = [of_accounts, of_users, of_aws_accounts, calling_name]
