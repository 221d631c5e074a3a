"""Settings that cannot work: one line that names the setting, before a job is submitted, and nothing of Java's."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobs.ingest.streams.source_table import stream_source
from jobs.settings.connections import Kafka as KafkaSource
from jobs.settings.connections import Kinesis as KinesisSource
from jobs.settings.connections import Source
from jobs.settings.settings import Settings, load_settings
from jobs.stream import check, run_stream
from schemas.errors import ContactBillingError, InputError, SettingsError, StorageError
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.process import BUILD, ROOT, ServiceError
from tests.services.s3 import AwsServer, S3Server, aws_server
from tests.support.cluster import System
from tests.support.live_system import BUCKET, RESTRICTED, STREAM, toml
from tests.support.process import run

JAR = BUILD / "connectors.jar"
NOWHERE = "127.0.0.1:9"
AGENTS = "agent_id,extension\nagent-1,0001\n"
SASL = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"}


@pytest.fixture
def store(system: System) -> S3Server:
    return system.store


@pytest.fixture(scope="module")
def amazon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    with aws_server(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCESS_KEY_ID", S3Server.access_key), ("SECRET_ACCESS_KEY", S3Server.secret_key)):
        monkeypatch.setenv(f"AWS_{name}", value)


def written(folder: Path, source: dict[str, Any], **sections: Any) -> Path:
    """Settings that work but for what the test says; a section of None is left out."""
    (folder / "agents.csv").write_text(AGENTS)
    settings = {
        "storage": {"ledger": str(folder / "ledger"), "agents": str(folder / "agents.csv")},
        "source": source,
        "stream": {"connectors": str(JAR)},
    }
    path = folder / "settings.toml"
    path.write_text(toml(settings | sections))
    return path


def from_kafka(**more: Any) -> dict[str, Any]:
    return {"kind": "kafka", "kafka": {"brokers": NOWHERE, "topic": "records"} | more}


def refusal(config: Path, kind: type[ContactBillingError] = SettingsError) -> str:
    """What is said of settings before Java starts."""
    with pytest.raises(kind) as error:
        run_stream(config, None)
    return str(error.value)


def test_a_secret_that_is_not_in_the_environment(tmp_path: Path) -> None:
    source = from_kafka(secrets={"sasl.jaas.config": "SECRET_OF_NOBODY"})
    assert "source.kafka.secrets names the environment variable SECRET_OF_NOBODY" in refusal(written(tmp_path, source))


def test_an_agents_table_that_cannot_be_read(tmp_path: Path) -> None:
    config = written(tmp_path, from_kafka())
    (tmp_path / "agents.csv").write_text("agent_id;extension\n")
    assert "is separated by semicolons" in refusal(config, InputError)
    (tmp_path / "agents.csv").write_text("agent,extension\n")
    assert "lacks the column agent_id" in refusal(config, InputError)
    (tmp_path / "agents.csv").unlink()
    assert "cannot read the agents table" in refusal(config, InputError)


def test_connectors_that_have_not_been_built(tmp_path: Path) -> None:
    config = written(tmp_path, from_kafka(), stream={"connectors": str(tmp_path / "connectors.jar")})
    assert refusal(config).endswith("connectors.jar does not exist; run `make jars`")


@pytest.mark.parametrize("kind", ["ledger", "quarantine", "archive"])
def test_a_job_in_one_process_writes_to_folders(tmp_path: Path, kind: str) -> None:
    storage = {"ledger": str(tmp_path / "ledger"), kind: f"s3://{BUCKET}/x"}
    said = refusal(written(tmp_path, from_kafka(), storage=storage))
    assert f"storage.{kind} is on S3" in said
    assert "flink run" in said


def test_a_start_that_is_no_instant(tmp_path: Path) -> None:
    kinesis = {"stream": "s", "region": "us-east-1", "start": "AT_TIMESTAMP", "start_timestamp": "yesterday"}
    assert "source.kinesis.start_timestamp" in refusal(written(tmp_path, {"kind": "kinesis", "kinesis": kinesis}))


def on_s3(store: S3Server, folder: Path, **storage: Any) -> tuple[Settings, str]:
    """Settings of a job on a cluster, and where its agents are."""
    access = {"endpoint": store.endpoint, "region": store.region, "path_style": True} | storage.pop("s3", {})
    places = {"ledger": f"s3://{BUCKET}/{folder.name}"} | storage | {"s3": access}
    found = load_settings(written(folder, from_kafka(), storage=places))
    return found, str(folder / "agents.csv")


def test_s3_that_can_be_used(store: S3Server, tmp_path: Path) -> None:
    check(*on_s3(store, tmp_path, archive=f"s3://{RESTRICTED}/archive"))


@pytest.mark.parametrize("kind", ["ledger", "quarantine", "archive"])
def test_a_bucket_that_is_not_there(store: S3Server, tmp_path: Path, kind: str) -> None:
    with pytest.raises(SettingsError, match=rf"no such bucket; correct storage\.{kind}"):
        check(*on_s3(store, tmp_path, **{kind: "s3://nobodys/x"}))


def test_credentials_that_s3_refuses(store: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(SettingsError, match=r"refuses the credentials .* set AWS_ACCESS_KEY_ID"):
        check(*on_s3(store, tmp_path))


def test_s3_that_does_not_answer(store: S3Server, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"check storage\.s3\.endpoint"):
        check(*on_s3(store, tmp_path, s3={"endpoint": f"http://{NOWHERE}"}))


@pytest.mark.parametrize(
    ("stream", "endpoint", "said"),
    [
        ("nobodys", None, r"source\.kinesis\.stream nobodys does not exist"),
        ("records", f"http://{NOWHERE}", r"cannot reach Kinesis: .* check source\.kinesis\.endpoint"),
        ("records", "nowhere", r"check source\.kinesis\.endpoint"),
    ],
)
def test_kinesis_that_cannot_be_read(amazon: AwsServer, stream: str, endpoint: str | None, said: str) -> None:
    source = Source("kinesis", kinesis=KinesisSource(stream, amazon.region, endpoint or amazon.endpoint))
    with pytest.raises(SettingsError, match=said):
        stream_source(source).check_connection({})


def test_kafka_that_cannot_be_read(broker: Kafka) -> None:
    """In one JVM, without the connectors' trace of what went wrong."""
    broker.create_topic("records")
    cases = {
        "": KafkaSource(broker.brokers, "records"),
        "source.kafka.topic nobodys does not exist": KafkaSource(broker.brokers, "nobodys"),
        f"source.kafka.brokers {NOWHERE} do not answer": KafkaSource(NOWHERE, "records"),
        "source.kafka.brokers, properties or secrets cannot be used: ConfigException": KafkaSource(
            broker.brokers, "records", properties={"security.protocol": "NONE"}
        ),
        "source.kafka.brokers, properties or secrets cannot be used": KafkaSource(
            broker.brokers, "records", properties=SASL
        ),
    }
    given = b"\n".join(msgspec.json.encode(Source("kafka", source)) for source in cases.values())
    command = [sys.executable, "-m", "tests.live.kafka_checks", JAR]
    done = subprocess.run(command, input=given, capture_output=True, check=False, cwd=ROOT, timeout=240)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    said = done.stdout.decode().split("\n")
    assert len(said) == len(cases) + 1
    for expected, line in zip(cases, said, strict=False):
        assert line.startswith(expected), line
        assert bool(line) == bool(expected)


