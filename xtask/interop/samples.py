"""Random values of botocore's shapes: valid parameters, and responses."""

import re
import string
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

try:
    from re import _parser as regex  # Since Python 3.11.
except ImportError:
    import sre_parse as regex

PLAIN = string.ascii_letters + string.digits
# Characters with a special meaning in paths, queries, JSON or terminals.
ODD = " /%+?#&=~.:;,@!$'()*[]{}\"\\<>|^`\t\néßЖ中\u200e\u2028\U0001f600"
# The description writes characters beyond the basic plane in Java's syntax, which Python reads as two
# characters. The command reads them correctly. These characters are valid in both readings.
WIDE = "\\u10000-\\u10FFFF"


class Unmatched(Exception):
    """No sample was found for a pattern."""


def text(rng: Random, shape: Any, odd: str = ODD) -> str:
    """Generates text that is valid for the enumeration, the pattern and the lengths of its shape."""
    if shape.enum:
        return rng.choice(shape.enum)
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 4000)
    pattern = shape.metadata.get("pattern")
    if "PhoneNumberId" in shape.name and not pattern:
        return rng.choice(["+", "%2B", ""]) + "12065550" + str(rng.randint(100, 999))
    if pattern and pattern != ".*":
        # Java allows the anchor `$` to be repeated; Python does not.
        readable = pattern.replace(WIDE, "").replace("${2,64}", "")
        return matching(rng, readable, low, high)
    size = rng.choice([low, min(high, max(low, 1)), min(high, low + rng.randint(1, 30))])
    letters = [letter for letter in odd if not (pattern and letter in "\n\u2028")]
    return "".join(rng.choice(rng.choice([PLAIN, letters])) for _ in range(size))


def matching(rng: Random, pattern: str, low: int, high: int) -> str:
    """Generates text that matches the whole pattern."""
    whole = re.compile(pattern)
    tree = regex.parse(pattern)
    for size in (low, low + 3, low + 12, max(low, 40), 0, 1):
        for _ in range(60):
            sample = grown(rng, tree, size)[:max(high, 0)]
            if low <= len(sample) <= high and whole.fullmatch(sample):
                return sample
    raise Unmatched(f"{pattern} with {low} to {high} characters")


def grown(rng: Random, tree: Any, size: int) -> str:
    """Generates text for a pattern, without look-around, which the caller has to check."""
    made = ""
    for kind, detail in tree:
        match str(kind):
            case "LITERAL":
                made += chr(detail)
            case "ANY" | "NOT_LITERAL":
                made += rng.choice(PLAIN)
            case "IN":
                made += member(rng, detail)
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = detail
                most = min(most, max(least, size - len(made), least + rng.randint(0, 3)))
                made += "".join(grown(rng, inner, 0) for _ in range(rng.randint(least, most)))
            case "SUBPATTERN":
                made += grown(rng, detail[-1], size)
            case "BRANCH":
                made += grown(rng, rng.choice(detail[1]), size)
    return made


def member(rng: Random, members: list) -> str:
    """Generates a character of a set."""
    if str(members[0][0]) == "NEGATE":
        return rng.choice(PLAIN)
    kind, detail = rng.choice(members)
    match str(kind):
        case "LITERAL":
            return chr(detail)
        case "RANGE":
            return chr(rng.randint(detail[0], min(detail[1], detail[0] + 200)))
    return rng.choice({"CATEGORY_DIGIT": string.digits, "CATEGORY_SPACE": " \t"}
                      .get(str(detail), PLAIN))


def moment(rng: Random) -> datetime:
    """Generates a time with at most milliseconds, in one of several zones."""
    zone = timezone(timedelta(minutes=rng.choice([0, 0, 60, -480, 345, 840])))
    millis = rng.choice([0, rng.randint(0, 999)])
    seconds = timedelta(seconds=rng.randint(0, 4_000_000_000), milliseconds=millis)
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + seconds).astimezone(zone)


def count(rng: Random, shape: Any) -> int:
    """Generates the size of a list or a map."""
    low = shape.metadata.get("min", 0)
    return rng.randint(low, min(shape.metadata.get("max", 99), low + 2))


def parameter(rng: Random, shape: Any, depth: int = 0) -> Any:
    """Generates a valid value of a parameter."""
    match shape.type_name:
        case "structure":
            made = {}
            odds = 0.6 if depth < 3 else 0.3
            for name, inner in shape.members.items():
                if name in shape.required_members or (depth < 7 and rng.random() < odds):
                    made[name] = place(rng, inner, depth + 1)
            return made
        case "list":
            return [parameter(rng, shape.member, depth + 1) for _ in range(count(rng, shape))]
        case "map":
            return {parameter(rng, shape.key): parameter(rng, shape.value)
                    for _ in range(count(rng, shape))}
        case "string":
            return text(rng, shape)
        case "timestamp":
            return moment(rng)
        case "boolean":
            return rng.random() < 0.5
        case "integer" | "long":
            low = shape.metadata.get("min", -5)
            return rng.randint(low, min(shape.metadata.get("max", low + 1000), 2**31 - 1))
        case "float" | "double":
            return rng.choice([0.5, -1.25, 3, 1e-7])
    raise Unmatched(shape.type_name)


def place(rng: Random, shape: Any, depth: int) -> Any:
    """As `parameter`, but without values that paths and headers cannot contain."""
    while True:
        made = parameter(rng, shape, depth)
        location = shape.serialization.get("location")
        # The command refuses empty segments, `.` and `..`, because they would change the path.
        if location == "uri" and made in ("", ".", ".."):
            # Where the shape allows no other, try again with letters.
            made = "x" * max(1, shape.metadata.get("min", 1))
        # Headers can only contain ASCII without line breaks.
        if location == "header" and not (made.isascii() and made.isprintable()):
            continue
        return made


def reply(rng: Random, shape: Any, depth: int = 0) -> Any:
    """Generates a response of a service, with nulls and unknown members."""
    match shape.type_name:
        case "structure":
            made = {}
            for name, inner in shape.members.items():
                odds = rng.random()
                if odds < 0.15:
                    made[inner.serialization.get("name", name)] = None
                elif odds < (0.85 if depth < 6 else 0.2):
                    made[inner.serialization.get("name", name)] = reply(rng, inner, depth + 1)
            if rng.random() < 0.3 and not shape.metadata.get("union"):
                made["FromTheFuture"] = rng.choice([1, None, {"A": [None]}, "x"])
            return made
        case "list":
            return [reply(rng, shape.member, depth + 1) for _ in range(rng.randint(0, 2))]
        case "map":
            return {"".join(rng.choices(ODD + PLAIN, k=4)): reply(rng, shape.value)
                    for _ in range(rng.randint(0, 2))}
        case "string":
            if shape.enum:
                return rng.choice([*shape.enum, "FROM_THE_FUTURE"])
            return "".join(rng.choices(PLAIN + ODD + "\x01\x1b\x7f\x9b", k=rng.randint(0, 12)))
        case "timestamp":
            time = moment(rng)
            if shape.serialization.get("timestampFormat") == "iso8601":
                return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return rng.choice([int(time.timestamp()), round(time.timestamp(), 3)])
        case "boolean":
            return rng.random() < 0.5
        case "integer" | "long":
            return rng.randint(-(2**31), 2**31 - 1)
        case "float" | "double":
            return rng.choice([0.5, -1.25, 3, 1e-7, rng.random()])
    raise Unmatched(shape.type_name)
