"""Lists page by page, while items are created and deleted."""

from collections.abc import Callable
from typing import Any

from checks import equal, true
from lives.phones import owned, released
from world import Organisation, World


def follow(
    caller: Any,
    method: str,
    items: str,
    key: Callable[[dict], str],
    between: Callable[[list[str]], None],
    **sent: Any,
) -> list[str]:
    """Lists keys with two items per page, and calls `between` once after the first page."""
    list_page = getattr(caller, method)
    page = list_page(**sent, MaxResults=2)
    found = [key(item) for item in page[items]]
    between(found)
    while page.get("NextToken"):
        page = list_page(**sent, MaxResults=2, NextToken=page["NextToken"])
        found += [key(item) for item in page[items]]
    return found


def rooms(world: World) -> None:
    """Rooms before, at and after the end of a page are deleted, and another one is created."""
    ops = world.caller()
    of = {"AccountId": Organisation("Northwind").id}
    before = [room["RoomId"] for room in ops.list_rooms(**of)["Rooms"]]
    made = [ops.create_room(**of, Name=f"Room {n}")["Room"]["RoomId"] for n in range(6)]
    all_ids = before + made
    late: list[str] = []

    def between(found: list[str]) -> None:
        equal(found, all_ids[:2])
        for room in (all_ids[1], all_ids[2]):
            ops.delete_room(**of, RoomId=room)
        late.append(ops.create_room(**of, Name="Late")["Room"]["RoomId"])

    found = follow(ops, "list_rooms", "Rooms", lambda room: room["RoomId"], between, **of)
    equal(found, all_ids[:2] + all_ids[3:] + late)
    for room in all_ids[3:] + late:
        ops.delete_room(**of, RoomId=room)


def tokens(world: World) -> None:
    """A page token is only valid for the list that returned it."""
    ops = world.caller()
    of = {"AccountId": Organisation("Northwind").id}
    for number in range(2):
        ops.create_room(**of, Name=f"Token {number}")
    token = {"NextToken": ops.list_rooms(**of, MaxResults=1)["NextToken"]}
    wrong = ops.fails("BadRequestException")
    wrong.list_rooms(**of, NextToken="made up = + /")
    wrong.list_users(**of, **token)
    # The size of a page may change between pages.
    true(len(ops.list_rooms(**of, **token)["Rooms"]) >= 1, "the remaining rooms are listed")
    for method, most in (("list_rooms", 99), ("list_bots", 99), ("list_users", 200)):
        getattr(wrong, method)(**of, MaxResults=most + 1)
        getattr(ops, method)(**of, MaxResults=most)
    for method, most in (("list_accounts", 200), ("list_phone_numbers", 99),
                         ("list_phone_number_orders", 99)):
        getattr(wrong, method)(MaxResults=most + 1)
        getattr(ops, method)(MaxResults=most)


def users(world: World) -> None:
    """The two paginators of boto3 work."""
    ops = world.caller()
    name = "Pages of users"
    accounts = [ops.create_account(Name=name)["Account"]["AccountId"] for _ in range(3)]
    pages = ops.client.get_paginator("list_accounts").paginate(
        Name=name, PaginationConfig={"PageSize": 2})
    found = [[one["AccountId"] for one in page["Accounts"]] for page in pages]
    equal(found, [accounts[:2], accounts[2:]])

    of = {"AccountId": accounts[0]}
    mails = [f"page{n:03}@elsewhere.example" for n in range(110)]
    for start in range(0, len(mails), 50):
        ops.invite_users(**of, UserEmailList=mails[start : start + 50])
    pages = ops.client.get_paginator("list_users").paginate(**of)
    equal([len(page["Users"]) for page in pages], [100, 10])
    everyone = ops.pages("list_users", "Users", 50, **of)
    equal([user["PrimaryEmail"] for user in everyone], mails)

    def between(found: list[str]) -> None:
        ops.batch_suspend_user(**of, UserIdList=found)

    first = [user["UserId"] for user in everyone]
    found = follow(ops, "list_users", "Users", lambda user: user["UserId"], between, **of)
    equal(found, first, "users, the first of whom was deleted between pages")
    for account in accounts:
        ops.delete_account(AccountId=account)


def members(world: World) -> None:
    """Members are removed from a room between pages."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    room = {**of, "RoomId": ops.create_room(**of, Name="Full")["Room"]["RoomId"]}
    made = [ops.create_user(**of, Email=f"member{n}@northwind.example")["User"]["UserId"]
            for n in range(5)]
    for member in made:
        ops.create_room_membership(**room, MemberId=member)

    def between(found: list[str]) -> None:
        equal(found, made[:2])
        ops.delete_room_membership(**room, MemberId=made[1])
        ops.delete_room_membership(**room, MemberId=made[3])

    found = follow(ops, "list_room_memberships", "RoomMemberships",
                   lambda one: one["Member"]["MemberId"], between, **room)
    equal(found, made[:3] + made[4:])
    ops.delete_room(**room)


def numbers(world: World) -> None:
    """Numbers are deleted and released between pages."""
    ops = world.caller()
    ours = owned(world, 5, "425")

    def between(found: list[str]) -> None:
        equal(found, ours[:2])
        released(world, [ours[1], ours[2]])

    found = follow(ops, "list_phone_numbers", "PhoneNumbers",
                   lambda number: number["E164PhoneNumber"], between)
    equal(found, ours[:2] + ours[3:])
    released(world, [ours[0], *ours[3:]])


LIVES = [rooms, tokens, users, members, numbers]
