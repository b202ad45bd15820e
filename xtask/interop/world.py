"""Shared parts of the scenarios: clients that count calls, and the control endpoint."""

import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import HTTPError

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

import wire
from checks import Wrong, conforms, equal, true

SEED = yaml.safe_load((Path(__file__).parent / "seed.yaml").read_text())

# The path prefix of each service, by the name of its client.
SERVICES = {
    "chime": "",
    "chime-sdk-meetings": "/chime-sdk-meetings",
    "chime-sdk-media-pipelines": "/chime-sdk-media-pipelines",
}

# Exceptions whose codes are missing in the enumerations of media pipelines.
UNLISTED = {"ConflictException", "UnauthorizedClientException"}

# Ids of no resource.
NOWHERE = "00000000-0000-4000-8000-000000000000"
NOBODY = "11111111-0000-4000-8000-000000000000"

DAY = 24 * 60 * 60


class Record:
    """A record of successful operations and of exceptions, each with its service."""

    def __init__(self) -> None:
        self.succeeded: Counter[tuple[str, str]] = Counter()
        self.met: Counter[tuple[str, str]] = Counter()
        self.last: tuple[str, dict, Any] | None = None

    def summary(self) -> str:
        """The line that `cargo xtask interop` reads."""
        return f"{len(self.succeeded)} operations, {self.met.total()} errors"

    def story(self) -> str:
        """The last exchange, to help find the error."""
        if self.last is None:
            return "nothing was called"
        operation, sent, came = self.last
        return f"operation: {operation}\nsent: {sent!r}\ncame: {came!r}"


class Caller:
    """A boto3 client whose calls must succeed, with a method for each operation."""

    def __init__(self, record: Record, client: Any) -> None:
        self.record = record
        self.client = client
        self.model = client.meta.service_model
        self.service: str = self.model.service_name

    def __getattr__(self, method: str) -> Any:
        name = self.client.meta.method_to_api_mapping[method]
        operation = self.model.operation_model(name)

        def call(**sent: Any) -> dict:
            self.record.last = (name, sent, "nothing")
            try:
                came = getattr(self.client, method)(**sent)
            except ClientError as error:
                self.record.last = (name, sent, error.response)
                raise Wrong(f"refused: {error}") from None
            self.record.last = (name, sent, came)
            about = came.pop("ResponseMetadata")
            status = about["HTTPStatusCode"]
            equal(status, operation.http.get("responseCode", 200), "the status")
            true(about.get("RequestId"), "there is a request id")
            if operation.output_shape is not None and status != 204:
                conforms(operation.output_shape, came, name)
            self.record.succeeded[self.service, name] += 1
            return came

        return call

    def fails(self, exception: str) -> "Refused":
        """The same client, for calls that must fail with this exception of the model."""
        return Refused(self, exception)

    def pages(self, method: str, items: str, size: int | None = None, **sent: Any) -> list:
        """Returns all items of a list, and checks the size of each page."""
        found: list = []
        token: dict = {}
        while True:
            size_if_any = {} if size is None else {"MaxResults": size}
            page = getattr(self, method)(**sent, **size_if_any, **token)
            true(size is None or len(page[items]) <= size, f"a page has at most {size} items")
            found += page[items]
            if not page.get("NextToken"):
                return found
            equal(size is None or len(page[items]), size or True, "items of a page before the last")
            token = {"NextToken": page["NextToken"]}


class Refused:
    """Calls that must fail with an exception class and its HTTP status."""

    def __init__(self, caller: Caller, exception: str) -> None:
        self.caller = caller
        self.exception = exception

    def __getattr__(self, method: str) -> Any:
        caller, client = self.caller, self.caller.client
        name = client.meta.method_to_api_mapping[method]
        shape = caller.model.shape_for_error_code(self.exception)

        def call(**sent: Any) -> str:
            caller.record.last = (name, sent, "nothing")
            try:
                came = getattr(client, method)(**sent)
            except getattr(client.exceptions, self.exception) as error:
                caller.record.last = (name, sent, error.response)
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                equal(status, shape.metadata["error"]["httpStatusCode"], "the status")
                code, codes = error.response.get("Code"), shape.members["Code"].enum
                true(code and (not codes or code in codes or self.exception in UNLISTED),
                     f"{code} is an ErrorCode")
                caller.record.met[caller.service, self.exception] += 1
                return error.response["Error"]["Message"]
            except ClientError as error:
                caller.record.last = (name, sent, error.response)
                raise Wrong(f"should be {self.exception}, is {error}") from None
            caller.record.last = (name, sent, came)
            raise Wrong(f"should be {self.exception}, is a success")

        return call


class Control:
    """A client of the emulator's control endpoint."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = os.environ["CHIME_LOCAL_CONTROL_TOKEN"]
        # The sequence number of the last event that was read.
        self.last_event = 0
        # A proxy from the environment must not be used for this machine.
        self.opener = request.build_opener(request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request, and returns the JSON of the response."""
        data = None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        sent = request.Request(f"{self.url}/_chime/{path}", data, headers, method=method)
        try:
            with self.opener.open(sent, timeout=30) as answer:
                return json.loads(answer.read() or "null")
        except HTTPError as error:
            told = error.read().decode()
            raise Wrong(f"{method} /_chime/{path} with {body!r}: {error}, {told}") from None

    def advance(self, seconds: int) -> None:
        """Advances the clock."""
        self.ask("POST", "clock/advance", {"Seconds": seconds})

    def now(self) -> datetime:
        """The time of the emulator's clock."""
        return datetime.fromisoformat(self.ask("GET", "clock")["Now"].replace("Z", "+00:00"))

    def events(self) -> list[dict]:
        """The deliveries of events since the last call of this method."""
        came = self.ask("GET", f"events?after={self.last_event}")["Events"]
        if came:
            self.last_event = came[-1]["Sequence"]
        return came

    def faults(self, *faults: dict) -> None:
        """Replaces all faults with these."""
        self.ask("PUT", "faults", {"Faults": faults} if faults else {})


class World:
    """An emulator, and the clients that call it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = Control(url)
        self.record = Record()
        # boto3 takes longer to create a client than for dozens of calls.
        self.plain: dict[tuple[str, str], Caller] = {}

    def caller(
        self, who: str = "AKIDINTEROP", service: str = "chime", **settings: Any
    ) -> Caller:
        """A client of a service with the credentials of this access key id."""
        if not settings and (who, service) in self.plain:
            return self.plain[who, service]
        key = next(key for key in SEED["Credentials"] if key["AccessKeyId"] == who)
        caller = Caller(self.record, self.client(key, service, **settings))
        if not settings:
            self.plain[who, service] = caller
        return caller

    def client(
        self,
        key: dict,
        service: str = "chime",
        prefix: str | None = None,
        region: str = "eu-central-1",
        **settings: Any,
    ) -> Any:
        """A boto3 client whose responses are checked."""
        # One attempt, so that every fault is visible.
        config = Config(**{"retries": {"total_max_attempts": 1}, **settings})
        client = boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.url + (SERVICES[service] if prefix is None else prefix),
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=config,
        )
        wire.watch(client)
        return client


class Organisation:
    """An organisation of the seed, by name."""

    def __init__(self, name: str) -> None:
        self.seed = next(one for one in SEED["Organisations"] if one["Account"]["Name"] == name)
        self.id: str = self.seed["Account"]["AccountId"]

    def user(self, mailbox: str) -> str:
        """The id of a user, by the local part of the address."""
        users = self.seed["Users"]
        return next(u["UserId"] for u in users if u["PrimaryEmail"].startswith(f"{mailbox}@"))
