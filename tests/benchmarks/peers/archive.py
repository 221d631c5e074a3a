"""The archive on which all are compared. In: how many records. Out: gzip files of one record a line, and agents.csv.

Every peer has to be able to read it and to decide as we do: nothing in it is malformed, and of a contact no two
different deliveries have the same LastUpdateTimestamp, for which a digest decides with us and chance with a script.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import blake2b
from itertools import groupby, islice
from pathlib import Path

from jobs.sample.agents import FIRST_DAY, write_agents
from jobs.sample.contacts import Delivery, deliveries
from jobs.sample.malformed import CONTACT_ID

SEED, DAYS = 7, 3
# A little less than what a contact of the sample is delivered as, agent events included.
RECORDS_PER_CONTACT = 1.12
MARGIN = 50
RECORDS_PER_FILE = 40_000
UPDATED = re.compile(rb'"LastUpdateTimestamp":"([^"]+)"')


def archive_of(folder: Path, records: int) -> Path:
    """The folder with `archive/` and `agents.csv` of so many records, made once below `folder`."""
    root = folder / f"records-{records}"
    if not (root / "agents.csv").exists():
        stream = sample(round(records / RECORDS_PER_CONTACT) + MARGIN)
        assert write_root(root, islice(stream, records)) == records
    return root


def write_root(root: Path, stream: Iterable[Delivery], per_file: int = RECORDS_PER_FILE, days: int = DAYS) -> int:
    """Writes `archive/` and the `agents.csv` that fits it. Out: how many records there are."""
    written = write_lines(root / "archive", stream, per_file)
    # Written last, so that an archive that was cut short is made again.
    write_agents(root / "agents.csv", SEED, days=days)
    return written


def sample(contacts: int, seed: int = SEED, days: int = DAYS, first_day: date = FIRST_DAY) -> Iterator[Delivery]:
    """Well-formed deliveries of so many contacts, without those that tie with an earlier, different one."""
    return without_ties(deliveries(contacts, seed, days, first_day))


def without_ties(stream: Iterable[Delivery]) -> Iterator[Delivery]:
    """The deliveries but for those that came after another content of the same contact and LastUpdateTimestamp."""
    first: dict[bytes, bytes] = {}
    for delivery in stream:
        contact, updated = CONTACT_ID.search(delivery.payload), UPDATED.search(delivery.payload)
        if contact and updated:
            content = blake2b(delivery.payload, digest_size=8).digest()
            if first.setdefault(contact[1] + updated[1], content) != content:
                continue
        yield delivery


def write_lines(archive: Path, stream: Iterable[Delivery], per_file: int = RECORDS_PER_FILE) -> int:
    """Writes deliveries into folders by day of arrival, in gzip files of so many lines. Out: how many in all."""
    written = 0
    for day, arrived in groupby(stream, key=lambda delivery: f"{delivery.arrived_at:%Y/%m/%d}"):
        (archive / day).mkdir(parents=True, exist_ok=True)
        files = iter(lambda some=arrived: [delivery.payload for delivery in islice(some, per_file)], [])
        for number, lines in enumerate(files):
            text = gzip.compress(b"\n".join((*lines, b"")), 6, mtime=0)
            (archive / day / f"records-{number:04d}.jsonl.gz").write_bytes(text)
            written += len(lines)
    return written