def test_the_command_says_one_line(broker: Kafka, tmp_path: Path) -> None:
    config = written(tmp_path, from_kafka(brokers=broker.brokers, topic="nobodys"))
    done = run("stream", "--config", config, folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == "contact-billing: source.kafka.topic nobodys does not exist; create it or correct the name\n"
    assert (done.left, done.survivors) == ([], [])


def test_options_that_the_connector_does_not_know(amazon: AwsServer, tmp_path: Path) -> None:
    amazon.client("kinesis").create_stream(StreamName="records", ShardCount=1)
    kinesis = {"stream": "records", "region": amazon.region, "endpoint": amazon.endpoint}
    source = {"kind": "kinesis", "kinesis": kinesis | {"properties": {"sacn.shard.getrecords.maxrecordcount": "9"}}}
    done = run("stream", "--config", written(tmp_path, source), folder=tmp_path)
    assert (done.code, done.out) == (2, ""), done.err
    said = "contact-billing: source.kinesis.properties: the connector refuses sacn.shard.getrecords.maxrecordcount; "
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1


def test_flinks_client_says_the_line(broker: Kafka, tmp_path: Path) -> None:
    """First; the client has its own words for it after that. There is no cluster: nothing is asked of it."""
    client = FlinkCluster(tmp_path / "flink", 1, 1, {})
    config = written(tmp_path, from_kafka(brokers=broker.brokers, topic="nobodys"))
    with pytest.raises(ServiceError) as error:
        client.submit(STREAM, "--config", config)
    line = "contact-billing: source.kafka.topic nobodys does not exist; create it or correct the name\n"
    assert line in str(error.value)
    assert "Traceback" not in str(error.value)


def test_flinks_client_without_the_connectors(broker: Kafka, tmp_path: Path) -> None:
    client = FlinkCluster(tmp_path / "flink", 1, 1, {})
    (client.home / "lib" / "connectors.jar").unlink()
    with pytest.raises(ServiceError, match="contact-billing: the kafka connector is missing; run `make jars`"):
        client.submit(STREAM, "--config", written(tmp_path, from_kafka(brokers=broker.brokers)))
