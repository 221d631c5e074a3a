"""Generated archives: deliveries of a few contacts, garbage between them, in any order, form and split over files."""

import json
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from jobs.sample.file_formats import FORMS
from tests.support.records import changed

CONTACTS = (
    'ContactId = "call-1"',
    'ContactId = "call-2"; InitiationMethod = "API"',
    'ContactId = "call-3"; InitiationTimestamp = "2026-02-28T23:59:59.5Z"',
)
# What a delivery says; the numbered ones are later versions, each of a time of its own.
VERSIONS = (
    "Queue.Name = null",
    'LastUpdateTimestamp = "2026-03-01T10:02:00.5Z"; Attributes.extensionNumber = "0043"',
    'LastUpdateTimestamp = "2026-03-01T11:02:01+01:00"; Attributes = null',
    'LastUpdateTimestamp = "2026-03-01T10:02:02Z"; AnsweringMachineDetectionStatus = "FAX_X"',
    'LastUpdateTimestamp = "2026-03-01T10:02:03Z"; Agent = null; Attributes.vm_flag = "1"',
    'LastUpdateTimestamp = "2026-03-01T10:02:04Z"; DisconnectTimestamp = null',
    'LastUpdateTimestamp = "2026-03-01T10:02:05Z"; Agent.CustomerHoldDuration = 0',
    'LastUpdateTimestamp = "2026-03-07T03:41:32Z"; CustomerEndpoint.Address = "anonymous"',
)
# The same times as others, but other content: one of them counts.
TIES = (
    'Attributes.extensionNumber = "0044"',
    "Agent.AgentInteractionDuration = 31",
    'AnsweringMachineDetectionStatus = "SIT_X"',
    'LastUpdateTimestamp = "2026-03-07T03:41:32Z"; Agent = null',
    'LastUpdateTimestamp = "2026-03-07T03:41:32Z"; DisconnectTimestamp = null',
)
GARBAGE = (
    *(b"oops", b"42", b'[{"ContactId":"call-1"}]', b'{"ContactId":"call-1","Agent":{"ARN":"x"},"Att', b"caf\xe9"),
    json.dumps(changed("Queue = 5")).encode(),
    json.dumps(changed('ContactId absent; EventType = "LOGIN"; AgentARN = "a"')).encode(),
    json.dumps(changed('InitiationTimestamp = "x"')).encode(),
    b"{}",
)

AGENTS = [
    {
        "agent_id": "nurse-1",
        "extension": "100",
        "valid_from": "2026-03-01T10:00:20Z",
        "valid_to": "2026-03-01T10:00:21Z",
    }
]


class Unit(NamedTuple):
    """A record and what follows it at once: nothing, or garbage, which is never first in a file."""

    record: bytes
    garbage: bytes | None

    @property
    def payloads(self) -> list[bytes]:
        return [self.record] if self.garbage is None else [self.record, self.garbage]


# Few versions make it likely that the newest of a contact are of the same second.
SAME_TIME = (("Queue.Name = null", *TIES[:3]), (VERSIONS[-1], *TIES[3:]))


def units(ties: bool) -> st.SearchStrategy[list[Unit]]:
    """Deliveries in some order; with ties, some are of the same second as others but differ."""
    pools = [VERSIONS + TIES, *SAME_TIME] if ties else [VERSIONS]
    return st.sampled_from(pools).flatmap(_deliveries)


def _deliveries(versions: tuple[str, ...]) -> st.SearchStrategy[list[Unit]]:
    record = st.tuples(st.sampled_from(CONTACTS), st.sampled_from(versions)).map(
        lambda both: json.dumps(changed("; ".join(both))).encode()
    )
    return st.lists(st.builds(Unit, record, st.none() | st.sampled_from(GARBAGE)), min_size=1, max_size=10)


class Layout(NamedTuple):
    """Where a file ends, in numbers of units, and the form of each file."""

    sizes: list[int]
    forms: list[str]


LAYOUTS = st.builds(
    Layout,
    st.lists(st.integers(1, 5), min_size=1, max_size=5),
    st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=5),
)


def write_archive(folder: Path, deliveries: list[Unit], layout: Layout) -> Path:
    """Writes the deliveries in their order into files of these sizes and forms."""
    archive = folder / "archive"
    archive.mkdir(parents=True)
    number = place = 0
    while place < len(deliveries):
        size = layout.sizes[number % len(layout.sizes)]
        form = FORMS[layout.forms[number % len(layout.forms)]]
        payloads = [p for unit in deliveries[place : place + size] for p in unit.payloads]
        form.write(archive / f"{number:03d}{form.suffix}", payloads, number)
        number, place = number + 1, place + size
    return archive
