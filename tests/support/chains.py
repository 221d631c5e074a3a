"""Calls of one date in a few words, for the chain checks: their outcome rows, and what the checks find.

A call reads `b 30+60 of a`: its contact id, when its provider was on the line (seconds from noon, plus seconds), and
what it has that others have not:

of ID           InitialContactId                       ext N, phone N      `null` for none
from N, to N    initiation and disconnect; else 10 s before the connection, and the end of the call
hold N          of these seconds on hold; else a third
transfer        InitiationMethod TRANSFER; else INBOUND
excluded        instead of billable
"""

from pathlib import Path

from schemas.outcome import UNMATCHED, OutcomeRow
from tests.support.ledgers import date_tables, new_ledger, write_rows
from tests.support.records import DATE

SECOND = 1_000_000
NOON = 1_772_366_400 * SECOND
PHONE, EXTENSION = "+12025550101", "0042"

Findings = dict[str, tuple[tuple[str, ...], ...]]


def call(words: str) -> OutcomeRow:
    """The outcome row of a call."""
    contact_id, times, *rest = words.split()
    excluded = "excluded" in rest
    told = [word for word in rest if word not in ("excluded", "transfer")]
    said: dict[str, str | None] = {k: None if v == "null" else v for k, v in zip(told[::2], told[1::2], strict=True)}
    begins, lasted = map(int, times.split("+"))
    extension = said.get("ext", EXTENSION)
    held = extension is None and not excluded
    hold = int(said.get("hold") or lasted // 3)
    return OutcomeRow(
        outcome="excluded" if excluded else "held" if held else "billable",
        reason="answering_machine" if excluded else UNMATCHED if held else None,
        contact_id=contact_id,
        call_type="inbound",
        initiated_at=_at(int(said.get("from") or begins - 10)),
        connected_at=_at(begins),
        disconnected_at=_at(int(said.get("to") or begins + lasted)),
        updated_at=_at(3600),
        talk_seconds=lasted - hold,
        hold_seconds=hold or None,
        patient_phone=said.get("phone", PHONE),
        attribute_extension=extension,
        extension=extension,
        initial_contact_id=said.get("of"),
        initiation_method="TRANSFER" if "transfer" in rest else "INBOUND",
        billing_date=DATE,
    )


def calls(words: str) -> list[OutcomeRow]:
    """The rows of calls with `;` between them."""
    return [call(one) for one in words.split(";") if one.strip()]


def found(rows: list[OutcomeRow], folder: Path) -> Findings:
    """What the rules find in a ledger of these rows."""
    ledger = new_ledger(folder)
    write_rows(ledger, rows)
    with date_tables(ledger, DATE) as tables:
        return tables.chains()


def _at(seconds: int) -> int:
    return NOON + seconds * SECOND
