"""Lives of accounts, rooms, bots and phone numbers, as boto3 sees them.

Calls every operation with success, meets every exception of the model, and fails on the first
answer that is not as it should be. The URL of the local Chime is the first argument; lives may
follow, such as `rooms` or `rooms.batches`, to try only those.
"""

import sys
import traceback

from checks import equal
from lives import access, bots, enterprise, faults, isolation, paging, phones, rooms, settings, team
from world import World

SUBJECTS = [
    access, team, settings, enterprise, rooms, bots, phones, paging, isolation, faults
]
LIVES = [life for subject in SUBJECTS for life in subject.LIVES]

# What the rules of the service raise by themselves; the others need a fault.
BY_RULES = {
    "BadRequestException",
    "ConflictException",
    "ForbiddenException",
    "NotFoundException",
    "ResourceLimitExceededException",
    "UnprocessableEntityException",
}


def name(life) -> str:
    """Its subject and its own name."""
    return f"{life.__module__.removeprefix('lives.')}.{life.__name__}"


def complete(world: World) -> None:
    """Nothing of the service was left out."""
    model = world.caller().model
    equal(set(world.record.succeeded), set(model.operation_names), "the set of operations called")
    exceptions = {shape.name for shape in model.error_shapes}
    equal(set(world.record.met), exceptions, "the set of exceptions met")


def main(url: str, *chosen: str) -> int:
    world = World(url)
    for life in LIVES:
        if chosen and not {name(life), name(life).partition(".")[0]} & set(chosen):
            continue
        if life is faults.of_all_operations and not chosen:
            equal(BY_RULES - set(world.record.met), set(), "what no rule raised so far")
        try:
            life(world)
        except Exception:
            traceback.print_exc()
            print(f"in the life {name(life)}\n{world.record.story()}", file=sys.stderr)
            return 1
    if not chosen:
        complete(world)
    print(world.record.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
