"""Numbers in payloads: gone in every form that is looked for, and nothing else is touched."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import changed
from transforms.records.erase_phone import erase_phones, phone_pattern
from transforms.records.outcome import outcome

NUMBER = "+4930123456"
SOUGHT = phone_pattern([NUMBER, "+12025550173"])


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("+4930123456", "+0000000000"),
        ("tel:+4930123456;ext=5", "tel:+0000000000;ext=5"),
        (r"\u002b4930123456", r"\u002b0000000000"),
        ("004930123456", "000000000000"),
        ("0114930123456", "0110000000000"),
        ("4930123456", "9999999999"),
        ("a+4930123456 +12025550173", "a+0000000000 +00000000000"),
        # Longer numbers are others': of an extension behind the same line, of another country.
        ("+49301234567", "+49301234567"),
        ("+14930123456", "+14930123456"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    ],
)
def test_where_a_number_is_found(text: str, now: str) -> None:
    assert erase_phones(text.encode(), SOUGHT) == now.encode()
    for utf_16 in ("utf-16", "utf-16-le", "utf-16-be"):
        if "u002b" not in text:
            assert erase_phones(text.encode(utf_16), SOUGHT) == now.encode(utf_16)


@given(st.binary(max_size=40), st.sampled_from([b"", b"+", b"00", b'"+', b'":']), st.binary(max_size=40))
def test_a_payload_stays_as_long_as_it_was(before: bytes, prefix: bytes, after: bytes) -> None:
    given = before + prefix + NUMBER[1:].encode() + after
    now = erase_phones(given, SOUGHT)
    assert len(now) == len(given)
    assert erase_phones(now, SOUGHT) == now


@pytest.mark.parametrize(
    "differences",
    [
        f'CustomerEndpoint.Address = "{NUMBER}"',
        f'CustomerEndpoint.Address = "{NUMBER}"; Attributes.a = {NUMBER[1:]}; Attributes.b = "00{NUMBER[1:]}"',
        f'CustomerEndpoint.Address = "{NUMBER[1:]}"',
        f"CustomerEndpoint.Address = {NUMBER[1:]}",
    ],
)
def test_the_rules_say_the_same_but_for_the_phone(differences: str) -> None:
    """Also of a number that was not written as text."""
    given = json.dumps(changed(differences)).encode()
    before, after = (outcome(p, NO_AGENTS, RULES) for p in (given, erase_phones(given, SOUGHT)))
    assert after == msgspec.structs.replace(before, patient_phone=None)
