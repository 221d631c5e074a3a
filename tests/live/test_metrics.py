"""The shipped Flink configuration on a real cluster: metrics as Prometheus reads them, and agents read again."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.integration.records import record
from tests.live.system import Live, store_and_cluster
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka, kafka
from tests.services.process import ROOT, await_that, free_ports
from tests.services.s3 import S3Server

# The parts of the shipped configuration that do not depend on the machine.
SHIPPED = ("execution.", "state.", "restart-strategy.", "metrics.", "python.metric")
SCOPE = "flink_taskmanager_job_task_operator_contact_billing"
NEW_AGENT = "11111111-8c01-44e6-abd5-80b7b51944cf"
TABLE = "agent_id,extension\nsomebody,0001\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[Kafka]:
    with kafka(folder / "kafka") as server:
        yield server


@pytest.fixture(scope="module")
def ports() -> list[int]:
    return free_ports(3)


@pytest.fixture(scope="module")
def services(folder: Path, ports: list[int]) -> Iterator[tuple[S3Server, FlinkCluster]]:
    shipped = YAML(typ="safe").load(ROOT / "conf" / "flink.yaml")
    options = {key: str(value) for key, value in shipped.items() if key.startswith(SHIPPED) and "<" not in str(value)}
    options["metrics.reporter.prom.port"] = ",".join(map(str, ports))
    with store_and_cluster(folder, **options) as pair:
        yield pair


class Metrics:
    """What Prometheus reads from all processes of a cluster."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports

    def sum(self, name: str, **labels: str) -> float:
        """Over all workers and quantiles; 0 where there is no such metric."""
        return sum(value for found, value in self._read(name) if labels.items() <= found.items())

    def exists(self, name: str) -> bool:
        return any(True for _ in self._read(name))

    def _read(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        for port in self._ports:
            # One of the ports is the JobManager's, which tells other things.
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                for line in answer.read().decode().splitlines():
                    if line.startswith(f"{SCOPE}_{name}{{"):
                        yield dict(re.findall(r'(\w+)="([^"]*)"', line)), float(line.rpartition(" ")[2])


def test_metrics(broker: Kafka, services: tuple[S3Server, FlinkCluster], ports: list[int], folder: Path) -> None:
    broker.create_topic("records")
    source = {"kind": "kafka", "kafka": {"brokers": broker.brokers, "topic": "records"}}
    live = Live(folder, *services, "metrics", source)
    live.settings["stream"]["agents_refresh_seconds"] = 1
    live.agents.write_text(TABLE + "busy,2143\nother,9999\n")
    job = live.submit()
    told, given = Metrics(ports), 0

    def send(*contacts: dict[str, object] | bytes) -> None:
        payloads = [c if isinstance(c, bytes) else json.dumps(c).encode() for c in contacts]
        broker.produce("records", [(payload, None) for payload in payloads])

    def counted(count: int, outcome: str, reason: str = "none") -> Callable[[], bool]:
        return lambda: told.sum("outcome_reason_records", outcome=outcome, reason=reason) == count

    def await_metric(what: str, condition: Callable[[], bool]) -> None:
        await_that(what, condition, 60, live.cluster.logs)

    send(*(record(f"billed-{number}", agent_id="busy") for number in range(300)))
    send(*(record(f"chat-{number}", Channel="CHAT") for number in range(20)), b"oops", b"{")
    send(record("conflict", agent_id="other"), record("held", extension=None, agent_id=NEW_AGENT))
    await_metric("billable", counted(301, "billable"))
    await_metric("excluded", counted(20, "excluded", "channel"))
    await_metric("quarantined", counted(2, "quarantined", "not_json"))
    await_metric("held", counted(1, "held", "extension_unmatched"))
    await_metric("conflicts", lambda: told.sum("extension_conflicts") == 1)
    await_metric("decode time", lambda: told.sum("decode_nanoseconds") > 0)
    await_metric("age", lambda: told.exists("agents_age_seconds"))
    assert told.sum("agents_refresh_failures") == 0

    # A broken table: counted, grown old, and no record waits for it.
    live.agents.write_text("agent;extension\n")

    def failing() -> bool:
        nonlocal given
        given += 1
        send(record(f"while-broken-{given}"))
        return told.sum("agents_refresh_failures") >= 2 and told.sum("agents_age_seconds") >= 2

    await_metric("the table is old", failing)
    await_metric("records went on", counted(301 + given, "billable"))

    # Mended, with the agent whose contact was held.
    live.agents.write_text(TABLE + f"{NEW_AGENT},0042\n")
    before = told.sum("outcome_reason_records", outcome="billable", reason="none")

    def joined() -> bool:
        send(record("held", extension=None, agent_id=NEW_AGENT))
        return told.sum("outcome_reason_records", outcome="billable", reason="none") > before

    await_metric("the held contact has its extension", joined)
    live.cluster.cancel(job)
