"""Fill the table `lines` from the newest versions; enforces which columns of a release a role may see.

Only granted columns of a billing.parquet are read. Their sums must equal those of the manifest.
"""

import tempfile
from pathlib import Path

from jobs.releases.contract import contract_in
from jobs.report.granted_tables import GrantedTables, parameters_of
from jobs.report.release_history import ReleasedDate
from jobs.sql.connection import literal, storage_errors
from schemas.errors import StorageError
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.report import money

_FILE = "billing.parquet"


def read_lines(partner: Store, releases: list[ReleasedDate], tables: GrantedTables) -> None:
    """Fill `lines`; columns that a contract does not have are null.

    Raises StorageError if a file cannot be read or differs from its manifest.
    """
    with tables.private_connection() as sql, tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
        sql.execute(money.lines_table(tables.granted))
        for release in releases:
            folder, version = ReleaseFolder(partner, release.billing_date), release.newest.version
            (path,) = partner.local([folder.name(version, _FILE)], Path(scratch))
            select = money.granted_lines(tables.granted, contract_in(release.newest))
            with storage_errors(f"cannot read {folder.location(version, _FILE)}; restore it from a copy"):
                sql.execute(select, parameters_of(select, {"date": release.billing_date, "file": literal([path])}))
    _check(partner, releases, tables)


def _check(partner: Store, releases: list[ReleasedDate], tables: GrantedTables) -> None:
    """Compare the lines and seconds of every date with its manifest."""
    counts: dict[str, int] = dict(tables.query(money.LINES))
    seconds: dict[str, int | None] = dict(tables.query(money.SECONDS))
    for release in releases:
        control, contract = release.newest.control, contract_in(release.newest)
        pairs: dict[str, tuple[int, int]] = {}
        if not tables.missing_columns(money.LINES):
            pairs["lines"] = (counts.get(release.billing_date, 0), control.billed)
        if not tables.missing_columns(money.SECONDS) and contract.has("call_duration_seconds"):
            pairs["call seconds"] = (seconds.get(release.billing_date) or 0, control.call_seconds)
        for unit, (actual, expected) in pairs.items():
            if actual != expected:
                file = ReleaseFolder(partner, release.billing_date).location(release.newest.version, _FILE)
                raise StorageError(
                    f"{file} has {actual} {unit}, its manifest says {expected}; run contact-billing verify"
                )
