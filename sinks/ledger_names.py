"""Names in the ledger: what the objects of a date, an input and a part are called."""

import hashlib
import re
from collections.abc import Iterable

from schemas.outcome import UNKNOWN_DATE

# A replayed part; its input's name.
PART = re.compile(r"/replay-([0-9a-f]+-[0-9]+)-[0-9]+\.parquet$")
# An object of a date; the date and the file.
PLACE = re.compile(r"outcomes/billing_date=([0-9]{4}-[0-9]{2}-[0-9]{2})/([^/]+)$")
# An object of any partition; the date, or `unknown`.
DATE = re.compile(rf"outcomes/billing_date=([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{UNKNOWN_DATE})/")


def is_part(name: str) -> bool:
    """Whether an object holds rows. Flink's parts have no suffix; what begins with `_` or `.` is no part."""
    file = name.rpartition("/")[2]
    if file.endswith(".parquet"):
        return not file.startswith(("_", "."))
    return file.startswith("part-") and "." not in file


def part_name(date: str, input_name: str, number: int) -> str:
    """A part of a replayed input, below the folder of all dates."""
    return f"{folder_name(date)}/replay-{input_name}-{number}.parquet"


def folder_name(date: str) -> str:
    """The folder of a date; of rows without one, that of `unknown`."""
    return f"billing_date={date or UNKNOWN_DATE}"


def mark_name(input_name: str) -> str:
    """The mark of an input that was read to its end."""
    return f"inputs/{input_name}.json"


def names_digest(names: Iterable[str]) -> str:
    """The SHA-256 of objects' names, whatever their order. What has a name in the ledger never changes."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
