"""The plain answered call, and how a test says in what another record differs from it.

A difference reads `Agent.CustomerHoldDuration = 5; Queue absent`: paths, values in JSON.
"""

import copy
import json
from typing import Any

from schemas.manifest import Control, CsvForm, Manifest

ARN = "arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/"

# An inbound call that nurse-1 answered after 20 seconds: 30 seconds of talk, 5 on hold.
PLAIN: dict[str, Any] = {
    "AWSAccountId": "123456789012",
    "AWSContactTraceRecordFormatVersion": "2017-03-10",
    "Agent": {
        "ARN": ARN + "nurse-1",
        "AfterContactWorkStartTimestamp": "2026-03-01T10:00:55Z",
        "AgentInteractionDuration": 30,
        "ConnectedToAgentTimestamp": "2026-03-01T10:00:20Z",
        "CustomerHoldDuration": 5,
        "Username": "nurse.one",
    },
    "AnsweringMachineDetectionStatus": None,
    "Attributes": {"extensionNumber": "0042"},
    "Channel": "VOICE",
    "ConnectedToSystemTimestamp": "2026-03-01T10:00:00Z",
    "ContactId": "call-1",
    "CustomerEndpoint": {"Address": "+12025550101", "Type": "TELEPHONE_NUMBER"},
    "DisconnectReason": "CUSTOMER_DISCONNECT",
    "DisconnectTimestamp": "2026-03-01T10:00:56Z",
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2026-03-01T10:00:00Z",
    "LastUpdateTimestamp": "2026-03-01T10:02:00Z",
    "Queue": {"ARN": "arn:aws:connect:us-east-1:123456789012:instance/i-1/queue/q-1", "Name": "Scheduling"},
    "Recordings": [{"ParticipantType": None, "StorageType": "S3"}],
}
# What EventBridge tells of that call while it goes on.
CONTACT_EVENT: dict[str, Any] = {
    "version": "0",
    "id": "00000000-0000-4000-8000-000000000001",
    "detail-type": "Amazon Connect Contact Event",
    "source": "aws.connect",
    "account": "123456789012",
    "time": "2026-03-01T10:00:20Z",
    "region": "us-east-1",
    "resources": [ARN + "nurse-1"],
    "detail": {
        "eventType": "CONNECTED_TO_AGENT",
        "contactId": "call-1",
        "channel": "VOICE",
        "instanceArn": "arn:aws:connect:us-east-1:123456789012:instance/i-1",
        "initiationMethod": "INBOUND",
        "initiationTimestamp": "2026-03-01T10:00:00.431Z",
        "agentInfo": {"agentArn": ARN + "nurse-1", "connectedToAgentTimestamp": "2026-03-01T10:00:20.012Z"},
    },
}
DATE = "2026-03-01"
# What the plain call is billed as.
PLAIN_LINE: dict[str, Any] = {
    "contact_id": "call-1",
    "billing_date": "2026-03-01",
    "call_type": "inbound",
    "initiated_at": "2026-03-01T10:00:00Z",
    "call_duration_seconds": 35,
    "talk_seconds": 30,
    "hold_seconds": 5,
    "contact_duration_seconds": 56,
    "patient_phone": "+12025550101",
    "provider_extension": "0042",
    "revision": 1,
}


def changed(differences: str = "", base: dict[str, Any] | None = None) -> dict[str, Any]:
    """The plain call with these differences."""
    record = copy.deepcopy(PLAIN if base is None else base)
    for difference in filter(None, (d.strip() for d in differences.split("; "))):
        path, equals, value = difference.partition(" = ")
        if not equals and not path.endswith(" absent"):
            raise ValueError(f"a difference is `path = value` or `path absent`, not {difference!r}")
        *parents, key = path.removesuffix(" absent").split(".")
        place = record
        for parent in parents:
            if place.get(parent) is None:
                place[parent] = {}
            place = place[parent]
        if equals:
            place[key] = json.loads(value)
        else:
            del place[key]
    return record


def payload(differences: str = "") -> bytes:
    """The plain call with these differences, as delivered."""
    return json.dumps(changed(differences), separators=(",", ":")).encode()


# A manifest that says nothing.
MANIFEST = Manifest(
    contract="billing.v1",
    previous_contract=None,
    previous_manifest_sha256=None,
    billing_date=DATE,
    version=1,
    amends=None,
    time_zone="UTC",
    files=(),
    control=Control(0, 0, 0, {}, 0, 0, {}, 0, 0, 0),
    amendments={},
    warnings={},
    earliest_initiated_at=None,
    latest_initiated_at=None,
    expectations=(),
    columns=(),
    csv=CsvForm(",", "", ""),
    ledger_rows=0,
    ledger_digest="",
    agents_digest="",
    settings_digest="",
    software_version="",
)
