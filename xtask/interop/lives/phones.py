"""Phone numbers, from search to release, and dial-outs from meetings."""

from checks import equal, subset, true
from world import DAY, NOBODY, NOWHERE, SEED, Caller, Organisation, World

BUSINESS = {"ProductType": "BusinessCalling"}
VOICE = {"ProductType": "VoiceConnector"}
CAPABILITIES = ["InboundCall", "OutboundCall", "InboundSMS", "OutboundSMS", "InboundMMS",
                "OutboundMMS"]


def spellings(number: str) -> list[str]:
    """All forms of a number that a request may contain."""
    return [number, number.replace("+", "%2B"), number.removeprefix("+")]


def encoded(number: str) -> str:
    """The id of a number, as the service writes it."""
    return number.replace("+", "%2B")


def stock(ops: Caller, count: int, area: str) -> list[str]:
    """Searches numbers that can be ordered."""
    return ops.search_available_phone_numbers(AreaCode=area, MaxResults=count)["E164PhoneNumbers"]


def order(world: World, numbers: list[str], **product: str) -> dict:
    """Orders numbers, waits, and returns the finished order."""
    ops = world.caller()
    made = ops.create_phone_number_order(**(product or BUSINESS), E164PhoneNumbers=numbers)
    world.control.advance(60)
    of = {"PhoneNumberOrderId": made["PhoneNumberOrder"]["PhoneNumberOrderId"]}
    return ops.get_phone_number_order(**of)["PhoneNumberOrder"]


def owned(world: World, count: int, area: str = "206") -> list[str]:
    """Orders numbers, and returns them."""
    numbers = stock(world.caller(), count, area)
    equal(len(numbers), count, "numbers in stock")
    subset(order(world, numbers), Status="Successful")
    return numbers


def released(world: World, numbers: list[str]) -> None:
    """Deletes numbers and waits until they are released."""
    ids = [encoded(number) for number in numbers]
    equal(world.caller().batch_delete_phone_number(PhoneNumberIds=ids)["PhoneNumberErrors"], [])
    world.control.advance(7 * DAY + 60)


def search(world: World) -> None:
    """Searches follow rules for the United States that do not hold for other countries."""
    ops = world.caller()
    found = stock(ops, 10, "206")
    true(len(set(found)) == 10 and all(n.startswith("+1206") for n in found), f"ten: {found}")
    pages = ops.pages("search_available_phone_numbers", "E164PhoneNumbers", 30, AreaCode="206")
    equal(len(set(pages)), len(pages), "numbers over all pages")
    true("+12065550199" not in pages, "numbers of another AWS account are not found")
    for search in ({"State": "WA"}, {"City": "Seattle", "State": "WA"}, {"TollFreePrefix": "844"},
                   {"TollFreePrefix": "844", "PhoneNumberType": "TollFree", "Country": "US"}):
        came = ops.search_available_phone_numbers(**search)["E164PhoneNumbers"]
        true(came, f"there are numbers for {search}")
    wrong = ops.fails("BadRequestException")
    for search in ({}, {"City": "Seattle"}, {"TollFreePrefix": "801"}, {"Country": "GB"},
                   {"AreaCode": "206", "MaxResults": 501}, {"Country": "gb", "AreaCode": "20"},
                   {"Country": "GB", "AreaCode": "20", "PhoneNumberType": "Local"}):
        wrong.search_available_phone_numbers(**search)
    ops.search_available_phone_numbers(Country="GB", PhoneNumberType="Local")

    def countries(product: str) -> dict[str, list[str]]:
        came = ops.list_supported_phone_number_countries(ProductType=product)
        return {one["CountryCode"]: one["SupportedPhoneNumberTypes"]
                for one in came["PhoneNumberCountries"]}

    equal(countries("BusinessCalling"), {"US": ["Local"]})
    equal(list(countries("VoiceConnector")), ["US"])
    true(len(countries("SipMediaApplicationDialIn")) > 1, "there is more than the United States")
    wrong.list_supported_phone_number_countries(ProductType="Fax")


