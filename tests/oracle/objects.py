"""What an object holds, and objects that are no contact records: events of agents, and of contacts that go on."""

import re
from typing import Any, TypeGuard

EVENT_BRIDGE = ("aws.connect", "Amazon Connect Contact Event")


def is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and re.search("[\ud800-\udfff]", value) is None


def not_empty(value: Any) -> dict[str, Any]:
    """The object, or {} for null and for an object without a value."""
    return value if isinstance(value, dict) and any(v is not None for v in value.values()) else {}


def address(record: dict[str, Any], name: str) -> str:
    """The address of an endpoint; empty if there is none."""
    found = not_empty(record.get(name)).get("Address")
    return found if is_text(found) else ""


def is_agent_event(event: dict[str, Any]) -> bool:
    return event.get("ContactId") is None and None not in (event.get("EventType"), event.get("AgentARN"))


def is_contact_event(event: dict[str, Any]) -> bool:
    """As Connect writes it, or in EventBridge's envelope."""
    parts = [event]
    if (event.get("source"), event.get("detail-type")) == EVENT_BRIDGE:
        parts.append(event.get("detail") or {})
    return event.get("ContactId") is None and any(isinstance(part, dict) and _has_names(part) for part in parts)


def _has_names(event: dict[str, Any]) -> bool:
    kind, contact = event.get("eventType"), event.get("contactId")
    return is_text(kind) and re.fullmatch("[A-Z][A-Z_]*", kind) is not None and is_text(contact) and contact != ""
