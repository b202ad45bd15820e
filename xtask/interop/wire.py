"""Checks responses before boto3 parses them."""

import json
import re
from typing import Any

from checks import equal, true

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def watch(client: Any) -> None:
    """Checks every response of a client, including errors."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parse.{service}", look)


def look(operation_model: Any, response_dict: dict, **_: Any) -> None:
    """Fails unless the response has the form of the service."""
    status, body, headers = (response_dict[key] for key in ("status_code", "body", "headers"))
    true(GUID.fullmatch(headers.get("x-amzn-requestid", "")), f"a request id in {dict(headers)}")
    true(headers.get("date"), "there is a date")
    if status == 403 and body.startswith(b"<"):
        # This response comes from the layer in front of the services, which sends XML.
        return
    equal(headers.get("content-type"), "application/json", "the content type")
    if status == 204 or status == 200 and operation_model.output_shape is None:
        equal(body, b"", "the body")
        return
    response = json.loads(body)
    compact = json.dumps(response, separators=(",", ":"), ensure_ascii=False)
    equal(body.decode(), compact, "the body")
    if status >= 300:
        exception = headers.get("x-amzn-errortype", "")
        true(exception.isalnum(), f"an error type in {dict(headers)}")
        shape = operation_model.service_model.shape_for_error_code(exception)
        if shape:
            true(set(response) <= set(shape.members),
                 f"{set(response)} are members of {shape.name}")
            # Errors of fault rules have no resource.
            equal(set(response) - {"ResourceName"},
                  set(shape.members) & {"Code", "Message", "RequestId"},
                  "the members of the error")
            equal(response.get("RequestId", headers["x-amzn-requestid"]),
                  headers["x-amzn-requestid"], "the request id in the body")
    else:
        whole(operation_model.output_shape, response, operation_model.name)


def whole(shape: Any, value: Any, path: str) -> None:
    """Fails unless unset members are written as null."""
    if shape.type_name == "timestamp" and value is not None:
        text = shape.serialization.get("timestampFormat") == "iso8601"
        true(TIME.fullmatch(value) if text else isinstance(value, (int, float)),
             f"{path} has the form of a time: {value}")
    if shape.type_name == "map":
        return
    match value:
        case dict():
            equal(set(value), set(shape.members), f"the members of {path}")
            for name, inner in value.items():
                whole(shape.members[name], inner, f"{path}.{name}")
        case list():
            for inner in value:
                whole(shape.member, inner, f"{path}[]")
