"""Contact records of answered calls that are billable, by what matters to a test."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/1d908e11-3d5f-4cfb-b34d-1e7e0f216898"
AGENT = "57db30ae-8c01-44e6-abd5-80b7b51944cf"
MORNING = datetime(2026, 3, 1, 10, tzinfo=UTC)


def text(at: datetime) -> str:
    """An instant as contact records have it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def record(
    contact_id: str,
    began: datetime = MORNING,
    *,
    delivery: int = 1,
    talk: int = 60,
    hold: int = 5,
    extension: str | None = "2143",
    phone: str = "+12025550142",
    agent_id: str = AGENT,
    **fields: Any,
) -> dict[str, Any]:
    """A delivery of a contact, the first or a later one; `fields` replaces whole fields."""
    connected = began + timedelta(seconds=20)
    ended = connected + timedelta(seconds=talk + hold)
    return {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": {
            "ARN": f"{INSTANCE}/agent/{agent_id}",
            "AgentInteractionDuration": talk,
            "ConnectedToAgentTimestamp": text(connected),
            "CustomerHoldDuration": hold,
            "Username": "agent.001",
        },
        "Attributes": {} if extension is None else {"extensionNumber": extension},
        "Channel": "VOICE",
        "ConnectedToSystemTimestamp": text(began),
        "ContactId": contact_id,
        "CustomerEndpoint": {"Address": phone, "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": text(ended),
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": text(began),
        "LastUpdateTimestamp": text(ended + timedelta(minutes=delivery)),
        "Queue": {"Name": "Nurse Line"},
        "Recordings": [{"ParticipantType": None, "StorageType": "S3"}],
        **fields,
    }


def payload(record: dict[str, Any]) -> bytes:
    """The record as one compact line, without its end."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def json_lines(*records: dict[str, Any] | bytes) -> bytes:
    """Records (or payloads) as the lines of a file."""
    return b"".join((r if isinstance(r, bytes) else payload(r)) + b"\n" for r in records)
