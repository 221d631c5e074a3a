"""The live job's parts without Flink's cluster: the function, the refreshed agents, the statements."""

import io
import json
from typing import Any

import fastavro
import msgspec
import pandas as pd
import pytest

from jobs.ingest.live.agents_cache import LiveAgents
from jobs.ingest.live.outcome_udf import OutcomeFunction
from jobs.ingest.live.tables import Paths, closing, inserts, sink_tables
from jobs.ingest.streams.kafka import KafkaStream
from jobs.ingest.streams.kafka_avro import payload as from_avro
from jobs.ingest.streams.kinesis import KinesisStream
from jobs.ingest.streams.source_table import source_table, stream_source
from jobs.settings.connections import Kafka, Kinesis, Source, Stream
from schemas.avro import contact_record_avro
from schemas.errors import InputError, SettingsError, StorageError
from schemas.outcome import OUTCOME_COLUMNS, REASONS
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import PLAIN, payload
from transforms.records.extension import AgentHistory, Assignment
from transforms.records.outcome import outcome

ONE = AgentHistory([Assignment("nurse-1", "1")])
TWO = AgentHistory([Assignment("nurse-1", "2")])
PAYLOADS = [
    payload(),
    b"",
    b"oops",
    payload('Channel = "CHAT"'),
    payload('InitiationTimestamp = "9999-12-31T10:00:00Z"'),
]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Table:
    """Gives what it is told to, or raises it."""

    def __init__(self, *answers: AgentHistory | Exception) -> None:
        self.answers = list(answers)

    def __call__(self) -> AgentHistory:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Counted:
    """A metric, and the group that makes it."""

    def __init__(self, told: dict[str, Any], name: str = "") -> None:
        self.told, self.name = told, name

    def add_group(self, name: str, value: str = "") -> "Counted":
        return Counted(self.told, f"{self.name}{name}={value};" if value else self.name)

    def counter(self, name: str) -> "Counted":
        return Counted(self.told, f"{self.name}{name}")

    def gauge(self, name: str, value: Any) -> None:
        self.told[name] = value

    def inc(self, count: int) -> None:
        self.told[self.name] = self.told.get(self.name, 0) + count

    def get_metric_group(self) -> "Counted":
        return self


def opened(agents: AgentHistory = NO_AGENTS) -> tuple[OutcomeFunction, dict[str, Any]]:
    told: dict[str, Any] = {}
    judge = OutcomeFunction(RULES, lambda: agents, 60)
    judge.open(Counted(told))  # type: ignore[arg-type]
    return judge, told


def test_a_batch_gives_the_rows_that_its_payloads_give() -> None:
    judge, _ = opened(ONE)
    frame = judge.eval(pd.Series([*PAYLOADS, None], dtype=object))
    for number, given in enumerate([*PAYLOADS, b""]):
        expected = msgspec.structs.asdict(outcome(given, ONE, RULES))
        row = frame.iloc[number].to_dict()
        assert {name: row[name] for name in expected} == expected
        assert row["length"] == len(given)
        assert row["payload"] == (given if expected["outcome"] == "quarantined" else None)


def test_a_batch_without_payloads_has_the_columns() -> None:
    judge, _ = opened()
    assert list(judge.eval(pd.Series([], dtype=object))) == [*(c.name for c in OUTCOME_COLUMNS), "length", "payload"]


def test_records_are_counted_by_outcome_and_reason() -> None:
    judge, told = opened(ONE)
    judge.eval(pd.Series(PAYLOADS, dtype=object))
    judge.eval(pd.Series(PAYLOADS[:1], dtype=object))
    assert told["outcome=billable;reason=none;records"] == 2
    assert told["outcome=quarantined;reason=not_json;records"] == 2
    assert told["outcome=excluded;reason=channel;records"] == 1
    # What did not occur is told, too: a counter has to be there before it grows.
    assert {name for name in told if name.endswith(";records")} == {
        f"outcome={outcome};reason={reason or 'none'};records" for outcome, found in REASONS.items() for reason in found
    }
    assert told["extension_conflicts"] == 2
    assert told["decode_nanoseconds"] > 0
    assert told["agents_age_seconds"]() == 0


def test_a_bug_is_told_without_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, _ = opened()

    def broken(given: list[bytes], *_: Any) -> None:
        raise ValueError(given)

    monkeypatch.setattr("jobs.ingest.live.outcome_udf.outcomes", broken)
    with pytest.raises(RuntimeError, match="ValueError") as error:
        judge.eval(pd.Series(PAYLOADS, dtype=object))
    assert PLAIN["CustomerEndpoint"]["Address"] not in str(error.value)
    assert error.value.__suppress_context__


def test_agents_are_read_again_when_they_are_old() -> None:
    clock = Clock()
    agents = LiveAgents(Table(ONE, TWO), 10, clock)
    clock.now = 9.9
    assert agents.history() is ONE
    clock.now = 10
    assert agents.history() is TWO
    assert agents.age() == 0


