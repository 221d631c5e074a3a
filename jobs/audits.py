"""Audits in their store: a date and a version in; what was found of that version when it was made out."""

import msgspec

from schemas.manifest import Audit
from sinks.store import Store


def audit_name(billing_date: str, version: int) -> str:
    """The name of a version's audit."""
    return f"billing_date={billing_date}/v{version:04d}.json"


def attempt_name(billing_date: str) -> str:
    """The name of a date's last attempt."""
    return f"attempts/{billing_date}.json"


def read_audit(audits: Store, billing_date: str, version: int) -> Audit | None:
    """The audit of a version; None: it is missing, or not as it was written."""
    try:
        return msgspec.json.decode(audits.get(audit_name(billing_date, version)) or b"", type=Audit)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
