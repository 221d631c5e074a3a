"""Hand-computed cases for the reference reading of the specification in tests/oracle."""

import gzip
import io
import json
import pathlib
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.oracle.rules import Settings, classify
from tests.oracle.splitting import LIMIT, payloads, split_text
from tests.oracle.totals import expected

ARN = "arn:aws:connect:eu-west-1:111122223333:instance/i/agent/"
AGENT = {
    "ARN": ARN + "u1",
    "ConnectedToAgentTimestamp": "2026-03-01T10:00:20Z",
    "AgentInteractionDuration": 30,
    "CustomerHoldDuration": 5,
}
RECORD = {
    "ContactId": "c1",
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2026-03-01T10:00:00Z",
    "ConnectedToSystemTimestamp": "2026-03-01T10:00:00Z",
    "DisconnectTimestamp": "2026-03-01T10:01:00Z",
    "LastUpdateTimestamp": "2026-03-01T10:03:00Z",
    "Agent": AGENT,
    "Attributes": {"extensionNumber": "0042"},
    "CustomerEndpoint": {"Address": "+12025550101"},
}
NO_AGENT = {"Agent": None}
LATER = "2026-03-01T10:30:00Z"
DEEP = 511  # arrays below the record: with the record itself 512 levels


def record(agent: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {**RECORD, "Agent": {**AGENT, **(agent or {})}, **changes}


def payload(**changes: Any) -> bytes:
    return json.dumps(record(**changes)).encode()


def outcome(data: bytes, **settings: Any) -> str:
    row = classify(data, Settings(**settings))
    return f"{row.outcome} {row.reason}".strip()


def write(folder: pathlib.Path, *records: dict[str, Any]) -> pathlib.Path:
    (folder / "records.json").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b" " * (LIMIT + 1), "quarantined too_large"),
        (b'{"x":"\xff"}', "quarantined not_utf8"),
        (json.dumps(RECORD).encode("utf-16"), "quarantined not_utf8"),
        (b"\xef\xbb\xbf" + payload(), "billable"),
        (b'{"x":NaN}', "quarantined not_json"),
        (b"", "quarantined not_json"),
        (b"[{}]", "quarantined not_an_object"),
        (b"{}", "quarantined missing_field"),
        (payload()[:-1] + b',"x":' + b"[" * DEEP + b"]" * DEEP + b"}", "billable"),
        (
            payload()[:-1] + b',"x":' + b"[" * (DEEP + 1) + b"]" * (DEEP + 1) + b"}",
            "quarantined not_json",
        ),
        (payload()[:-1] + b',"x":' + b"9" * 5000 + b"}", "billable"),
        (payload()[:-1] + b',"Channel":"CHAT"}', "excluded channel"),
        (b'{"EventType":"LOGIN","AgentARN":"a"}', "excluded agent_event"),
        (b'{"EventType":"LOGIN","AgentARN":"a","ContactId":""}', "quarantined missing_field"),
    ],
)
def test_what_can_be_read(data: bytes, found: str) -> None:
    assert outcome(data) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, "billable"),
        (
            {"AWSContactTraceRecordFormatVersion": "2030-01-01", "ContactId": None},
            "quarantined unsupported_version",
        ),
        ({"ContactId": "", "Queue": 5, "InitiationTimestamp": "x"}, "quarantined missing_field"),
        ({"Queue": 5, "LastUpdateTimestamp": "x"}, "quarantined wrong_type"),
        ({"Channel": "CHAT", "Queue": 5}, "quarantined wrong_type"),
        ({"Channel": "CHAT", "Attributes": {"extensionNumber": 7}}, "quarantined wrong_type"),
        ({"agent": {"AgentInteractionDuration": 30.0}}, "quarantined wrong_type"),
        ({"agent": {"AgentInteractionDuration": True}}, "quarantined wrong_type"),
        ({"agent": {"CustomerHoldDuration": 2**63}}, "quarantined wrong_type"),
        ({"Recordings": [None]}, "quarantined wrong_type"),
        ({"ContactId": "\ud800"}, "quarantined wrong_type"),
        ({"Unread": "\ud800"}, "billable"),
        ({"DisconnectTimestamp": ""}, "quarantined bad_timestamp"),
        ({"InitiationMethod": "FLOW"}, "quarantined unknown_initiation_method"),
        ({"InitiationMethod": "FLOW", "Channel": "TASK"}, "excluded channel"),
        ({"InitiationMethod": "MONITOR"}, "excluded monitoring"),
        ({"InitiationMethod": "DISCONNECT"}, "excluded disconnect_flow"),
        ({"InitiationMethod": "EXTERNAL_OUTBOUND"}, "excluded third_party"),
        (
            {**NO_AGENT, "Recordings": [{"ParticipantType": "Ivr"}], "Queue": {"Name": "q"}},
            "excluded voicemail",
        ),
        ({**NO_AGENT, "Attributes": {"vmx3_flag": "0"}}, "excluded voicemail"),
        ({**NO_AGENT, "Attributes": {"vm_flag": 0}}, "excluded voicemail"),
        ({**NO_AGENT, "Attributes": {"vm_flag": {"x": None}}}, "excluded no_agent"),
        ({"Recordings": [{"StorageType": "KINESIS_VIDEO_STREAM"}]}, "billable"),
        (
            {**NO_AGENT, "Recordings": [{"StorageType": "S3"}], "Queue": {"Name": "q"}},
            "excluded abandoned",
        ),
        (
            {"Agent": {"ConnectedToAgentTimestamp": None}, "Queue": {"Name": None}},
            "excluded no_agent",
        ),
        ({"AnsweringMachineDetectionStatus": "SIT_TONE_BUSY"}, "excluded answering_machine"),
        ({"InitiationMethod": "API", "ConnectedToSystemTimestamp": None}, "excluded unanswered"),
        ({"ConnectedToSystemTimestamp": None}, "billable"),
        (
            {
                "InitiationMethod": "CALLBACK",
                "DisconnectReason": "TELECOM_BUSY",
                "agent": {"AgentInteractionDuration": None},
            },
            "excluded unanswered",
        ),
        ({"agent": {"AgentInteractionDuration": None}}, "quarantined missing_field"),
        (
            {"DisconnectTimestamp": None, "agent": {"CustomerHoldDuration": -1}},
            "quarantined missing_field",
        ),
        ({"agent": {"CustomerHoldDuration": -1}}, "quarantined negative_duration"),
        ({"DisconnectTimestamp": "2026-03-01T09:59:59.999Z"}, "quarantined inconsistent_times"),
        ({"agent": {"CustomerHoldDuration": 2**63 - 1}}, "quarantined inconsistent_times"),
        (
            {"agent": {"AgentInteractionDuration": 0, "CustomerHoldDuration": None}},
            "excluded below_minimum",
        ),
    ],
)
def test_each_rule_and_its_neighbour(changes: dict[str, Any], found: str) -> None:
    assert outcome(payload(**changes)) == found


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-01T01:30:00+02:00", "2026-02-28"),
        ("2026-02-28t23:59:59.9999999z", "2026-02-28"),
        ("0001-01-01T00:30:00+01:00", "unknown"),
        ("9999-12-31T23:30:00-01:00", "unknown"),
        ("2026-03-01 00:00:00Z", "unknown"),
        ("2026-03-01T00:00:00+0100", "unknown"),
        ("2026-03-01T00:00:60Z", "unknown"),
        ("2026-03-01T24:00:00Z", "unknown"),
        ("2026-02-29T00:00:00Z", "unknown"),
    ],
)
def test_timestamps_and_the_date_of_a_quarantined_record(text: str, date: str) -> None:
    row = classify(payload(InitiationTimestamp=text, Queue=5), Settings())
    assert (row.reason, row.date) == ("wrong_type", date)