def test_agents_that_cannot_be_read_stay_and_are_counted() -> None:
    clock = Clock()
    agents = LiveAgents(Table(ONE, InputError("overlap"), StorageError("away"), TWO), 10, clock)
    for now, failures in ((10, 1), (15, 1), (20, 2)):
        clock.now = now
        assert agents.history() is ONE
        assert (agents.failures, agents.age()) == (failures, now)
    clock.now = 30
    assert agents.history() is TWO
    assert (agents.failures, agents.age()) == (2, 0)


def test_the_first_reading_must_succeed() -> None:
    with pytest.raises(InputError, match="gone"):
        LiveAgents(Table(InputError("gone")), 10)


def avro(record: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    fastavro.schemaless_writer(file, contact_record_avro(), record)
    return file.getvalue()


def test_an_avro_value_has_the_outcome_of_its_json() -> None:
    known = {f["name"]: f for f in contact_record_avro()["fields"]}
    record = {name: value for name, value in PLAIN.items() if name in known}
    assert json.loads(from_avro(avro(record)))["ContactId"] == PLAIN["ContactId"]
    assert outcome(from_avro(avro(record)), ONE, RULES) == outcome(payload(), ONE, RULES)


@pytest.mark.parametrize("value", [b"", b"\x00", b"\xff" * 50, payload(), avro({"ContactId": "c"}) + b"\x00"])
def test_what_is_no_avro_value_stays_as_it_is(value: bytes) -> None:
    assert from_avro(value) == value


def test_secrets_come_from_the_environment_and_only_there() -> None:
    kafka = Kafka("b:1", "t", properties={"security.protocol": "SASL_SSL"}, secrets={"sasl.jaas.config": "JAAS_SECRET"})
    assert KafkaStream(kafka).options({"JAAS_SECRET": "it's secret"})["properties.sasl.jaas.config"] == "it's secret"
    with pytest.raises(SettingsError, match=r"source\.kafka\.secrets.* JAAS_SECRET"):
        KafkaStream(kafka).options({})


def test_a_secret_that_flink_would_log_is_refused() -> None:
    kafka = Kafka("b:1", "t", secrets={"sasl.jaas.config": "JAAS"})
    with pytest.raises(SettingsError, match=r"source\.kafka\.secrets: .* JAAS .*SECRET") as error:
        KafkaStream(kafka).options({"JAAS": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_a_quote_in_a_setting_ends_no_literal() -> None:
    records = source_table(KafkaStream(Kafka("b:1", "t", properties={"client.id": "o'neil', 'x' = 'y"})), {})[0]
    assert "'properties.client.id' = 'o''neil'', ''x'' = ''y'" in records


def test_the_options_of_kinesis() -> None:
    assert KinesisStream(Kinesis("s", "us-east-1")).options({}) == {
        "connector": "kinesis",
        "stream": "s",
        "aws.region": "us-east-1",
        "scan.stream.initpos": "TRIM_HORIZON",
        "scan.stream.recordpublisher": "POLLING",
        "format": "raw",
    }
    more = KinesisStream(
        Kinesis("s", "r", "http://e", "AT_TIMESTAMP", "2026-03-01T01:00:00+01:00", "efo", "me", {"aws.x": "y"})
    ).options({})
    assert more["aws.endpoint"] == "http://e"
    assert more["scan.stream.efo.consumername"] == "me"
    assert more["scan.stream.initpos-timestamp"] == "2026-03-01T00:00:00.000Z"
    assert more["aws.x"] == "y"


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (Source("kafka", Kafka(topic="t")), "source.kafka.brokers"),
        (Source("kafka", Kafka("b:1")), "source.kafka.topic"),
        (Source("kafka", Kafka("b:1", "t", secrets={"sasl.jaas.config": "TOKEN"})), "source.kafka.secrets.*TOKEN"),
        (Source("kinesis", kinesis=Kinesis(region="r")), "source.kinesis.stream"),
        (Source("kinesis", kinesis=Kinesis("s")), "source.kinesis.region"),
        (Source("kinesis", kinesis=Kinesis("s", "r", start="AT_TIMESTAMP")), "source.kinesis.start_timestamp"),
    ],
)
def test_what_a_source_needs_is_named(source: Source, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        stream_source(source).check_settings({})


def test_only_an_archive_that_is_named_is_written() -> None:
    for archive in ("", "s3://b/archive"):
        paths = Paths("s3://b/ledger", "s3://q/quarantine", archive)
        written = " ".join([*sink_tables(paths, Stream(), "UTC"), *inserts(paths)])
        assert ("INSERT INTO archive" in written) == ("'s3://b/archive'" in written) == bool(archive)


def test_a_date_closes_after_its_end_in_its_zone() -> None:
    options = closing(Stream(close_delay_minutes=90), "America/New_York")
    assert options["sink.partition-commit.delay"] == "1530 min"
    assert options["sink.partition-commit.watermark-time-zone"] == "America/New_York"
