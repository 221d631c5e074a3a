"""Read the audits of versions, and of attempts to release a date, from the audit store."""

import msgspec

from schemas.errors import StorageError
from schemas.manifest import Attempt, Audit
from sinks.paths import attempt_name, audit_name
from sinks.store import Store


def read_audit(audits: Store, billing_date: str, version: int) -> Audit | None:
    """Return the audit of a version; None if it is missing or damaged."""
    try:
        return msgspec.json.decode(audits.get(audit_name(billing_date, version)) or b"", type=Audit)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def read_attempt(audits: Store, billing_date: str) -> Attempt | None:
    """Return the last attempt at a date, or None. Raises StorageError if it is damaged."""
    name = attempt_name(billing_date)
    if (data := audits.get(name)) is None:
        return None
    try:
        return msgspec.json.decode(data, type=Attempt)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise StorageError(f"{audits.location(name)} is not an attempt; delete it, a release writes it again") from None
