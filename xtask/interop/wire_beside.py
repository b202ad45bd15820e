"""Compares the command with botocore: requests, signatures, outputs and errors of all operations.

Each call has random valid parameters. The command sends it to a recording server; botocore
prepares the same call without sending it. Both requests must be equal, and both must read the
same response in the same way. Each operation succeeds several times and fails with each of its errors.

Arguments: the path of the command, then a seed, then operations such as `chime.GetRoom`. All but
the first are optional.
"""

import io
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.session
from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp

import samples
from checks import equal, true

SERVICES = ["chime", "chime-sdk-identity", "chime-sdk-meetings", "chime-sdk-messaging",
            "chime-sdk-media-pipelines", "chime-sdk-voice"]
SUCCESSES = 3
KEY = Credentials("AKIDWIRE", "wire/secret+key", "a/session+token=")
REGION = "us-east-1"
REQUEST_ID = "6d3f7a52-0c1b-4e8e-9b57-2f4c8e1d9a60"


class Server(HTTPServer):
    """Records one request at a time, and responds with the reply of the case."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list = []
        self.reply: tuple[int, dict, bytes] = (500, {}, b"")
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(1 << 17)
        if not self.raw_requestline or not self.parse_request():
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        # The target as received: `self.path` is normalized.
        method, target, _ = self.requestline.split(" ")
        self.server.received.append((method, target, self.headers, body))
        status, headers, reply = self.server.reply
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(reply)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply)


class Raw(io.BytesIO):
    """A body as botocore's HTTP client passes it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class Botocore:
    """botocore's client of a service, whose requests are intercepted and get a reply."""

    def __init__(self, service: str) -> None:
        session = botocore.session.get_session()
        self.local = threading.local()
        self.client = session.create_client(
            service, region_name=REGION, endpoint_url="http://127.0.0.1:1",
            aws_access_key_id=KEY.access_key, aws_secret_access_key=KEY.secret_key,
            aws_session_token=KEY.token, config=Config(retries={"total_max_attempts": 1}))
        self.client.meta.events.register("before-send", self.catch)
        self.model = self.client.meta.service_model

    def catch(self, request: Any, **_: Any) -> AWSResponse:
        self.local.request = request
        status, headers, body = self.local.reply
        return AWSResponse(request.url, status, headers, Raw(body))

    def call(self, operation: str, sent: dict, reply: tuple) -> tuple[Any, dict, Any]:
        """Returns the request, the output, and the error if the call fails."""
        self.local.reply = reply
        try:
            came, error = self.client._make_api_call(operation, sent), None
            came.pop("ResponseMetadata")
        except ClientError as refused:
            came, error = {}, refused.response["Error"]
        return self.local.request, came, error


def document(value: Any) -> Any:
    """Converts parameters to JSON for the command, with times as text in their zones."""
    match value:
        case dict():
            return {name: document(inner) for name, inner in value.items()}
        case list():
            return [document(inner) for inner in value]
        case datetime():
            return value.isoformat(timespec="milliseconds")
    return value


def moments(shape: Any, value: Any) -> Any:
    """Parses the timestamps of a value. The command prints all of them as ISO 8601."""
    match (shape.type_name, value):
        case (_, None):
            return None
        case ("structure", dict()):
            return {name: moments(shape.members[name], inner) for name, inner in value.items()}
        case ("list", list()):
            return [moments(shape.member, inner) for inner in value]
        case ("map", dict()):
            return {key: moments(shape.value, inner) for key, inner in value.items()}
        case ("timestamp", _):
            time = value if isinstance(value, datetime) else parse_timestamp(value)
            time = time.astimezone(timezone.utc)
            # Seconds as floats are inexact, and the command truncates to milliseconds.
            return round(time.timestamp() * 1000)
    return value


def body_of(shape: Any, value: Any) -> Any:
    """Truncates seconds in a JSON body: botocore drops the fraction, and the command does not."""
    match (shape.type_name, value):
        case ("structure", dict()):
            return {name: body_of(shape.members[name], inner) for name, inner in value.items()}
        case ("list", list()):
            return [body_of(shape.member, inner) for inner in value]
        case ("timestamp", float()):
            return int(value)
    return value


