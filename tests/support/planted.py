"""Values of patients and agents that no log line may hold, and how they would show in one."""

from typing import Any

from tests.support.markers import ATTRIBUTE, MARKERS, PHONE, USERNAME
from tests.support.markers import EXTENSION as EXTENSION_NUMBER
from tests.support.records import payload

# The patient's, the agent's and the flow's.
NAME = "Okapi Quagga"
PLANTED: list[Any] = [
    payload(f'Attributes.note = "{ATTRIBUTE}"'),
    PHONE,
    PHONE[1:],
    int(PHONE),
    ATTRIBUTE,
    NAME,
    f"{USERNAME}@example.com",
    f'"{EXTENSION_NUMBER}"',
    [PHONE],
    {PHONE: ATTRIBUTE},
]
SECRETS = (*MARKERS, "Okapi", "example.com", "ContactId")