def test_the_minimum_is_billed() -> None:
    assert outcome(payload(), minimum_seconds=35) == "billable"
    assert outcome(payload(), minimum_seconds=36) == "excluded below_minimum"


def test_the_billing_date_is_that_of_the_zone() -> None:
    late = payload(InitiationTimestamp="2026-03-01T23:30:00Z", DisconnectTimestamp="2026-03-02T00:30:00Z")
    assert classify(late, Settings(time_zone="Europe/Berlin")).date == "2026-03-02"
    assert classify(late, Settings(time_zone="America/New_York")).date == "2026-03-01"
    last = payload(InitiationTimestamp="9999-12-31T23:30:00Z", DisconnectTimestamp="9999-12-31T23:31:00Z")
    assert outcome(last) == "billable"
    assert outcome(last, time_zone="Europe/Berlin") == "quarantined bad_timestamp"


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (
            b'{"a":1}\r\n\r\nnope \n{"b":2}{"c":3} x\n',
            [b'{"a":1}', b"nope", b'{"b":2}', b'{"c":3}', b"x"],
        ),
        (b'{"a":1}\n{"d":4} y\n', [b'{"a":1}', b'{"d":4}', b"y"]),
        (b'{"a":1}{"b":\n2} {}', [b'{"a":1}', b'{"b":\n2}', b"{}"]),
        (b'{"a":{"b":1},"c": {"d":2}', [b'{"a":{"b":1},"c":', b'{"d":2}']),
        (b'{"a":{"b":1}, {"c":{"d":1} ,"e":2}', [b'{"a":{"b":1}', b'{"c":{"d":1} ,"e":2}']),
        (b'{"a":x}{"a":y} {"b":1}', [b'{"a":x}{"a":y}', b'{"b":1}']),
        (b'{"a":x,"b":{"c":1} }{"d":2}', [b'{"a":x,"b":{"c":1} }', b'{"d":2}']),
        (b'[{"a":1},{"b":2}\n]', [b'{"a":1}', b'{"b":2}']),
        (b'[{"a":1},x,{"ContactId":2},[{"b":3}]]', [b'{"a":1}', b"x", b'{"ContactId":2}', b'{"b":3}']),
        (b'junk \xef\xbb\xbf{ "a":"\xff"} \n', [b"junk", b'\xef\xbb\xbf{ "a":"\xff"}']),
        (b" \n\r\t", []),
    ],
)
def test_splitting(data: bytes, pieces: list[bytes]) -> None:
    assert split_text(data) == pieces


