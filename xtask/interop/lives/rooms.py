"""Rooms of an Enterprise account and their members."""

from checks import equal, subset, true
from world import NOBODY, NOWHERE, Organisation, World

CALLER = "arn:aws:iam::222233334444:user/interop"


def rooms(world: World) -> None:
    """A room is created, renamed and deleted."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    made = ops.create_room(**of, Name="Incident bridge")["Room"]
    subset(made, Name="Incident bridge", CreatedBy=CALLER, AccountId=northwind.id,
           UpdatedTimestamp=made["CreatedTimestamp"])
    room = {**of, "RoomId": made["RoomId"]}
    equal(ops.get_room(**room)["Room"], made)
    role = world.caller("AKIDROLE")
    by_role = role.create_room(**of, Name="Incident bridge")["Room"]
    subset(by_role, CreatedBy="arn:aws:sts::222233334444:assumed-role/desk/interop")
    ops.delete_room(**of, RoomId=by_role["RoomId"])

    world.control.advance(1)
    renamed = ops.update_room(**room, Name="Brücke ☂")["Room"]
    true(renamed["UpdatedTimestamp"] > made["UpdatedTimestamp"], "the update moves its time")
    equal(renamed, {**made, "Name": "Brücke ☂", "UpdatedTimestamp": renamed["UpdatedTimestamp"]})
    equal(ops.update_room(**room)["Room"], renamed, "after an update of nothing")
    for wrong in (" ", ""):
        ops.fails("BadRequestException").create_room(**of, Name=wrong)
    ops.fails("NotFoundException").create_room(AccountId=NOWHERE, Name="x")

    ops.delete_room(**room)
    missing = ops.fails("NotFoundException")
    missing.delete_room(**room)
    missing.get_room(**room)
    missing.update_room(**room, Name="x")
    missing.list_room_memberships(**room)


def idempotency(world: World) -> None:
    """Calls with the same token create one room."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    token = {"ClientRequestToken": "once_and-4-all"}
    before = len(ops.list_rooms(**of)["Rooms"])
    first = ops.create_room(**of, Name="Once", **token)["Room"]
    equal(ops.create_room(**of, Name="Once", **token)["Room"], first, "the room of the repeated call")
    equal(len(ops.list_rooms(**of)["Rooms"]), before + 1, "rooms")
    ops.fails("BadRequestException").create_room(**of, Name="Twice", **token)
    for wrong in ("x" * 65, "with space"):
        ops.fails("BadRequestException").create_room(**of, Name="x", ClientRequestToken=wrong)
    # Without a token, boto3 generates one for each call.
    second = ops.create_room(**of, Name="Once")["Room"]
    true(second["RoomId"] != first["RoomId"], "another call creates another room")
    for room in (first, second):
        ops.delete_room(**of, RoomId=room["RoomId"])


def memberships(world: World) -> None:
    """Members are added, changed and removed one by one."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    ana, bo = northwind.user("ana"), northwind.user("bo")
    room = {**of, "RoomId": ops.create_room(**of, Name="Members")["Room"]["RoomId"]}
    made = ops.create_room_membership(**room, MemberId=ana)["RoomMembership"]
    subset(made, RoomId=room["RoomId"], Role="Member", InvitedBy=CALLER, Member={
        "MemberId": ana, "MemberType": "User", "Email": "ana@northwind.example",
        "FullName": "Ana Ferreira", "AccountId": northwind.id})
    ops.fails("ConflictException").create_room_membership(**room, MemberId=ana)
    suspended = northwind.user("cleo")
    ops.fails("BadRequestException").create_room_membership(**room, MemberId=suspended)
    ops.fails("NotFoundException").create_room_membership(**room, MemberId=NOBODY)
    ops.fails("NotFoundException").create_room_membership(**{**room, "RoomId": NOWHERE},
                                                          MemberId=bo)

    changed = ops.update_room_membership(**room, MemberId=ana, Role="Administrator")
    subset(changed["RoomMembership"], Role="Administrator", InvitedBy=CALLER)
    equal(ops.update_room_membership(**room, MemberId=ana), changed, "an update of nothing")
    ops.fails("NotFoundException").update_room_membership(**room, MemberId=bo, Role="Member")
    ops.fails("BadRequestException").update_room_membership(**room, MemberId=ana, Role="Owner")

    def rooms_of(member: str) -> list[str]:
        return [one["RoomId"] for one in ops.list_rooms(**of, MemberId=member)["Rooms"]]

    equal((rooms_of(ana), rooms_of(bo), rooms_of(NOBODY)), ([room["RoomId"]], [], []))
    ops.delete_room_membership(**room, MemberId=ana)
    ops.fails("NotFoundException").delete_room_membership(**room, MemberId=ana)
    equal(rooms_of(ana), [])
    ops.delete_room(**room)


def batches(world: World) -> None:
    """A batch reports the members that failed and adds the others."""
    ops, northwind = world.caller(), Organisation("Northwind")
    of = {"AccountId": northwind.id}
    ana, bo, cleo = (northwind.user(name) for name in ("ana", "bo", "cleo"))
    room = {**of, "RoomId": ops.create_room(**of, Name="Batches")["Room"]["RoomId"]}

    def add(*members: str) -> list[tuple[str, str]]:
        items = [{"MemberId": member, "Role": "Administrator"} for member in members]
        came = ops.batch_create_room_membership(**room, MembershipItemList=items)["Errors"]
        return [(error["MemberId"], error["ErrorCode"]) for error in came]

    equal(add(ana), [])
    equal(add(ana, NOBODY, bo, cleo),
          [(ana, "Conflict"), (NOBODY, "NotFound"), (cleo, "BadRequest")])
    listed = ops.list_room_memberships(**room)["RoomMemberships"]
    equal({one["Member"]["MemberId"]: one["Role"] for one in listed},
          {ana: "Administrator", bo: "Administrator"})
    for wrong in ([{"MemberId": NOBODY}] * 51, [{"Role": "Member"}], []):
        ops.fails("BadRequestException").batch_create_room_membership(
            **room, MembershipItemList=wrong)
    ops.delete_room(**room)


LIVES = [rooms, idempotency, memberships, batches]