def orders(world: World) -> None:
    """Orders succeed, succeed partially or fail."""
    ops = world.caller()
    numbers = stock(ops, 3, "253")
    made = ops.create_phone_number_order(**BUSINESS, E164PhoneNumbers=numbers[:2])
    made = made["PhoneNumberOrder"]
    subset(made, ProductType="BusinessCalling")
    equal([one["E164PhoneNumber"] for one in made["OrderedPhoneNumbers"]], numbers[:2])
    world.control.advance(60)
    of = {"PhoneNumberOrderId": made["PhoneNumberOrderId"]}
    done = ops.get_phone_number_order(**of)["PhoneNumberOrder"]
    subset(done, Status="Successful", CreatedTimestamp=made["CreatedTimestamp"])
    equal({one["Status"] for one in done["OrderedPhoneNumbers"]}, {"Acquired"})

    # A number of the caller's, one of another AWS account, and one without plus.
    partial = order(world, [numbers[0], "+12065550199", numbers[2].removeprefix("+")])
    subset(partial, Status="Partial", OrderedPhoneNumbers=[
        {"E164PhoneNumber": numbers[0], "Status": "Failed"},
        {"E164PhoneNumber": "+12065550199", "Status": "Failed"},
        {"E164PhoneNumber": numbers[2], "Status": "Acquired"}])
    failed = order(world, numbers[:1])
    subset(failed, Status="Failed")
    listed = ops.pages("list_phone_number_orders", "PhoneNumberOrders", 1)
    ids = [one["PhoneNumberOrderId"] for one in listed]
    ours = [one["PhoneNumberOrderId"] for one in (done, partial, failed)]
    equal([id for id in ids if id in ours], ours, "the orders, oldest first")

    wrong = ops.fails("BadRequestException")
    toll_free = ops.search_available_phone_numbers(TollFreePrefix="844")["E164PhoneNumbers"][:1]
    for call in ({**BUSINESS, "E164PhoneNumbers": toll_free}, {**BUSINESS, "E164PhoneNumbers": []},
                 {**VOICE, "E164PhoneNumbers": ["+442055550100"]},
                 {**BUSINESS, "E164PhoneNumbers": ["abc"]}):
        wrong.create_phone_number_order(**call)
    wrong.get_phone_number_order(PhoneNumberOrderId="no-guid")
    ops.fails("NotFoundException").get_phone_number_order(PhoneNumberOrderId=NOWHERE)
    many = stock(ops, 26, "425")
    full = ops.fails("ResourceLimitExceededException")
    full.create_phone_number_order(**BUSINESS, E164PhoneNumbers=many)
    released(world, numbers)


def ids(world: World) -> None:
    """A number is accepted in all its forms, in paths and in bodies."""
    ops = world.caller()
    [number] = owned(world, 1)
    for spelling in spellings(number):
        came = ops.get_phone_number(PhoneNumberId=spelling)["PhoneNumber"]
        subset(came, PhoneNumberId=encoded(number), E164PhoneNumber=number, Status="Unassigned",
               Type="Local", Country="US", Associations=[], CallingName=None,
               CallingNameStatus="Unassigned", DeletionTimestamp=None, **BUSINESS)
        equal(came["Capabilities"], dict.fromkeys(CAPABILITIES, True))
        changed = ops.update_phone_number(PhoneNumberId=spelling, **VOICE)["PhoneNumber"]
        subset(changed, PhoneNumberId=encoded(number), **VOICE)
        back = [{"PhoneNumberId": spelling, **BUSINESS}]
        equal(ops.batch_update_phone_number(UpdatePhoneNumberRequestItems=back),
              {"PhoneNumberErrors": []})
        equal(ops.batch_delete_phone_number(PhoneNumberIds=[spelling]), {"PhoneNumberErrors": []})
        equal(ops.restore_phone_number(PhoneNumberId=spelling)["PhoneNumber"]["Status"],
              "Unassigned")
        ops.delete_phone_number(PhoneNumberId=spelling)
        ops.restore_phone_number(PhoneNumberId=spelling)
    for spelling in spellings("+12065550142"):
        ops.fails("NotFoundException").get_phone_number(PhoneNumberId=spelling)
    released(world, [number])


