"""What a component asks of AWS. In: everything it does while it is recorded. Out: the requests that IAM would judge.

Calls are seen where botocore makes them, whatever answers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.deploy.policies import Context
from tests.deploy.stacks import GIVEN, HERE, REGION, deployed


class Request(NamedTuple):
    """An action on a resource; the context is what conditions look at."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def told(self) -> Context:
        return dict(self.context)


def _object(given: dict[str, Any]) -> str:
    return f"arn:aws:s3:::{given['Bucket']}/{given['Key']}"


def _bucket(given: dict[str, Any]) -> str:
    return f"arn:aws:s3:::{given['Bucket']}"


# What is called, the action that it needs, on what, and what that service then asks of the key.
CALLS: dict[str, tuple[str, Callable[[dict[str, Any]], str], str]] = {
    "GetObject": ("s3:GetObject", _object, "kms:Decrypt"),
    "PutObject": ("s3:PutObject", _object, "kms:GenerateDataKey"),
    "ListObjectsV2": ("s3:ListBucket", _bucket, ""),
    "Scan": ("dynamodb:Scan", lambda given: f"arn:aws:dynamodb:{HERE}:table/{given['TableName']}", "kms:Decrypt"),
    "DescribeStreamSummary": (
        "kinesis:DescribeStreamSummary",
        lambda given: f"arn:aws:kinesis:{HERE}:stream/{given['StreamName']}",
        "",
    ),
}


@contextmanager
def recorded() -> Iterator[list[Request]]:
    """Every request of this process while it lasts; a call that is not in the table is an error."""
    found: list[Request] = []
    make = BaseClient._make_api_call

    def seen(self: BaseClient, name: str, given: dict[str, Any]) -> Any:
        action, resource, on_key = CALLS[name]
        about = {"s3:prefix": given["Prefix"]} if "Prefix" in given else {}
        found.append(Request(action, resource(given), tuple(about.items())))
        if on_key:
            via = (("kms:ViaService", f"{self.meta.service_model.endpoint_prefix}.{REGION}.amazonaws.com"),)
            found.append(Request(on_key, key_of(given), via))
        try:
            return make(self, name, given)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                # S3 says so only to those who may list the bucket; to others it says "forbidden".
                found.append(Request("s3:ListBucket", _bucket(given)))
            raise

    with mock.patch.object(BaseClient, "_make_api_call", seen):
        yield found


def key_of(given: dict[str, Any]) -> str:
    """The KMS key of what is read or written."""
    if "TableName" in given:
        return str(GIVEN["VoicemailTableKey"])
    # A write that names a key needs the right to that one.
    if "SSEKMSKeyId" in given:
        return str(given["SSEKMSKeyId"])
    buckets = deployed()["storage"].of("AWS::S3::Bucket").values()
    (found,) = (b for b in buckets if b["BucketName"] == given["Bucket"])
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return str(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])
