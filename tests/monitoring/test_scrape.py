"""A real Prometheus scrapes the running live job, from Kafka and from Kinesis, and the exporter: everything that is
shipped for it has data."""

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.shipped import FOLDER, alerts, metrics_in, metrics_in_docs, queries, yaml
from tests.monitoring.watched import TABLE, Jobs
from tests.services.process import HOST, Server, await_that, free_ports, listening, running
from tests.services.prometheus import Prometheus, prometheus
from tests.support.answered_calls import record
from tests.support.desk import Desk
from tests.support.process import COMMAND

PAYLOADS = (
    json.dumps(record("billed", agent_id="busy")).encode(),
    json.dumps(record("held", extension=None, agent_id="nobody")).encode(),
    json.dumps(record("chat", Channel="CHAT")).encode(),
    b"oops",
)


class Watched:
    """Everything at work: a job for each source, the exporter over a ledger with a release, and who scrapes them."""

    def __init__(self, jobs: Jobs, server: Prometheus) -> None:
        self.prometheus, self._jobs = server, jobs

    def send(self) -> None:
        """One record of every kind, so that rates are of something."""
        self._jobs.send(*PAYLOADS)
        self._jobs.put(*PAYLOADS)

    def data(self, expression: str) -> list[float]:
        """What an expression gives, without what is no number; sends records, where that is nothing."""
        if not (found := [value for value in self.prometheus.query(expression) if not math.isnan(value)]):
            self.send()
        return found


@pytest.fixture(scope="module")
def watched(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    (exported,) = free_ports(1)
    with ExitStack() as stack:
        stack.enter_context(running(exporter(folder / "exporter", exported)))
        server = stack.enter_context(prometheus(folder / "prometheus", configuration(jobs.ports, exported)))
        yield Watched(jobs, server)


def exporter(folder: Path, port: int) -> Server:
    """`contact-billing metrics` over a ledger in which a date is released, with something of every kind."""
    desk = Desk(folder)
    desk.deliver("", 'ContactId = "call-2"; Attributes = null', "Queue = 5")
    assert desk.release().new
    agents = folder / "agents.csv"
    agents.write_text(TABLE)
    address = f"{HOST}:{port}"
    options = ("--out", folder, "--agents", agents, "--listen", address, "--every", 1)
    return Server("the exporter", (COMMAND, "metrics", *options), folder / "log", lambda: listening(port))


def configuration(ports: list[int], exported: int) -> dict[str, Any]:
    """The shipped example, with the machines of the test, in a hurry."""
    found: dict[str, Any] = yaml("prometheus.yaml")
    targets = {"flink": [f"{HOST}:{port}" for port in ports], "contact-billing": [f"{HOST}:{exported}"]}
    for job in found["scrape_configs"]:
        job |= {"static_configs": [{"targets": targets.pop(job["job_name"])}], "scrape_interval": "1s"}
    assert not targets
    return found | {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(FOLDER / name) for name in found["rule_files"]],
    }


def test_everything_is_scraped_and_every_rule_is_healthy(watched: Watched) -> None:
    everything = {"flink": ["up"] * 3, "contact-billing": ["up"]}
    await_that("every target is scraped", lambda: watched.prometheus.targets() == everything)
    healthy = dict.fromkeys(alerts(), "ok")
    await_that("every rule was evaluated", lambda: watched.prometheus.rules() == healthy)


@pytest.mark.parametrize("target", queries())
def test_every_panel_has_data(watched: Watched, target: str) -> None:
    assert await_that(f"{target} has data", lambda: watched.data(queries()[target]))


@pytest.mark.parametrize("name", alerts())
def test_every_alert_looks_at_metrics_that_are_there(watched: Watched, name: str) -> None:
    for metric in metrics_in(alerts()[name]["expr"]):
        assert await_that(f"there is {metric}", lambda metric=metric: watched.data(metric))


def test_every_metric_of_the_documents_is_there(watched: Watched) -> None:
    assert metrics_in_docs()
    await_that("all are there", lambda: watched.data("sum(rate(contact_billing_look_failures_total[1m]))"))
    assert metrics_in_docs() - watched.prometheus.names() == set()


def test_the_exporter_tells_nothing_of_itself(watched: Watched) -> None:
    # Prometheus gives the exporter's labels to what it adds itself.
    others = '{job="contact-billing", __name__!~"(contact_billing|scrape)_.*|up|ALERTS.*"}'
    assert watched.prometheus.query(others) == []
    assert watched.prometheus.query('{job="contact-billing"}')
