"""Live jobs from Kafka and from Kinesis, for everything that is looked at here."""

from collections.abc import Iterator

import pytest

from tests.monitoring.watched import Jobs, submitted
from tests.support.cluster import System


@pytest.fixture(scope="package")
def jobs(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    with submitted(system, tmp_path_factory.mktemp("monitoring")) as found:
        yield found
