"""Access: credentials, signatures, regions and paths."""

from typing import Any

import boto3
import botocore
from botocore.exceptions import ClientError

from checks import Wrong, equal, subset, true
from world import SEED, Organisation, World


def keys(world: World) -> None:
    """A wrong key, a wrong secret and a missing token fail with errors that no service models."""
    good, role = SEED["Credentials"][:2]
    wrong = [
        {**good, "SecretAccessKey": "not-the-secret"},
        {**good, "AccessKeyId": "AKIDNOBODY"},
        {**good, "SessionToken": "not-asked-for"},
        {key: value for key, value in role.items() if key != "SessionToken"},
        {**role, "SessionToken": "another"},
    ]
    clients = [world.client(key) for key in wrong]
    clients.append(world.client(good, signature_version=botocore.UNSIGNED))
    for number, client in enumerate(clients):
        world.record.last = ("ListAccounts", {"client": number}, "a success")
        try:
            client.list_accounts()
        except ClientError as error:
            world.record.last = ("ListAccounts", {"client": number}, error.response)
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 403, "the status")
            code = error.response["Error"]["Code"]
            model = client.meta.service_model
            true(model.shape_for_error_code(code) is None, f"{code} is of no service")
        else:
            raise Wrong("it should be refused")


def regions(world: World) -> None:
    """For a custom endpoint, clients sign for the region in their settings."""
    northwind = {"AccountId": Organisation("Northwind").id}
    account = world.caller().get_account(**northwind)
    for region in ("us-east-1", "ap-southeast-2", "local"):
        equal(world.caller(region=region).get_account(**northwind), account)


def paths(world: World) -> None:
    """Programs from 2019 put `/console` before every path."""
    old = world.caller(prefix="/console")
    account = old.create_account(Name="Old and new")["Account"]
    of = {"AccountId": account["AccountId"]}
    equal(world.caller().get_account(**of)["Account"], account)
    equal(old.list_accounts(Name="Old and")["Accounts"], [account])
    old.delete_account(**of)


def identity(world: World) -> None:
    """STS returns the caller's identity, which some applications need to build ARNs."""
    def sts(secret: str, key: dict) -> Any:
        return boto3.session.Session().client(
            "sts", region_name="us-east-1", endpoint_url=world.url,
            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=secret,
            aws_session_token=key.get("SessionToken"))

    for key in SEED["Credentials"]:
        came = sts(key["SecretAccessKey"], key).get_caller_identity()
        subset(came, Account=key["AwsAccountId"], Arn=key["Arn"])
        true(came["ResponseMetadata"].get("RequestId"), "there is a request id")
        try:
            sts("not-the-secret", key).get_caller_identity()
        except ClientError as error:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 403, "the status")
        else:
            raise Wrong("it should be refused")


LIVES = [keys, regions, paths, identity]
