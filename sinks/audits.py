"""Audits in their store: a date and a version in; what was found of that version when it was made out."""

import msgspec

from schemas.errors import StorageError
from schemas.manifest import Attempt, Audit
from sinks.paths import attempt_name, audit_name
from sinks.store import Store


def read_audit(audits: Store, billing_date: str, version: int) -> Audit | None:
    """The audit of a version; None: it is missing, or not as it was written."""
    try:
        return msgspec.json.decode(audits.get(audit_name(billing_date, version)) or b"", type=Audit)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def read_attempt(audits: Store, billing_date: str) -> Attempt | None:
    """The last attempt at a date; None: there was none. StorageError: it is not as it was written."""
    name = attempt_name(billing_date)
    if (data := audits.get(name)) is None:
        return None
    try:
        return msgspec.json.decode(data, type=Attempt)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise StorageError(f"{audits.location(name)} is no attempt; delete it, a release makes it anew") from None
