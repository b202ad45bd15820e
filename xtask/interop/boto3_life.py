"""Runs scenarios of accounts, rooms, bots, phone numbers, meetings and media pipelines with boto3.

Calls every operation of every service with success, provokes every exception of the models, and fails on
the first unexpected response. The first argument is the URL of the emulator. Further arguments, such as
`rooms` or `rooms.batches`, select scenarios.
"""

import sys
import traceback

from checks import equal
from lives import (
    access, attendees, bots, enterprise, faults, insights, isolation, meetings, paging, phones,
    pipelines, pools, rooms, settings, team, transcription,
)
from world import SERVICES, World

SUBJECTS = [
    access, team, settings, enterprise, rooms, bots, phones, paging, isolation,
    meetings, attendees, transcription, pipelines, pools, insights, faults,
]
LIVES = [life for subject in SUBJECTS for life in subject.LIVES]

# Exceptions that the emulator raises without a fault.
BY_RULES = {
    "chime": {
        "BadRequestException",
        "ConflictException",
        "ForbiddenException",
        "NotFoundException",
        "ResourceLimitExceededException",
        "UnprocessableEntityException",
    },
    "chime-sdk-meetings": {
        "BadRequestException",
        "LimitExceededException",
        "NotFoundException",
        "ResourceNotFoundException",
        "TooManyTagsException",
        "UnprocessableEntityException",
    },
    "chime-sdk-media-pipelines": {
        "BadRequestException",
        "ConflictException",
        "ForbiddenException",
        "NotFoundException",
        "ResourceLimitExceededException",
    },
}


def name(life) -> str:
    """The name of a scenario: its module and its function."""
    return f"{life.__module__.removeprefix('lives.')}.{life.__name__}"


def pairs(names: dict) -> set[tuple[str, str]]:
    """Pairs each name with its service."""
    return {(service, name) for service, of_it in names.items() for name in of_it}


def complete(world: World) -> None:
    """Fails unless every operation was called and every exception was provoked."""
    models = {service: world.caller(service=service).model for service in SERVICES}
    operations = {service: model.operation_names for service, model in models.items()}
    equal(set(world.record.succeeded), pairs(operations), "the set of operations called")
    exceptions = {
        service: [shape.name for shape in model.error_shapes] for service, model in models.items()
    }
    equal(set(world.record.met), pairs(exceptions), "the set of exceptions met")


def main(url: str, *chosen: str) -> int:
    world = World(url)
    for life in LIVES:
        if chosen and not {name(life), name(life).partition(".")[0]} & set(chosen):
            continue
        if life is faults.of_all_operations and not chosen:
            equal(pairs(BY_RULES) - set(world.record.met), set(), "exceptions that no rule raised")
        try:
            life(world)
        except Exception:
            traceback.print_exc()
            print(f"in the scenario {name(life)}\n{world.record.story()}", file=sys.stderr)
            return 1
    if not chosen:
        complete(world)
    print(world.record.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
