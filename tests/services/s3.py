"""Object stores without Amazon. In: a folder. Out: SeaweedFS, which checks signatures and conditions and survives a
kill; or moto, which also knows SSE-KMS, DynamoDB and KMS, but forgets everything and lets everybody in.
"""

import json
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.services.process import HOST, Server, free_ports, installed, running

REGION, ACCESS_KEY, SECRET_KEY = "us-east-1", "contactbilling", "contact-billing-secret"
# Roles of SeaweedFS that listen, each on a port for HTTP and one for gRPC.
ROLES = ("master", "volume", "filer", "admin", "s3")


class AwsServer(Server):
    """A server that speaks as Amazon's do."""

    endpoint: str
    region, access_key, secret_key = REGION, ACCESS_KEY, SECRET_KEY

    def client(self, service: str = "s3", **options: Any) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, **options),
        )

    def create_bucket(self, name: str) -> None:
        """An empty bucket."""
        self.client().create_bucket(Bucket=name)

    @property
    def environment(self) -> dict[str, str]:
        """What a client finds in its environment: credentials and region, but not the endpoint."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")
        return dict(zip(names, (self.access_key, self.secret_key, self.region, self.region), strict=True))

    def _answers(self) -> bool:
        with suppress(BotoCoreError, ClientError):
            self.client(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}).list_buckets()
            return True
        return False


class S3Server(AwsServer):
    """SeaweedFS: buckets have to be created, and survive a kill."""

    def __init__(self, folder: Path) -> None:
        data, identities = folder / "data", folder / "identities.json"
        data.mkdir(parents=True, exist_ok=True)
        keys = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        identities.write_text(
            json.dumps({"identities": [{"name": "tests", "credentials": [keys], "actions": actions}]})
        )
        names = [f"-{role}.port{kind}" for role in ROLES for kind in ("", ".grpc")]
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.endpoint = f"http://{HOST}:{ports['-s3.port']}"
        weed = installed(Path(sys.executable).with_name("weed"), "setup")
        options = {
            "-dir": data,
            "-ip": HOST,
            "-ip.bind": HOST,
            **ports,
            "-s3.config": identities,
            "-s3.allowDeleteBucketNotEmpty": "false",
            "-s3.autoCreateBucket": "false",
            # What listens besides, on ports that are the same for all.
            "-s3.port.iceberg": 0,
            "-s3.port.lance": 0,
            "-webdav": "false",
            "-admin.ui": "false",
        }
        command = (weed, "mini", *(f"{name}={value}" for name, value in options.items()))
        super().__init__("SeaweedFS", command, folder / "s3.log", self._takes_objects)

    @property
    def flink_options(self) -> dict[str, str]:
        """What a Flink cluster has to be told."""
        return {
            "s3.endpoint": self.endpoint,
            "s3.endpoint.region": self.region,
            "s3.access-key": self.access_key,
            "s3.secret-key": self.secret_key,
            "s3.path.style.access": "true",
        }

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The names of all objects below a prefix."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def _takes_objects(self) -> bool:
        """Whether it is ready; that it answers comes sooner."""
        client, probe = self.client(retries={"total_max_attempts": 1}), "readiness-probe"
        with suppress(BotoCoreError, ClientError):
            client.create_bucket(Bucket=probe)
        with suppress(BotoCoreError, ClientError):
            client.put_object(Bucket=probe, Key="probe", Body=b"1")
            client.delete_object(Bucket=probe, Key="probe")
            client.delete_bucket(Bucket=probe)
            return True
        return False


class MotoServer(AwsServer):
    """moto: every service of Amazon's, in memory."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        self.endpoint = f"http://{HOST}:{port}"
        command = (installed(Path(sys.executable).with_name("moto_server"), "setup"), "-H", HOST, "-p", port)
        super().__init__("moto", command, folder / "moto.log", self._answers)


def s3(folder: Path) -> AbstractContextManager[S3Server]:
    """A running SeaweedFS, everything of which lies below the folder."""
    return running(S3Server(folder))


def aws_server(folder: Path) -> AbstractContextManager[MotoServer]:
    """A running moto; its log lies in the folder."""
    return running(MotoServer(folder))
