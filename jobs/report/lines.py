"""Lines: the newest version of every date in, the table `lines` out. Here is enforced what a role may see of a release.

Only granted columns are read of a billing.parquet. The figures that are made of them are held against the manifest.
"""

import tempfile
from pathlib import Path

from jobs.releases.contract import contract_in
from jobs.report.granted_tables import GrantedTables, named_in
from jobs.report.release_history import ReleasedDate
from jobs.sql.connection import literal, storage_errors
from schemas.errors import StorageError
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.report import money

_FILE = "billing.parquet"


def read_lines(partner: Store, released: list[ReleasedDate], tables: GrantedTables) -> None:
    """Fills `lines`; what a contract does not show is null. StorageError: a file is not what its manifest says."""
    with tables.aside() as sql, tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
        sql.execute(money.lines_table(tables.granted))
        for date in released:
            folder, version = ReleaseFolder(partner, date.billing_date), date.newest.version
            (path,) = partner.local([folder.name(version, _FILE)], Path(scratch))
            select = money.granted_lines(tables.granted, contract_in(date.newest))
            with storage_errors(f"cannot read {folder.location(version, _FILE)}; restore it from a copy"):
                sql.execute(select, named_in(select, {"date": date.billing_date, "file": literal([path])}))
    _check(partner, released, tables)


def _check(partner: Store, released: list[ReleasedDate], tables: GrantedTables) -> None:
    """Holds lines and seconds of every date against its manifest."""
    counts: dict[str, int] = dict(tables.query(money.LINES))
    seconds: dict[str, int | None] = dict(tables.query(money.SECONDS))
    for date in released:
        control, contract = date.newest.control, contract_in(date.newest)
        wanted = (
            {} if tables.missing_columns(money.LINES) else {"lines": (counts.get(date.billing_date, 0), control.billed)}
        )
        if not tables.missing_columns(money.SECONDS) and contract.has("call_duration_seconds"):
            wanted["call seconds"] = (seconds.get(date.billing_date) or 0, control.call_seconds)
        for what, (found, told) in wanted.items():
            if found != told:
                where = ReleaseFolder(partner, date.billing_date).location(date.newest.version, _FILE)
                raise StorageError(
                    f"{where} has {found} {what}, its manifest {told}; find out what else with contact-billing verify"
                )
