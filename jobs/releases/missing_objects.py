"""Find ledger objects that the previous version was built from and that no longer exist.

A release is a pure function of the ledger, so a deleted part would silently withdraw its lines.
"""

import pyarrow.parquet as pq

from jobs.sql.ledger_rows import DateParts
from schemas.manifest import Audit
from sinks.erasures import current_object
from sinks.ledger import Ledger
from sinks.paths import partition_of, replayed_input


def missing_objects(ledger: Ledger, rows: DateParts, audit: Audit) -> tuple[str, ...]:
    """Return the names of objects that a version was made from and that no longer count, in order."""
    erasures = ledger.erasures.load()
    names = [current_object(item.name, item.sha256, erasures)[0] for item in audit.ledger]
    missing = [name for name in names if name not in rows.objects]
    return tuple(name for name in missing if not _counts(name, ledger) and not _was_replayed(name, ledger, rows))


def _counts(name: str, ledger: Ledger) -> bool:
    """Whether a part of another date counts there: this date needs it only for a recycled object that is missing."""
    date = partition_of(name)
    return date is not None and name in ledger.names(date)


def _was_replayed(name: str, ledger: Ledger, rows: DateParts) -> bool:
    """Whether the input of a part was read again under other settings, which has replaced the part.

    The mark of the input says how many rows of the date it has now.
    """
    date, input_name = partition_of(name), replayed_input(name)
    mark = ledger.mark(input_name) if input_name else None
    if date is None or mark is None:
        return False
    paths = [p for n, p in rows.objects.items() if (partition_of(n), replayed_input(n)) == (date, input_name)]
    return mark.rows.get(date, 0) == sum(int(pq.read_metadata(path).num_rows) for path in paths)