def query_of(operation: Any, query: str) -> list:
    """Returns the sorted pairs of a query, unchanged except for times, which are parsed.

    botocore writes times without a fraction or with six digits, and the command with three.
    """
    members = operation.input_shape.members.values() if operation.input_shape else ()
    times = {shape.serialization["name"] for shape in members
             if shape.type_name == "timestamp" and shape.serialization.get("location")}
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]
    return sorted((name, str(parse_timestamp(unquote(value))) if name in times else value)
                  for name, value in pairs)


def same_request(operation: Any, received: tuple, prepared: Any) -> None:
    """Fails unless the command sent the request that botocore prepared."""
    method, target, headers, body = received
    expected = urlsplit(prepared.url)
    path, _, query = target.partition("?")
    equal(method, prepared.method, "the method")
    equal(path, expected.path, "the path")
    equal(query_of(operation, query), query_of(operation, expected.query), "the query")
    theirs = {name.lower(): value.decode() if isinstance(value, bytes) else value
              for name, value in prepared.headers.items()}
    members = operation.input_shape.members.values() if operation.input_shape else ()
    modelled = {shape.serialization["name"].lower() for shape in members
                if shape.serialization.get("location") == "header"}
    for name in modelled | {"content-type", "x-amz-security-token"}:
        equal(headers.get(name), theirs.get(name), f"the header {name}")
    sent = prepared.body or b""
    equal(bool(body), bool(sent), "whether there is a body")
    if body:
        expected = json.loads(sent)
        shape = operation.input_shape
        equal(body_of(shape, json.loads(body)), body_of(shape, expected), "the body")
    same_signature(operation.service_model.signing_name, received, theirs["authorization"])


def same_signature(service: str, received: tuple, theirs: str) -> None:
    """Fails unless botocore's signer computes the same signature for the received request."""
    method, target, headers, body = received
    parts = dict(part.strip().split("=", 1)
                 for part in headers["authorization"].partition(" ")[2].split(","))
    expected = dict(part.strip().split("=", 1) for part in theirs.partition(" ")[2].split(","))
    signed = parts["SignedHeaders"]
    equal(set(signed.split(";")), set(expected["SignedHeaders"].split(";")), "the signed headers")
    request = AWSRequest(method, f"http://{headers['host']}{target}", data=body,
                         headers={name: headers[name] for name in signed.split(";")})
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(KEY, service, REGION)
    equal(parts["Credential"], signer.scope(request), "the credential")
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    equal(parts["Signature"], signer.signature(to_sign, request), "the signature")