def association(world: World) -> None:
    """A number is associated with a user until it is disassociated."""
    ops, northwind = world.caller(), Organisation("Northwind")
    first, second, voice = owned(world, 3)
    ops.update_phone_number(PhoneNumberId=voice, **VOICE)
    ana = {"AccountId": northwind.id, "UserId": northwind.user("ana")}
    bo = {**ana, "UserId": northwind.user("bo")}
    join = "associate_phone_number_with_user"
    equal(getattr(ops, join)(**ana, E164PhoneNumber=first), {})
    number = ops.get_phone_number(PhoneNumberId=first)["PhoneNumber"]
    equal({one["Name"]: one["Value"] for one in number["Associations"]}, ana)
    subset(number, Status="Assigned")
    subset(ops.get_user(**ana)["User"], PrimaryProvisionedNumber=first)
    wrong, missing = ops.fails("BadRequestException"), ops.fails("NotFoundException")
    for who, what in ((ana, second), (bo, first), (bo, voice)):
        getattr(wrong, join)(**who, E164PhoneNumber=what)
    getattr(missing, join)(**bo, E164PhoneNumber="+12065550142")
    getattr(missing, join)(**{**bo, "UserId": NOBODY}, E164PhoneNumber=second)

    def listed(**filters: str) -> list[str]:
        came = ops.list_phone_numbers(**filters)["PhoneNumbers"]
        return [one["E164PhoneNumber"] for one in came]

    of_ana = {"FilterName": "UserId", "FilterValue": ana["UserId"]}
    equal(listed(**of_ana), [first])
    equal(listed(FilterName="AccountId", FilterValue=northwind.id), [first])
    equal(listed(**of_ana, Status="Unassigned"), [])
    equal(listed(Status="Assigned"), [first])
    equal(sorted(listed(Status="Unassigned", **BUSINESS)), [second])
    equal(listed(**VOICE), [voice])
    for half in ({"FilterName": "UserId"}, {"FilterValue": "x"}, {"Status": "Lost"}):
        wrong.list_phone_numbers(**half)

    wrong.delete_phone_number(PhoneNumberId=first)
    wrong.update_phone_number(PhoneNumberId=first, **VOICE)
    errors = ops.batch_delete_phone_number(
        PhoneNumberIds=[encoded(first), "%2B12065550142", encoded(second)])["PhoneNumberErrors"]
    equal([(one["PhoneNumberId"], one["ErrorCode"]) for one in errors],
          [(encoded(first), "BadRequest"), ("%2B12065550142", "NotFound")])
    ops.restore_phone_number(PhoneNumberId=second)
    equal(ops.disassociate_phone_number_from_user(**ana), {})
    missing.disassociate_phone_number_from_user(**ana)
    subset(ops.get_phone_number(PhoneNumberId=first)["PhoneNumber"], Associations=[],
           Status="Unassigned")
    subset(ops.get_user(**ana)["User"], PrimaryProvisionedNumber=None)
    released(world, [first, second, voice])


