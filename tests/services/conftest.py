"""Services that are killed and split: nobody else uses them."""

from collections.abc import Iterator

import pytest

from tests.services.kafka import Kafka, kafka
from tests.services.kinesis import Kinesis, kinesis


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="package")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinesis]:
    with kinesis(tmp_path_factory.mktemp("kinesis")) as server:
        yield server