class Case:
    """A call of an operation, with its reply."""

    def __init__(self, botocore: Botocore, name: str, number: int, seed: str, error: Any) -> None:
        self.botocore = botocore
        self.operation = botocore.model.operation_model(name)
        self.error = error
        service = botocore.model.service_name
        self.name = f"{service}.{name}"
        rng = random.Random(f"{seed} {self.name} {number}")
        shape = self.operation.input_shape
        self.sent = samples.parameter(rng, shape) if shape else {}
        for member, inner in (shape.members if shape else {}).items():
            if inner.metadata.get("idempotencyToken") or member == "ClientRequestToken":
                # Without a token, each side generates its own. The command also does so for three operations
                # of voice whose descriptions do not mark the member, to make them safe to retry.
                self.sent.setdefault(member, samples.text(rng, inner))
        self.reply = self.refusal(rng) if error else self.success(rng)

    def success(self, rng: random.Random) -> tuple[int, dict, bytes]:
        status = self.operation.http.get("responseCode", 200)
        output = self.operation.output_shape
        if status == 204:
            body = b""
        else:
            made = samples.reply(rng, output) if output else {}
            body = json.dumps(made, ensure_ascii=rng.random() < 0.5).encode()
        return status, {"Content-Type": "application/json", "x-amzn-RequestId": REQUEST_ID}, body

    def refusal(self, rng: random.Random) -> tuple[int, dict, bytes]:
        name = self.error.name
        kind = rng.choice([name, f"{name}:http://internal.amazon.com/", f"com.amazonaws#{name}"])
        message = "".join(rng.choices(samples.PLAIN + " .é中%/", k=rng.randint(1, 30)))
        body = {"Code": rng.choice(["Forbidden", "Odd"]), "FromTheFuture": None,
                rng.choice(["Message", "message"]): message}
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": REQUEST_ID,
                   "x-amzn-ErrorType": kind}
        return self.error.metadata["error"]["httpStatusCode"], headers, json.dumps(body).encode()

    def run(self, command: str, servers: Queue) -> None:
        server = servers.get()
        try:
            server.received, server.reply = [], self.reply
            self.compare(command, server)
        finally:
            servers.put(server)

    def compare(self, command: str, server: Server) -> None:
        service, _, operation = self.name.partition(".")
        prepared, came, refused = self.botocore.call(operation, self.sent, self.reply)
        from_aws = () if service == "chime" else (service,)
        # The flag stops lists from being followed, and other operations ignore it.
        argv = [command, *from_aws, xform_name(operation, "-"), "--no-paginate",
                "--endpoint-url", server.url, "--cli-input-json", json.dumps(document(self.sent))]
        done = subprocess.run(argv, capture_output=True, timeout=60, close_fds=False)
        out, err = done.stdout.decode(), done.stderr.decode()
        equal(len(server.received), 1, f"the number of requests (exit {done.returncode}: {err})")
        method, target, headers, body = server.received[0]
        # The only header that differs on purpose: each side has its own port.
        equal(headers["host"], server.url.removeprefix("http://"), "the host")
        same_request(self.operation, (method, target, headers, body), prepared)
        if refused:
            true(err.startswith(
                f"\nAn error occurred ({refused['Code']}) when calling the {operation} operation: "
                f"{refused['Message']} (request id {REQUEST_ID})"),
                f"the error {err!r} is as {refused}")
            equal((done.returncode, out), (254, ""), "exit code and output")
            return
        equal((done.returncode, err), (0, ""), "exit code and standard error")
        output = self.operation.output_shape
        printed = json.loads(out or "{}")
        if output is None:
            equal(printed, {}, "the output")
        else:
            equal(moments(output, printed), moments(output, came), "the output")


def cases(seed: str, chosen: tuple[str, ...]) -> list[Case]:
    made = []
    for service in SERVICES:
        botocore = Botocore(service)
        for name in botocore.model.operation_names:
            if chosen and f"{service}.{name}" not in chosen:
                continue
            errors = botocore.model.operation_model(name).error_shapes
            for number, error in enumerate([*itertools.repeat(None, SUCCESSES), *errors]):
                made.append(Case(botocore, name, number, seed, error))
    return made


def main(command: str, seed: str = "1", *chosen: str) -> int:
    os.environ |= {
        "AWS_ACCESS_KEY_ID": KEY.access_key,
        "AWS_SECRET_ACCESS_KEY": KEY.secret_key,
        "AWS_SESSION_TOKEN": KEY.token,
        "AWS_REGION": REGION,
        # One attempt, so that every error is visible.
        "AWS_MAX_ATTEMPTS": "1",
    }
    made = cases(seed, chosen)
    workers = 4
    servers: Queue = Queue()
    for _ in range(workers):
        servers.put(Server())
    failures = []

    def attempt(case: Case) -> None:
        try:
            case.run(command, servers)
        except Exception:
            failures.append((case, traceback.format_exc(limit=-2)))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(attempt, made))
    for case, failure in failures[:20]:
        sent = json.dumps(document(case.sent))
        print(f"{case.name}, seed {seed}: {failure}sent: {sent}\nreply: {case.reply}\n",
              file=sys.stderr)
    if failures:
        names = sorted({case.name for case, _ in failures})
        print(f"{len(failures)} of {len(made)} calls differ, seed {seed}: {' '.join(names)}",
              file=sys.stderr)
        return 1
    operations = {case.name for case in made}
    print(f"{len(operations)} operations, {sum(bool(case.error) for case in made)} errors")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
