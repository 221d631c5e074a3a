"""Names of objects in ledger, release and audit: the one place that spells `billing_date=2026-03-01/v0001`.

Names are relative to their store. What is read back from a listing is matched whole: another name is not one of ours.
"""

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
_REPLAYED = re.compile(r"/replay-([0-9a-f]+-[0-9]+)-[0-9]+\.parquet$")
_RECYCLED = re.compile(rf"{RECYCLED}/[0-9a-f]{{64}}\.parquet$")
_RELEASED = re.compile(rf"{_DATE}/(?:{_VERSION}/)?([^/]+)")
_AUDIT = re.compile(rf"{_DATE}/{_VERSION}\.json")
_PAGE = re.compile(rf"{DATA_DOCS}/{_DATE}/{_VERSION}\.html")


class ReleaseObject(msgspec.Struct, frozen=True):
    """An object of a release by its name; without a version it lies beside them, as latest.json."""

    billing_date: str
    version: int | None
    file: str


def date_folder(date: str) -> str:
    """The folder of a billing date; of rows without one, that of `unknown`."""
    return f"billing_date={date or UNKNOWN_DATE}"


def outcomes_folder(date: str) -> str:
    """The folder of a date's parts in the ledger."""
    return f"{OUTCOMES}/{date_folder(date)}"


def part_name(date: str, input_name: str, number: int) -> str:
    """A part of a replayed input, below the folder of all dates."""
    return f"{date_folder(date)}/replay-{input_name}-{number}.parquet"


def is_part(name: str) -> bool:
    """Whether an object holds rows. Flink's parts have no suffix; what begins with `_` or `.` is not a part."""
    file = name.rpartition("/")[2]
    if file.endswith(".parquet"):
        return not file.startswith(("_", "."))
    return file.startswith("part-") and "." not in file


def partition_of(name: str) -> str | None:
    """The date, or `unknown`, of an object below outcomes/; None of any other."""
    found = _PARTITION.match(name)
    return found.group(1) if found else None


def outcome_object(name: str) -> tuple[str, str] | None:
    """The date and the file of an object directly in the folder of a date in the ledger."""
    found = _OUTCOME.fullmatch(name)
    return (found.group(1), found.group(2)) if found else None


def replayed_input(name: str) -> str | None:
    """The name of the input that a replayed part was read from; None of the live job's parts."""
    found = _REPLAYED.search(name)
    return found.group(1) if found else None


def mark_name(input_name: str) -> str:
    """The mark of an input that was read to its end."""
    return f"{INPUTS}/{input_name}.json"


def recycled_name(data: bytes) -> str:
    """The recycled object with these bytes."""
    return f"{RECYCLED}/{hashlib.sha256(data).hexdigest()}.parquet"


def is_recycled(name: str) -> bool:
    """Whether an object is one that a recycle wrote."""
    return _RECYCLED.fullmatch(name) is not None


def version_folder(date: str, version: int) -> str:
    """The folder of a version in a release."""
    return f"{date_folder(date)}/v{version:04d}"


def version_file(date: str, version: int, file: str) -> str:
    """A file of a version in a release."""
    return f"{version_folder(date, version)}/{file}"


def latest_name(date: str) -> str:
    """What names the newest version of a date in a release."""
    return f"{date_folder(date)}/{LATEST}"


def release_object(name: str) -> ReleaseObject | None:
    """What an object of a release is by its name; None: its name is not one that a release has."""
    found = _RELEASED.fullmatch(name)
    if found is None:
        return None
    date, version, file = found.groups()
    one = ReleaseObject(date, int(version) if version else None, file)
    # v00001 is not version 1.
    return one if one.version is None or version_file(date, one.version, file) == name else None


def audit_name(date: str, version: int) -> str:
    """The audit of a version."""
    return f"{version_folder(date, version)}.json"


def audited_version(name: str) -> tuple[str, int] | None:
    """The date and version that an object of the audit store is the audit of."""
    found = _AUDIT.fullmatch(name)
    return (found.group(1), int(found.group(2))) if found else None


def control_name(date: str) -> str:
    """The control totals of rows that no release has, in the audit store."""
    return f"{date_folder(date)}/control.json"


def attempt_name(date: str) -> str:
    """What the last attempt to release a date came to, in the audit store."""
    return f"{ATTEMPTS}/{date}.json"


def page_name(date: str, version: int) -> str:
    """The page of Data Docs of a version, in the audit store."""
    return f"{DATA_DOCS}/{version_folder(date, version)}.html"


def page_version(name: str) -> tuple[str, int] | None:
    """The date and version that a page of Data Docs is of."""
    found = _PAGE.fullmatch(name)
    return (found.group(1), int(found.group(2))) if found else None


def names_digest(names: Iterable[str]) -> str:
    """The SHA-256 of objects' names, whatever their order. What has a name in the ledger never changes."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
