"""Assertions for the scenarios."""

import re
from datetime import datetime
from typing import Any


class Wrong(Exception):
    """The server did not behave as expected."""


def equal(came: Any, expected: Any, what: str = "it") -> None:
    """Fails unless both values are equal."""
    if isinstance(expected, set):
        missing, surplus = expected - came, came - expected
        true(not missing and not surplus, f"{what}: missing {missing}, unexpected {surplus}")
    if came != expected:
        raise Wrong(f"{what} should be {expected!r}, is {came!r}")


def true(fact: Any, what: str) -> None:
    """Fails unless the fact is true."""
    if not fact:
        raise Wrong(f"not true: {what}")


def subset(came: dict, **expected: Any) -> dict:
    """Fails unless the members have these values; `None` means absent."""
    for member, value in expected.items():
        equal(came.get(member), value, member)
    return came


def conforms(shape: Any, value: Any, path: str) -> None:
    """Fails unless a response conforms to the shape of the model."""
    match shape.type_name:
        case "structure":
            for member in shape.required_members:
                true(member in value, f"{path}.{member} is required")
            for member, inner in value.items():
                conforms(shape.members[member], inner, f"{path}.{member}")
        case "list":
            for item in value:
                conforms(shape.member, item, f"{path}[]")
        case "map":
            for inner in value.values():
                conforms(shape.value, inner, f"{path}{{}}")
        case "timestamp":
            true(isinstance(value, datetime), f"{path} is a timestamp: {value!r}")
        case "string":
            true(isinstance(value, str), f"{path} is a string: {value!r}")
            if shape.enum:
                true(value in shape.enum, f"{path} is one of {shape.enum}: {value}")
            pattern = shape.metadata.get("pattern")
            if pattern:
                true(re.fullmatch(pattern, value), f"{path} has the form {pattern}: {value}")
        case "boolean":
            true(isinstance(value, bool), f"{path} is a boolean: {value!r}")