def calling_names(world: World) -> None:
    """An update of a calling name takes up to 72 hours, one at a time."""
    ops = world.caller()
    first, second = owned(world, 2)
    pending = ops.update_phone_number(PhoneNumberId=first, CallingName="Front desk")
    subset(pending["PhoneNumber"], CallingNameStatus="UpdateInProgress", CallingName=None)
    ops.fails("ConflictException").update_phone_number(PhoneNumberId=first, CallingName="Other")
    items = [
        {"PhoneNumberId": encoded(first), "CallingName": "Other"},
        {"PhoneNumberId": encoded(second), "CallingName": "Back office"},
        {"PhoneNumberId": "%2B12065550142", "CallingName": "Nowhere"},
        {"PhoneNumberId": encoded(second), **VOICE, "CallingName": "Both"},
    ]
    errors = ops.batch_update_phone_number(UpdatePhoneNumberRequestItems=items)
    equal([(one["PhoneNumberId"], one["ErrorCode"]) for one in errors["PhoneNumberErrors"]],
          [(encoded(first), "Conflict"), ("%2B12065550142", "NotFound"),
           (encoded(second), "BadRequest")])
    world.control.advance(3 * DAY + 60)
    for number, name in ((first, "Front desk"), (second, "Back office")):
        subset(ops.get_phone_number(PhoneNumberId=number)["PhoneNumber"],
               CallingName=name, CallingNameStatus="UpdateSucceeded")
    wrong = ops.fails("BadRequestException")
    for change in ({}, {**VOICE, "CallingName": "Both"}, {"CallingName": "x"}):
        wrong.update_phone_number(PhoneNumberId=first, **change)
    missing = ops.fails("NotFoundException")
    missing.update_phone_number(PhoneNumberId="+12065550142", **VOICE)
    released(world, [first, second])


def queue(world: World) -> None:
    """Deleted numbers can be restored for seven days."""
    ops = world.caller()
    kept, lost = owned(world, 2)
    before = ops.get_phone_number(PhoneNumberId=kept)["PhoneNumber"]
    ops.delete_phone_number(PhoneNumberId=kept)
    ops.delete_phone_number(PhoneNumberId=lost)
    waiting = ops.get_phone_number(PhoneNumberId=kept)["PhoneNumber"]
    true(waiting["DeletionTimestamp"] >= before["UpdatedTimestamp"], "the time of the deletion")
    subset(waiting, Status="DeleteInProgress")
    equal(len(ops.list_phone_numbers(Status="DeleteInProgress")["PhoneNumbers"]), 2)
    wrong, missing = ops.fails("BadRequestException"), ops.fails("NotFoundException")
    wrong.delete_phone_number(PhoneNumberId=kept)
    wrong.update_phone_number(PhoneNumberId=kept, **VOICE)
    world.control.advance(6 * DAY)
    restored = ops.restore_phone_number(PhoneNumberId=kept)["PhoneNumber"]
    subset(restored, Status="Unassigned", DeletionTimestamp=None,
           CreatedTimestamp=before["CreatedTimestamp"], **BUSINESS)
    wrong.restore_phone_number(PhoneNumberId=kept)
    world.control.advance(DAY + 60)
    subset(ops.get_phone_number(PhoneNumberId=kept)["PhoneNumber"], Status="Unassigned")
    missing.get_phone_number(PhoneNumberId=lost)
    missing.restore_phone_number(PhoneNumberId=lost)
    missing.delete_phone_number(PhoneNumberId=lost)
    true(lost in stock(ops, 500, "206"), "released numbers can be ordered again")
    released(world, [kept])


def dial_outs(world: World) -> None:
    """A meeting dials out from a number of the caller's."""
    ops = world.caller()
    [number] = owned(world, 1)
    meeting = SEED["AwsAccounts"][0]["Meetings"][0]
    call = {"MeetingId": meeting["MeetingId"], "JoinToken": meeting["JoinTokens"][1],
            "FromPhoneNumber": number, "ToPhoneNumber": "+14255550123"}
    first = ops.create_meeting_dial_out(**call)["TransactionId"]
    true(first != ops.create_meeting_dial_out(**call)["TransactionId"], "each dial-out has its own id")
    forbidden, wrong = ops.fails("ForbiddenException"), ops.fails("BadRequestException")
    forbidden.create_meeting_dial_out(**{**call, "FromPhoneNumber": "+12065550199"})
    forbidden.create_meeting_dial_out(**{**call, "JoinToken": "bm9ib2R5"})
    wrong.create_meeting_dial_out(**{**call, "JoinToken": "not base64"})
    wrong.create_meeting_dial_out(**{**call, "MeetingId": "no-guid"})
    wrong.create_meeting_dial_out(**{**call, "ToPhoneNumber": "abc"})
    released(world, [number])


LIVES = [search, orders, ids, association, calling_names, queue, dial_outs]
