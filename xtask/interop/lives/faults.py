"""Errors that no rule raises: every exception that the model lists for every operation."""

from typing import Any

from checks import equal
from world import NOWHERE, SERVICES, World

# Something that the model takes, by shape.
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
    """The smallest value that the model takes."""
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
    """Each of about 830 pairs, by class of exception and by status."""
    try:
        for service in SERVICES:
            of_service(world, service)
    finally:
        world.control.faults()


def of_service(world: World, service: str) -> None:
    """Each pair of one service."""
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
    """boto3 tries again by itself, after an error of the server and after a cut line."""
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
        # A call whose line was cut after it acted has acted.
        name = "Once or twice"
        world.control.faults({"Operation": "CreateAccount", "Times": 1, "Cut": "After"})
        patient.create_account(Name=name)
        twins = patient.list_accounts(Name=name)["Accounts"]
        equal(len(twins), 2, "accounts that one repeated call made")
        for twin in twins:
            patient.delete_account(AccountId=twin["AccountId"])
    finally:
        world.control.faults()


def throttling(world: World) -> None:
    """Over the rate, calls are refused, by the exception of each service."""
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
