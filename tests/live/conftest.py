"""The services of a run, as the tests of the live job ask for them."""

import pytest

from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.s3 import S3Server
from tests.support.cluster import System


@pytest.fixture
def services(system: System, monkeypatch: pytest.MonkeyPatch) -> tuple[S3Server, FlinkCluster]:
    """S3 and the cluster; commands that the test runs find the credentials of the one."""
    for name, value in system.store.environment.items():
        monkeypatch.setenv(name, value)
    return system.store, system.cluster


@pytest.fixture
def broker(system: System) -> Kafka:
    return system.broker


@pytest.fixture
def stream(system: System) -> Kinesis:
    return system.stream
