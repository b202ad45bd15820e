"""Faults: every exception that the model lists for every operation."""

from typing import Any

from checks import equal
from world import NOWHERE, SERVICES, World

# Valid values, by shape.
EXAMPLES = {
    "AmazonResourceName": f"arn:aws:chime:eu-central-1:222233334444:meeting/{NOWHERE}",
    "Arn": "arn:aws:s3:::recordings",
    "E164PhoneNumber": "+12065550100",
    "AwsRegion": "eu-central-1",
    "EmailAddress": "x@elsewhere.example",
    "GuidString": NOWHERE,
    "JoinTokenString": "bm9ib2R5",
    "TollFreePrefix": "844",
}


def example(shape: Any) -> Any:
    """The smallest valid value of a shape."""
    match shape.type_name:
        case "structure":
            return {name: example(shape.members[name]) for name in shape.required_members}
        case "list":
            return [example(shape.member)]
        case "boolean":
            return True
        case "integer":
            return 1
        case _:
            return EXAMPLES.get(shape.name) or (shape.enum[0] if shape.enum else "example")


def of_all_operations(world: World) -> None:
    """Checks the class and the status of each of about 830 pairs of operation and exception."""
    try:
        for service in SERVICES:
            of_service(world, service)
    finally:
        world.control.faults()


def of_service(world: World, service: str) -> None:
    """Checks each pair of one service."""
    ops = world.caller(service=service)
    methods = {name: method for method, name in ops.client.meta.method_to_api_mapping.items()}
    for name in ops.model.operation_names:
        operation = ops.model.operation_model(name)
        sent = example(operation.input_shape) if operation.input_shape else {}
        for shape in operation.error_shapes:
            fault = {"Exception": shape.name, "Message": f"as {name} was told"}
            world.control.faults(
                {"Service": service, "Operation": name, "Times": 1, "Error": fault})
            message = getattr(ops.fails(shape.name), methods[name])(**sent)
            equal(message, fault["Message"])


def retries(world: World) -> None:
    """boto3 retries after a server error and after a cut connection."""
    attempts = {"retries": {"total_max_attempts": 3, "mode": "standard"}}
    patient = world.caller(**attempts)
    unavailable = {"Error": {"Exception": "ServiceUnavailableException"}}
    try:
        for fault in (unavailable, {"Cut": "Before"}, {"Cut": "After"}):
            world.control.faults({"Operation": "ListAccounts", "Times": 1, **fault})
            patient.list_accounts()
        world.control.faults({"Operation": "ListAccounts", **unavailable})
        patient.fails("ServiceUnavailableException").list_accounts()
        patient.list_phone_numbers()
        # If the connection is cut after the call acted, the retry acts a second time.
        name = "Once or twice"
        world.control.faults({"Operation": "CreateAccount", "Times": 1, "Cut": "After"})
        patient.create_account(Name=name)
        twins = patient.list_accounts(Name=name)["Accounts"]
        equal(len(twins), 2, "accounts created by one retried call")
        for twin in twins:
            patient.delete_account(AccountId=twin["AccountId"])
    finally:
        world.control.faults()


def throttling(world: World) -> None:
    """Calls above the rate fail with the throttling exception of their service."""
    ops, meetings = world.caller(), world.caller(service="chime-sdk-meetings")
    world.control.ask("PUT", "faults", {"Throttle": {"Rate": 0.001, "Burst": 2}})
    try:
        for _ in range(2):
            ops.list_accounts()
        for _ in range(2):
            ops.fails("ThrottledClientException").list_accounts()
            meetings.fails("ThrottlingException").get_meeting(MeetingId=NOWHERE)
    finally:
        world.control.faults()
    ops.list_accounts()


LIVES = [of_all_operations, retries, throttling]
