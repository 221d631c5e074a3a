"""Names of objects in ledger, release and audit: the one module that spells `billing_date=2026-03-01/v0001`.

Names are relative to their store. Names from a listing must match as a whole; other names are not this product's.
"""

import datetime
import hashlib
import re
from collections.abc import Iterable

import msgspec

from schemas.outcome import UNKNOWN_DATE

OUTCOMES = "outcomes"
INPUTS = "inputs"
RECYCLED = "recycled"
ERASURES = "erasures"
ATTEMPTS = "attempts"
DATA_DOCS = "data_docs"
MANIFEST = "manifest.json"
LATEST = "latest.json"
SUCCESS = "_SUCCESS"

_DATE = r"billing_date=([0-9]{4}-[0-9]{2}-[0-9]{2})"
_VERSION = r"v([0-9]{4,})"
_PARTITION = re.compile(rf"{OUTCOMES}/billing_date=([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{UNKNOWN_DATE})/")
_OUTCOME = re.compile(rf"{OUTCOMES}/{_DATE}/([^/]+)$")
_REPLAYED = re.compile(r"/replay-([0-9a-f][0-9a-f-]*)-[0-9]+\.parquet$")
_RECYCLED = re.compile(rf"{RECYCLED}/[0-9a-f]{{64}}\.parquet$")
_RELEASED = re.compile(rf"{_DATE}/(?:{_VERSION}/)?([^/]+)")
_AUDIT = re.compile(rf"{_DATE}/{_VERSION}\.json")
_PAGE = re.compile(rf"{DATA_DOCS}/{_DATE}/{_VERSION}\.html")


class ReleaseObject(msgspec.Struct, frozen=True):
    """An object of a release, parsed from its name; without a version it is beside the versions, as latest.json is."""

    billing_date: str
    version: int | None
    file: str


def is_date(text: str) -> bool:
    """Whether a text is a calendar date such as 2026-03-01."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def date_folder(date: str) -> str:
    """Return the folder of a billing date; `unknown` stands for rows without one."""
    return f"billing_date={date or UNKNOWN_DATE}"


def outcomes_folder(date: str) -> str:
    """Return the folder of a date's parts in the ledger."""
    return f"{OUTCOMES}/{date_folder(date)}"


def input_name(source: str, content_digest: str) -> str:
    """Return the name of an input: the same content under another path is another input, whichever run reads it."""
    return hashlib.sha256(f"{source}\0{content_digest}".encode()).hexdigest()[:24]


def part_name(date: str, input_name: str, number: int) -> str:
    """Return the name of a replayed input's part, below the folder of all dates."""
    return f"{date_folder(date)}/replay-{input_name}-{number}.parquet"


def is_part(name: str) -> bool:
    """Whether an object holds rows. Flink's parts have no suffix; names with a leading `_` or `.` are not parts."""
    file = name.rpartition("/")[2]
    if file.endswith(".parquet"):
        return not file.startswith(("_", "."))
    return file.startswith("part-") and "." not in file


def partition_of(name: str) -> str | None:
    """Return the date, or `unknown`, of an object below outcomes/; None for any other object."""
    match = _PARTITION.match(name)
    return match.group(1) if match else None


def outcome_object(name: str) -> tuple[str, str] | None:
    """Return the date and file of an object directly in a date's folder of the ledger; None for any other object."""
    match = _OUTCOME.fullmatch(name)
    return (match.group(1), match.group(2)) if match and is_date(match.group(1)) else None


def replayed_input(name: str) -> str | None:
    """Return the name of the input that a replayed part was read from; None for the live job's parts."""
    match = _REPLAYED.search(name)
    return match.group(1) if match else None


def mark_name(input_name: str) -> str:
    """Return the name of the mark of an input that was read to its end."""
    return f"{INPUTS}/{input_name}.json"


def recycled_name(data: bytes) -> str:
    """Return the name of the recycled object with these bytes."""
    return f"{RECYCLED}/{hashlib.sha256(data).hexdigest()}.parquet"


def is_recycled(name: str) -> bool:
    """Whether an object was written by a recycle."""
    return _RECYCLED.fullmatch(name) is not None


def version_folder(date: str, version: int) -> str:
    """Return the folder of a version in a release."""
    return f"{date_folder(date)}/v{version:04d}"


def version_file(date: str, version: int, file: str) -> str:
    """Return the name of a version's file in a release."""
    return f"{version_folder(date, version)}/{file}"


def latest_name(date: str) -> str:
    """Return the name of the object that points to the newest version of a date in a release."""
    return f"{date_folder(date)}/{LATEST}"


def release_object(name: str) -> ReleaseObject | None:
    """Parse the name of a release's object; None if a release has no such name."""
    match = _RELEASED.fullmatch(name)
    if match is None:
        return None
    date, version, file = match.groups()
    item = ReleaseObject(date, int(version) if version else None, file)
    # v00001 is not version 1.
    return item if item.version is None or version_file(date, item.version, file) == name else None


def audit_name(date: str, version: int) -> str:
    """Return the name of a version's audit."""
    return f"{version_folder(date, version)}.json"


def audited_version(name: str) -> tuple[str, int] | None:
    """Return the date and version of an audit, from its name; None for any other object."""
    match = _AUDIT.fullmatch(name)
    return (match.group(1), int(match.group(2))) if match else None


def control_name(date: str) -> str:
    """Return the name, in the audit store, of the control totals of rows that are in no release."""
    return f"{date_folder(date)}/control.json"


def attempt_name(date: str) -> str:
    """Return the name, in the audit store, of the last attempt to release a date."""
    return f"{ATTEMPTS}/{date}.json"


def page_name(date: str, version: int) -> str:
    """Return the name, in the audit store, of a version's page of Data Docs."""
    return f"{DATA_DOCS}/{version_folder(date, version)}.html"


def page_version(name: str) -> tuple[str, int] | None:
    """Return the date and version of a page of Data Docs, from its name; None for any other object."""
    match = _PAGE.fullmatch(name)
    return (match.group(1), int(match.group(2))) if match else None


def names_digest(names: Iterable[str]) -> str:
    """Return the SHA-256 of objects' names in any order. An object of the ledger never changes under its name."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
