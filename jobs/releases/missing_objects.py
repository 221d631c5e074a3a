"""Vanished: a date's rows and the audit of the version before in; the ledger objects that are gone since out.

A release is a pure function of the ledger, so that a part that is deleted would withdraw its lines without a word.
"""

import pyarrow.parquet as pq

from jobs.sql.ledger_rows import DateRows
from schemas.manifest import Audit
from sinks.erasures import today
from sinks.ledger import Ledger
from sinks.ledger_names import DATE, PART


def vanished(ledger: Ledger, rows: DateRows, audit: Audit) -> tuple[str, ...]:
    """The names of objects that a version was made from and that no longer count, in order."""
    became = ledger.erasures.load()
    named = [today(item.name, item.sha256, became)[0] for item in audit.ledger]
    missing = [name for name in named if name not in rows.objects]
    return tuple(name for name in missing if not _counts(name, ledger) and not _read_anew(name, ledger, rows))


def _counts(name: str, ledger: Ledger) -> bool:
    """Whether a part of another date counts there: it is not needed for this one where a recycled object is gone."""
    dated = DATE.match(name)
    return dated is not None and name in ledger.names(dated.group(1))


def _read_anew(name: str, ledger: Ledger, rows: DateRows) -> bool:
    """Whether the input of a part was read anew, under other settings, and has taken the part back.

    Its mark says how many rows of the date it has now.
    """
    dated, replayed = DATE.match(name), PART.search(name)
    mark = ledger.mark(replayed.group(1)) if replayed else None
    if dated is None or replayed is None or mark is None:
        return False
    same = [path for other, path in rows.objects.items() if other.startswith(f"{dated[0]}replay-{replayed[1]}-")]
    return mark.rows.get(dated[1], 0) == sum(int(pq.read_metadata(path).num_rows) for path in same)
