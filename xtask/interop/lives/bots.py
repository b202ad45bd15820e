"""Bots of an Enterprise account, and their events configuration."""

from checks import equal, subset, true
from world import NOWHERE, Organisation, World

LAMBDA = "arn:aws:lambda:us-east-1:222233334444:function:oncall"


def bots(world: World) -> None:
    """A bot is created, stopped and gets new tokens; bots cannot be deleted."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    made = ops.create_bot(**of, DisplayName="on call", Domain="north.example")["Bot"]
    subset(made, DisplayName="on call (Bot)", BotEmail="oncall-chimebot@north.example",
           BotType="ChatBot", Disabled=False, UserId=made["BotId"],
           UpdatedTimestamp=made["CreatedTimestamp"])
    bot = {**of, "BotId": made["BotId"]}
    equal(ops.get_bot(**bot)["Bot"], made)

    world.control.advance(1)
    stopped = ops.update_bot(**bot, Disabled=True)["Bot"]
    subset(stopped, Disabled=True)
    true(stopped["UpdatedTimestamp"] > made["UpdatedTimestamp"], "the update moves its time")
    equal(ops.update_bot(**bot)["Bot"], stopped, "after an update of nothing")
    ops.update_bot(**bot, Disabled=False)
    token = ops.regenerate_security_token(**bot)["Bot"]["SecurityToken"]
    true(token != made["SecurityToken"], "the token is a new one")
    equal(ops.get_bot(**bot)["Bot"]["SecurityToken"], token)

    wrong = ops.fails("BadRequestException")
    wrong.create_bot(**of, DisplayName="on call", Domain="north.example")
    wrong.create_bot(**of, DisplayName="x", Domain="elsewhere.example")
    wrong.create_bot(**of, DisplayName="x" * 56)
    missing = ops.fails("NotFoundException")
    nobot = {**of, "BotId": NOWHERE}
    missing.get_bot(**nobot)
    missing.update_bot(**nobot, Disabled=True)
    missing.regenerate_security_token(**nobot)
    missing.list_bots(AccountId=NOWHERE)

    # Default: the first claimed domain.
    first = ops.create_bot(**of, DisplayName="bot0")["Bot"]
    subset(first, BotEmail="bot0-chimebot@northwind.example")
    for number in range(1, 9):
        ops.create_bot(**of, DisplayName=f"bot{number}")
    ops.fails("ResourceLimitExceededException").create_bot(**of, DisplayName="eleventh")
    everyone = ops.pages("list_bots", "Bots", 3, **of)
    equal([one["BotId"] for one in everyone[:2]], [made["BotId"], first["BotId"]])
    equal(len(everyone), 10, "bots")
    equal(ops.list_bots(**of).get("NextToken"), None, "ten are one page")
    equal(everyone[0]["SecurityToken"], token)
    events(world, bot)
    in_rooms(world, bot)


def events(world: World, bot: dict) -> None:
    """A bot has at most one destination of events; removing it twice is no error."""
    ops = world.caller()
    missing = ops.fails("NotFoundException")
    missing.get_events_configuration(**bot)
    endpoint = {"OutboundEventsHTTPSEndpoint": "https://events.example/chime"}
    for settings in (endpoint, {"LambdaFunctionArn": LAMBDA},
                     {**endpoint, "LambdaFunctionArn": LAMBDA}):
        put = ops.put_events_configuration(**bot, **settings)["EventsConfiguration"]
        equal(put, {"BotId": bot["BotId"], **settings})
        equal(ops.get_events_configuration(**bot)["EventsConfiguration"], put)
    for wrong in ({}, {"OutboundEventsHTTPSEndpoint": "http://events.example/chime"}):
        ops.fails("BadRequestException").put_events_configuration(**bot, **wrong)
    for _ in range(2):
        ops.delete_events_configuration(**bot)
    nobot = {**bot, "BotId": NOWHERE}
    missing.get_events_configuration(**bot)
    missing.put_events_configuration(**nobot, **endpoint)


def in_rooms(world: World, bot: dict) -> None:
    """Only an enabled bot with an events configuration can be added to a room."""
    ops = world.caller()
    of = {"AccountId": bot["AccountId"]}
    room = {**of, "RoomId": ops.create_room(**of, Name="With a bot")["Room"]["RoomId"]}
    member = {**room, "MemberId": bot["BotId"]}
    wrong = ops.fails("BadRequestException")
    wrong.create_room_membership(**member)
    ops.put_events_configuration(**bot, LambdaFunctionArn=LAMBDA)
    ops.update_bot(**bot, Disabled=True)
    wrong.create_room_membership(**member)
    ops.update_bot(**bot, Disabled=False)
    wrong.create_room_membership(**member, Role="Administrator")
    made = ops.create_room_membership(**member)["RoomMembership"]
    subset(made["Member"], MemberType="Bot", Email="oncall-chimebot@north.example",
           FullName="on call (Bot)")
    wrong.update_room_membership(**member, Role="Administrator")
    found = ops.list_rooms(**of, MemberId=bot["BotId"])["Rooms"]
    equal([one["RoomId"] for one in found], [room["RoomId"]])
    ops.delete_room_membership(**member)
    ops.delete_room(**room)
    ops.delete_events_configuration(**bot)


LIVES = [bots]
