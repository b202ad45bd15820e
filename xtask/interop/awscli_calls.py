"""Calls every operation, and provokes every exception, of each service with the AWS CLI.

All commands run in this process, which loads the code of the AWS CLI once.

The first argument is the URL of the emulator.
"""

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

from awscli.clidriver import create_clidriver

import awscli_meetings
import awscli_pipelines
from awscli_command import Aws
from checks import equal, true
from lives import meetings, pipelines
from world import DAY, NOWHERE, SEED, SERVICES, Control, Organisation, World

LAMBDA = "arn:aws:lambda:us-east-1:222233334444:function:oncall"
PHONE = "+12065550110"
MEETING = SEED["AwsAccounts"][0]["Meetings"][0]

# Calls for faults. No single operation models all exceptions.
_OF = ("--account-id", NOWHERE)
PROBES = {
    "CreateRoomMembership":
        ("create-room-membership", *_OF, "--room-id", NOWHERE, "--member-id", NOWHERE),
    "CreatePhoneNumberOrder":
        ("create-phone-number-order", "--product-type", "BusinessCalling",
         "--e164-phone-numbers", PHONE),
    "DeleteAccount": ("delete-account", *_OF),
}


def accounts(aws: Aws) -> None:
    made = aws("create-account", "--name", "Lakeside Desk")["Account"]
    of = ("--account-id", made["AccountId"])
    equal(aws("get-account", *of)["Account"], made)
    renamed = aws("update-account", *of, "--name", "Lakeside Help")["Account"]
    equal(renamed["Name"], "Lakeside Help")
    names = aws.text("list-accounts", "--page-size", "1", "--output", "text",
                     "--query", "Accounts[].Name")
    true("Lakeside Help" in names.split("\t")[-1], "the newest account is the last")
    page = aws("list-accounts", "--max-items", "1")
    rest = aws("list-accounts", "--starting-token", page["NextToken"])["Accounts"]
    equal(rest[-1]["AccountId"], made["AccountId"])

    aws("update-account-settings", *of, "--account-settings", "DisableRemoteControl=true")
    equal(aws("get-account-settings", *of)["AccountSettings"],
          {"DisableRemoteControl": True, "EnableDialOut": False})
    aws("invite-users", *of, "--user-email-list", "a@elsewhere.example", "b@elsewhere.example")
    users = aws("list-users", *of, "--page-size", "1")["Users"]
    equal(len(users), 2, "users")
    ids = [user["UserId"] for user in users]
    items = [f"UserId={id},LicenseType=Basic" for id in (ids[0], NOWHERE)]
    errors = aws("batch-update-user", *of, "--update-user-request-items", *items)["UserErrors"]
    equal([error["ErrorCode"] for error in errors], ["NotFound"])
    equal(aws("batch-suspend-user", *of, "--user-id-list", *ids), {"UserErrors": []})
    aws.fails("ForbiddenException", "list-rooms", *of)
    aws("delete-account", *of)
    aws.fails("NotFoundException", "get-account", *of)


