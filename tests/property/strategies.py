"""Generated inputs: records and near-records, garbage, agents' histories, deliveries of contacts."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.support.records import ARN, CONTACT_EVENT, PLAIN, changed
from transforms.records.extension import BEGINNING, END, AgentHistory, Assignment

SECOND = 1_000_000
NOON = 1_772_366_400 * SECOND  # 2026-03-01T12:00:00Z

_INSTANTS = st.sampled_from(
    [
        "2026-03-01T10:00:00Z",
        "2026-03-01T23:59:59.999Z",
        "2026-03-01T01:00:00+02:00",
        "2026-03-01T10:00:00.0000001Z",
        "2026-02-30T10:00:00Z",
        "2026-03-01T10:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "2026-03-01T04:59:59Z",
        "2026-03-01T10:00:20Z",
        "2026-03-01T10:02:00Z",
        "",
        "now",
    ]
)
_TEXTS = st.sampled_from(
    [
        *("INBOUND", "OUTBOUND", "API", "MONITOR", "FLOW", "VOICE", "CHAT", "2017-03-10", "S3", "IVR", "Ivr"),
        *("KINESIS_VIDEO_STREAM", "TELECOM_BUSY", "VOICEMAIL_BEEP", "FAX_X", "SIT_", "anonymous", "+12025550101"),
        *("0042", "Timeout", "123456", "1\n", "\u0661", "", "x", ARN, ARN + "nurse-2", "call-1", "call-2"),
        *("aws.connect", "Amazon Connect Contact Event", "QUEUED", "Queued"),
    ]
)
# A lone surrogate may stand in any text that a payload escapes.
_ANY_TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "x\udfff", "\udc00\ud800", "\0", "\N{PILE OF POO}"])
_NUMBERS = (
    st.integers(-5, 5)
    | st.sampled_from([2**63 - 1, 2**63, -(2**63), 2**64, 10**30])
    | st.floats(allow_nan=False, allow_infinity=False)
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | _TEXTS | _INSTANTS | _ANY_TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_ANY_TEXT | _TEXTS, inner, max_size=3)
)

PATHS = (
    *(key for key in PLAIN if key != "AWSAccountId"),
    *("EventType", "AgentARN", "Agent.ARN", "Agent.ConnectedToAgentTimestamp"),
    *("Agent.AgentInteractionDuration", "Agent.CustomerHoldDuration", "Attributes.extensionNumber"),
    *("Attributes.vm_flag", "Attributes.vmx3_flag", "Queue.Name", "CustomerEndpoint.Address", "Unread"),
    *("InitialContactId", "SystemEndpoint", "SystemEndpoint.Address", "eventType", "contactId", "source"),
    *("detail-type", "detail", "detail.eventType", "detail.contactId"),
)


@st.composite
def _mutations(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Up to four fields of a record, each with a value that it may have, or any other."""
    paths = draw(st.lists(st.sampled_from(PATHS), max_size=4, unique=True))
    return [(path, draw(_fitting(path) | VALUES)) for path in paths]


def _fitting(path: str) -> st.SearchStrategy[Any]:
    if "Timestamp" in path:
        return _INSTANTS
    if path == "Recordings":
        entry = {"StorageType": _TEXTS | st.none(), "ParticipantType": _TEXTS | st.none()}
        return st.lists(st.fixed_dictionaries({}, optional=entry), max_size=2)
    return st.integers(-1, 40) | st.none() if "Duration" in path else _TEXTS


def _mutated(base: dict[str, Any], mutations: list[tuple[str, Any]], removed: str | None) -> dict[str, Any]:
    record = changed(base=base)
    if removed is not None:
        record.pop(removed, None)
    for path, value in mutations:
        place: Any = record
        *parents, key = path.split(".")
        for parent in parents:
            if not isinstance(place.get(parent), dict):
                place[parent] = {}
            place = place[parent]
        place[key] = value
    return record


# Objects that are contact records or events, or nearly so.
_BASES = st.sampled_from([PLAIN, PLAIN, PLAIN, CONTACT_EVENT, CONTACT_EVENT["detail"]])
RECORDS = st.builds(_mutated, _BASES, _mutations(), st.none() | st.sampled_from(sorted(PLAIN)))
# Those that are not an envelope of a record, as EventBridge's are.
BARE_RECORDS = RECORDS.filter(lambda record: "detail" not in record)
BARE_RECORD_BYTES = BARE_RECORDS.map(lambda record: json.dumps(record).encode())
RECORD_BYTES = RECORDS.map(lambda record: json.dumps(record).encode())


@st.composite
def damaged(draw: st.DrawFn, payloads: st.SearchStrategy[bytes] = RECORD_BYTES) -> bytes:
    """A payload with some bytes replaced, removed or added."""
    data = bytearray(draw(payloads))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 4))] = draw(st.binary(max_size=3) | st.sampled_from(_BITS))
    return bytes(data)


_BITS = [b"{", b"}", b'"', b"\\", b"[", b"]", b",", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\\ud800", b"1e999"]


@st.composite
def histories(draw: st.DrawFn) -> AgentHistory:
    """An agent-extension table: a few agents, periods that touch or leave gaps, empty extensions."""
    rows = []
    for agent in ("nurse-1", "nurse-2", ""):
        edges = draw(st.lists(st.integers(-3, 3), unique=True, max_size=5).map(sorted))
        limits = [BEGINNING, *(NOON + edge for edge in edges), END]
        for start, end in pairwise(limits):
            if draw(st.booleans()):
                rows.append(
                    Assignment(agent, draw(st.sampled_from(["", "0042", "43", " ", "x\n", "\u0664"])), start, end)
                )
    return AgentHistory(draw(st.permutations(rows)))
