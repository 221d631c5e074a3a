"""The services, started once for all tests of the live job."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.system import store_and_cluster
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka, kafka
from tests.services.kinesis import Kinesis, kinesis
from tests.services.s3 import S3Server


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="package")
def services(folder: Path) -> Iterator[tuple[S3Server, FlinkCluster]]:
    with store_and_cluster(folder) as pair:
        yield pair


@pytest.fixture(scope="package")
def broker(folder: Path) -> Iterator[Kafka]:
    with kafka(folder / "kafka") as server:
        yield server


@pytest.fixture(scope="package")
def stream(folder: Path) -> Iterator[Kinesis]:
    with kinesis(folder / "kinesis") as server:
        yield server