def users(aws: Aws) -> None:
    northwind, southgate = Organisation("Northwind"), Organisation("Southgate")
    of = ("--account-id", northwind.id)
    made = aws("create-user", *of, "--email", "desk@north.example",
               "--user-type", "SharedDevice")["User"]
    one = (*of, "--user-id", made["UserId"])
    aws.fails("ConflictException", "create-user", *of, "--email", "desk@north.example")
    equal(aws("update-user", *one, "--license-type", "Basic")["User"]["UserId"], made["UserId"])
    equal(aws("get-user", *one)["User"]["LicenseType"], "Basic")
    telephony = {"InboundCalling": True, "OutboundCalling": False, "SMS": False}
    aws("update-user-settings", *one, "--user-settings", json.dumps({"Telephony": telephony}))
    equal(aws("get-user-settings", *one)["UserSettings"]["Telephony"], telephony)
    aws("reset-personal-pin", *one)
    aws("logout-user", *one)
    ids = ("--user-id-list", made["UserId"])
    aws("batch-suspend-user", *of, *ids)
    equal(aws("batch-unsuspend-user", *of, *ids), {"UserErrors": []})
    aws.fails("UnprocessableEntityException", "delete-account", *of)

    groups = ("--account-id", southgate.id)
    aws("associate-signin-delegate-groups-with-account", *groups,
        "--signin-delegate-groups", "GroupName=Nights")
    aws("disassociate-signin-delegate-groups-from-account", *groups, "--group-names", "Helpdesk")
    left = aws("get-account", *groups)["Account"]["SigninDelegateGroups"]
    equal(left, [{"GroupName": "Nights"}])

    days = {"RoomRetentionSettings": {"RetentionDays": 30}}
    aws("put-retention-settings", *of, "--retention-settings", json.dumps(days))
    came = aws("get-retention-settings", *of)
    equal(came["RetentionSettings"]["RoomRetentionSettings"]["RetentionDays"], 30)
    said = northwind.seed["RoomMessages"][0]
    aws("redact-room-message", *of, "--room-id", said["RoomId"], "--message-id", said["MessageId"])
    said = northwind.seed["ConversationMessages"][0]
    aws("redact-conversation-message", *of, "--conversation-id", said["ConversationId"],
        "--message-id", said["MessageId"])


def rooms(aws: Aws) -> None:
    northwind = Organisation("Northwind")
    of = ("--account-id", northwind.id)
    ana, bo = northwind.user("ana"), northwind.user("bo")
    given = {"AccountId": northwind.id, "Name": "From a document"}
    made = aws("create-room", "--cli-input-json", json.dumps(given))["Room"]
    room = (*of, "--room-id", made["RoomId"])
    equal(aws("update-room", *room, "--name", "Brücke")["Room"]["Name"], "Brücke")
    equal(aws("get-room", *room)["Room"]["Name"], "Brücke")
    member = (*room, "--member-id", ana)
    aws("create-room-membership", *member)
    aws.fails("ConflictException", "create-room-membership", *member)
    items = f"MemberId={bo},Role=Administrator"
    equal(aws("batch-create-room-membership", *room, "--membership-item-list", items),
          {"Errors": []})
    equal(len(aws("list-room-memberships", *room)["RoomMemberships"]), 2, "members")
    changed = aws("update-room-membership", *member, "--role", "Administrator")
    equal(changed["RoomMembership"]["Role"], "Administrator")
    aws("delete-room-membership", *member)
    equal(len(aws("list-rooms", *of, "--member-id", bo)["Rooms"]), 1, "rooms of a member")
    aws("delete-room", *room)


def bots(aws: Aws) -> None:
    of = ("--account-id", Organisation("Northwind").id)
    made = aws("create-bot", *of, "--display-name", "oncall")["Bot"]
    bot = (*of, "--bot-id", made["BotId"])
    equal(aws("get-bot", *bot)["Bot"], made)
    equal(aws("update-bot", *bot, "--disabled")["Bot"]["Disabled"], True)
    equal(aws("update-bot", *bot, "--no-disabled")["Bot"]["Disabled"], False)
    token = aws("regenerate-security-token", *bot)["Bot"]["SecurityToken"]
    equal([one["SecurityToken"] for one in aws("list-bots", *of)["Bots"]], [token])
    put = aws("put-events-configuration", *bot, "--lambda-function-arn", LAMBDA)
    equal(aws("get-events-configuration", *bot), put)
    aws("delete-events-configuration", *bot)
    aws.fails("NotFoundException", "get-events-configuration", *bot)


