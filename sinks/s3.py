"""The object store on S3 and compatible services. Credentials come from the environment or the role.

An object appears when it is complete. Every write has the KMS key, if the settings name one.
"""

import datetime
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from schemas.errors import SettingsError, StorageError
from sinks.aws_errors import translate_s3_error

SCHEME = "s3://"
_PARALLEL = 4
_CONFLICTS = 5


class Access(Protocol):
    """The connection settings of the object store: storage.s3."""

    @property
    def endpoint(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def path_style(self) -> bool: ...
    @property
    def kms_key(self) -> str: ...


class S3Store:
    """The objects below s3://bucket/prefix."""

    def __init__(self, uri: str, s3: Access, setting: str) -> None:
        self._bucket, _, prefix = uri.removeprefix(SCHEME).partition("/")
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._s3 = s3
        self._setting = setting
        self._cached_client: Any = None
        if not self._bucket:
            raise SettingsError(f"{setting} names no bucket; write it as s3://bucket/prefix")

    def __getstate__(self) -> dict[str, Any]:
        # Workers receive the store by pickle and create their own client.
        return {**self.__dict__, "_cached_client": None}

    def put(self, name: str, data: bytes) -> None:
        with self._errors("write", name):
            self._put(name, data)

    def put_new(self, name: str, data: bytes) -> bool:
        with self._errors("write", name):
            return self._put_if(name, data, IfNoneMatch="*")

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        with self._errors("write", name):
            data, tag = self._get(name)
            return data == old and self._put_if(name, new, IfMatch=tag)

    def get(self, name: str) -> bytes | None:
        with self._errors("read", name):
            return self._get(name)[0]

    def names(self, folder: str) -> list[str]:
        return sorted(self._list(f"{folder}/" if folder else "", folder))

    def write_times(self, path: str) -> dict[str, datetime.datetime]:
        times = self._list(path, path)
        return {name: at for name, at in times.items() if not path or name == path or name.startswith(f"{path}/")}

    def _list(self, prefix: str, path: str) -> dict[str, datetime.datetime]:
        """Return the write times of the objects with this prefix; errors name `path`."""
        with self._errors("list", path):
            pages = (
                self._client()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)
            )
            times = {
                entry["Key"].removeprefix(self._prefix): entry["LastModified"]
                for page in pages
                for entry in page.get("Contents", ())
            }
        # Keys with a trailing slash are folder markers of other programs.
        return {k: at for k, at in times.items() if not k.endswith("/") and not any(p[:1] == "." for p in k.split("/"))}

    def delete(self, name: str) -> None:
        with self._errors("delete", name):
            self._client().delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def age_seconds(self, name: str) -> float:
        with self._errors("read", name):
            head = self._client().head_object(Bucket=self._bucket, Key=self._prefix + name)
        return time.time() - float(head["LastModified"].timestamp())

    def location(self, name: str) -> str:
        return f"{SCHEME}{self._bucket}/{self._prefix}{name}".rstrip("/")

    def local(self, names: list[str], folder: Path) -> list[str]:
        with ThreadPoolExecutor(_PARALLEL) as pool:
            return list(pool.map(lambda name: self._download(name, folder / name), names))

    def _download(self, name: str, path: Path) -> str:
        data = self.get(name)
        if data is None:
            raise StorageError(f"{self.location(name)} is missing; restore it from a copy, or run again")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}; check the disk's space") from None
        return str(path)

    def _get(self, name: str) -> tuple[bytes | None, str]:
        from botocore.exceptions import ClientError  # type: ignore[import-untyped, unused-ignore]

        try:
            response = self._client().get_object(Bucket=self._bucket, Key=self._prefix + name)
            return bytes(response["Body"].read()), response["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None, ""
            raise

    def _put_if(self, name: str, data: bytes, **condition: str) -> bool:
        from botocore.exceptions import ClientError

        for attempt in range(_CONFLICTS):
            try:
                self._put(name, data, **condition)
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                # 404: the object to replace was deleted in the meantime.
                if status == 412 or error.response["Error"]["Code"] == "NoSuchKey":
                    return False
                # Another conditional write of the object is in progress; either may win.
                if status != 409:
                    raise
                time.sleep(0.1 * 2**attempt)
            else:
                return True
        raise StorageError(f"cannot write {self.location(name)}: others keep writing it; run again")

    def _put(self, name: str, data: bytes, **conditions: str) -> None:
        # A single request: multipart uploads are not conditional everywhere, and may leave parts behind.
        key = self._s3.kms_key
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        # A browser displays a page only with this content type.
        content_type = {"ContentType": "text/html; charset=utf-8"} if name.endswith(".html") else {}
        options = {**encryption, **content_type, **conditions}
        self._client().put_object(Bucket=self._bucket, Key=self._prefix + name, Body=data, **options)

    def _client(self) -> Any:
        if self._cached_client is None:
            self._cached_client = _client(self._s3)
        return self._cached_client

    @contextmanager
    def _errors(self, action: str, name: str) -> Iterator[None]:
        """Translate the client library's errors."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as error:
            raise translate_s3_error(error, f"cannot {action} {self.location(name)}", self._setting) from None


def _client(s3: Access) -> Any:
    import boto3
    from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]

    # Not every S3-compatible store supports the newer checksums.
    checksums = "when_required" if s3.endpoint else "when_supported"
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=_PARALLEL * 2,
        retries={"mode": "standard", "total_max_attempts": 4},
        s3={"addressing_style": "path" if s3.path_style else "auto"},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
    )
    # A separate session: the default one is shared by threads, and creating clients from it is not thread-safe.
    return boto3.session.Session().client(
        "s3", endpoint_url=s3.endpoint or None, region_name=s3.region or None, config=config
    )