def test_the_column_of_the_first_objects_tells_lines_from_a_stream() -> None:
    noise = b"noise\n" * 19
    assert len(split_text(noise + b'{"a":1}\n')) == 20
    assert split_text(noise + b'noise\n{"a":1}\n') == [b"\n".join([b"noise"] * 20), b'{"a":1}']
    assert split_text(b'noise\n {"a":1}\n') == [b"noise", b'{"a":1}']


def test_an_object_over_the_limit_is_no_object_for_the_splitter() -> None:
    full = b'{"a":"' + b"x" * (LIMIT - 8) + b'"}'
    assert split_text(full + b' junk {"b":1}') == [full, b"junk", b'{"b":1}']
    over = b'{"a":"' + b"x" * (LIMIT - 7) + b'"}'
    assert split_text(over + b' junk {"b":1}') == [over + b" junk", b'{"b":1}']


def test_compression_and_containers_give_the_same_payloads() -> None:
    lines = [payload(ContactId="a"), payload(ContactId="b")]
    text = b"\n".join(lines)
    assert payloads(gzip.compress(lines[0] + b"\n") + gzip.compress(lines[1])) == lines
    assert payloads(zstandard.ZstdCompressor().compress(text)) == lines
    assert payloads(gzip.compress(lines[0] + b"\n") + gzip.compress(lines[1])[:-8]) == lines
    held = io.BytesIO()
    pq.write_table(pa.table({"payload": pa.array(lines, pa.binary())}), held)
    assert payloads(held.getvalue()) == lines
    held = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "payload", "type": "bytes"}]}
    fastavro.writer(held, fastavro.parse_schema(schema), [{"payload": line} for line in lines], codec="deflate")
    assert payloads(held.getvalue()) == lines


def test_nested_columns_become_json_without_nulls_and_with_maps_as_objects() -> None:
    columns = {
        "ContactId": pa.array(["a", None]),
        "Attributes": pa.array([[("vm_flag", "1"), ("x", None)], None], pa.map_(pa.string(), pa.string())),
        "Recordings": pa.array([[{"StorageType": "S3", "Status": None}], []]),
    }
    held = io.BytesIO()
    pq.write_table(pa.table(columns), held)
    rows = [json.loads(data) for data in payloads(held.getvalue())]
    first = {
        "ContactId": "a",
        "Attributes": {"vm_flag": "1"},
        "Recordings": [{"StorageType": "S3"}],
    }
    assert rows == [first, {"Recordings": []}]


def test_versions_and_the_equation(tmp_path: pathlib.Path) -> None:
    newer = "2026-03-01T10:03:00.000001Z"
    archive = write(
        tmp_path,
        record(),
        record(LastUpdateTimestamp=newer, Unread=1),
        record(LastUpdateTimestamp=newer, Unread=2),
        record(LastUpdateTimestamp="2026-03-09T00:00:00Z", Queue=5),
        record(ContactId="c2"),
        record(ContactId="c2", LastUpdateTimestamp=newer, AnsweringMachineDetectionStatus="FAX_X"),
        record(
            ContactId="c3",
            Attributes={"extensionNumber": "Timeout"},
            Agent={**AGENT, "ARN": ARN + "u9"},
        ),
        {"EventType": "LOGIN", "AgentARN": "a"},
    )
    result = expected(archive, [])
    day = result.control["2026-03-01"]
    assert day == {
        "read": 7,
        "billed": 1,
        "held": 1,
        "excluded": {"answering_machine": 1},
        "superseded": 2,
        "duplicate": 1,
        "quarantined": {"wrong_type": 1},
        "call_seconds": 35,
        "talk_seconds": 30,
        "hold_seconds": 5,
    }
    assert result.lines["unknown"] == []
    assert result.control["unknown"]["excluded"] == {"agent_event": 1}
    assert result.total()["read"] == 8
    assert result.dates_of_contact == {}