def phones(aws: Aws, control: Control) -> None:
    found = aws("search-available-phone-numbers", "--area-code", "206", "--max-results", "99")
    true(PHONE in found["E164PhoneNumbers"], f"{PHONE} is in stock")
    aws.fails("BadRequestException", "search-available-phone-numbers")
    aws("list-supported-phone-number-countries", "--product-type", "BusinessCalling")
    made = aws("create-phone-number-order", "--product-type", "BusinessCalling",
               "--e164-phone-numbers", PHONE)["PhoneNumberOrder"]
    control.advance(60)
    done = aws("get-phone-number-order", "--phone-number-order-id", made["PhoneNumberOrderId"])
    equal(done["PhoneNumberOrder"]["Status"], "Successful")
    equal(len(aws("list-phone-number-orders")["PhoneNumberOrders"]), 1, "orders")

    of = ("--phone-number-id", PHONE)
    number = aws("get-phone-number", *of)["PhoneNumber"]
    # The id in the response is percent-encoded, so it is sent encoded twice.
    again = aws("get-phone-number", "--phone-number-id", number["PhoneNumberId"])
    equal(again["PhoneNumber"], number)
    northwind = Organisation("Northwind")
    user = ("--account-id", northwind.id, "--user-id", northwind.user("ana"))
    aws("associate-phone-number-with-user", *user, "--e164-phone-number", PHONE)
    aws.fails("BadRequestException", "delete-phone-number", *of)
    assigned = aws("list-phone-numbers", "--status", "Assigned")["PhoneNumbers"]
    equal([one["E164PhoneNumber"] for one in assigned], [PHONE])
    call = ("--meeting-id", MEETING["MeetingId"], "--join-token", MEETING["JoinTokens"][0])
    aws("create-meeting-dial-out", *call, "--from-phone-number", PHONE,
        "--to-phone-number", "+14255550123")
    aws("disassociate-phone-number-from-user", *user)

    changed = aws("update-phone-number", *of, "--product-type", "VoiceConnector")["PhoneNumber"]
    equal(changed["ProductType"], "VoiceConnector")
    encoded = PHONE.replace("+", "%2B")
    errors = aws("batch-update-phone-number", "--update-phone-number-request-items",
                 f"PhoneNumberId={encoded},CallingName=Desk")
    equal(errors, {"PhoneNumberErrors": []})
    aws.fails("ConflictException", "update-phone-number", *of, "--calling-name", "Other")
    aws("delete-phone-number", *of)
    equal(aws("restore-phone-number", *of)["PhoneNumber"]["Status"], "Unassigned")
    aws("batch-delete-phone-number", "--phone-number-ids", encoded)
    control.advance(7 * DAY + 60)
    aws.fails("NotFoundException", "get-phone-number", *of)

    aws("update-phone-number-settings", "--calling-name", "Northwind")
    equal(aws("get-phone-number-settings")["CallingName"], "Northwind")
    aws("update-global-settings", "--business-calling", "CdrBucket=calls")
    equal(aws("get-global-settings")["BusinessCalling"], {"CdrBucket": "calls"})


def real_process() -> None:
    """Runs the real command once, to check that it behaves the same."""
    aws = Path(sys.executable).with_name("aws")
    command = [sys.executable, aws, "chime", "list-accounts", "--query", "Accounts[0].Name"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    true(json.loads(done.stdout), "an account has a name")


def main(url: str) -> int:
    key = SEED["Credentials"][0]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "eu-central-1",
        # One attempt, so that every fault is visible.
        "AWS_MAX_ATTEMPTS": "1",
    }
    for service, path in SERVICES.items():
        name = service.upper().replace("-", "_")
        os.environ[f"AWS_ENDPOINT_URL_{name}"] = url + path
    driver, world = create_clidriver(), World(url)
    services = {service: Aws(driver, service) for service in SERVICES}
    aws, control = services["chime"], world.control
    try:
        accounts(aws)
        users(aws)
        rooms(aws)
        bots(aws)
        phones(aws, control)
        aws.faults(control, PROBES)
        real_process()
        awscli_meetings.calls(services[meetings.SERVICE], world)
        awscli_pipelines.calls(services[pipelines.SERVICE], world)
        for aws in services.values():
            aws.complete()
    except Exception:
        traceback.print_exc()
        for aws in services.values():
            print(aws.last, file=sys.stderr)
        return 1
    called = sum(len(aws.called) for aws in services.values())
    print(f"{called} operations, {sum(aws.met.total() for aws in services.values())} errors")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