def test_the_line(tmp_path: pathlib.Path) -> None:
    times = {
        "InitiationTimestamp": "2026-03-01T10:00:00.9Z",
        "DisconnectTimestamp": "2026-03-01T12:01:00.8+01:00",
    }
    archive = write(tmp_path, record(**times, CustomerEndpoint={"Address": "anonymous"}))
    assert expected(archive, []).lines["2026-03-01"] == [
        {
            "contact_id": "c1",
            "billing_date": "2026-03-01",
            "call_type": "inbound",
            "initiated_at": "2026-03-01T10:00:00Z",
            "call_duration_seconds": 35,
            "talk_seconds": 30,
            "hold_seconds": 5,
            "contact_duration_seconds": 3659,
            "patient_phone": None,
            "provider_extension": "0042",
        }
    ]


@pytest.mark.parametrize(
    ("attribute", "connected", "precedence", "found"),
    [
        ("0042", "2026-03-01T10:00:20Z", "attribute_first", ["0042"]),
        ("0042", "2026-03-01T10:00:20Z", "directory_first", ["200"]),
        ("0042\n", "2026-03-01T10:00:20Z", "attribute_first", ["200"]),
        ("\u0664\u0662", "2026-03-01T10:00:19.999Z", "attribute_first", ["100"]),
        ("123456", LATER, "attribute_first", []),
        ("123456", "2026-03-01T11:00:00Z", "attribute_first", []),
    ],
)
def test_the_extension(
    tmp_path: pathlib.Path, attribute: str, connected: str, precedence: str, found: list[str]
) -> None:
    table = [
        {
            "agent_id": "u1",
            "extension": "100",
            "valid_from": "",
            "valid_to": "2026-03-01T10:00:20Z",
        },
        {
            "agent_id": "u1",
            "extension": "200",
            "valid_from": "2026-03-01T11:00:20+01:00",
            "valid_to": LATER,
        },
        {"agent_id": "u1", "extension": "", "valid_from": "2026-03-01T10:45:00Z", "valid_to": ""},
    ]
    archive = write(
        tmp_path,
        record(
            agent={"ConnectedToAgentTimestamp": connected},
            Attributes={"extensionNumber": attribute},
        ),
    )
    lines = expected(archive, table, precedence=precedence).lines["2026-03-01"]
    assert [line["provider_extension"] for line in lines] == found


@pytest.mark.parametrize(
    ("consult_legs", "differs", "counts"),
    [
        ("report", {}, (2, {})),
        ("exclude", {}, (1, {"consult": 1})),
        ("exclude", {"InitiationMethod": "INBOUND"}, (2, {})),
        ("exclude", {"InitialContactId": "c0"}, (2, {})),
        ("exclude", {"agent": {"AgentInteractionDuration": 6, "CustomerHoldDuration": 0}}, (2, {})),
        ("exclude", {"agent": {"ConnectedToAgentTimestamp": "2026-03-01T10:00:51Z"}}, (2, {})),
    ],
)
def test_consult_legs(
    tmp_path: pathlib.Path, consult_legs: str, differs: dict[str, Any], counts: tuple[int, dict[str, int]]
) -> None:
    agent = {"AgentInteractionDuration": 3, "CustomerHoldDuration": 2, **differs.get("agent", {})}
    own = {"ContactId": "c2", "InitiationMethod": "TRANSFER", "InitialContactId": "c1"}
    own |= {name: value for name, value in differs.items() if name != "agent"}
    archive = write(tmp_path, record(), record(agent=agent, **own))
    total = expected(archive, [], consult_legs=consult_legs).total()
    assert (total["billed"], total["excluded"]) == counts


def test_hidden_files_are_skipped(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".staged").mkdir()
    for name in (".a.json", ".staged/b.json", "c.json"):
        (tmp_path / name).write_bytes(payload())
    assert expected(tmp_path, []).total()["read"] == 1
