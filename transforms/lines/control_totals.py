"""Control totals: the balance that every date must satisfy.

read = billed + held + excluded + superseded + duplicate + quarantined, in records.
"""

from schemas.manifest import Control


def accounted_records(control: Control) -> int:
    """Return the number of records in the totals other than `read`."""
    return (
        control.billed
        + control.held
        + sum(control.excluded.values())
        + control.superseded
        + control.duplicate
        + sum(control.quarantined.values())
    )


def imbalance(control: Control) -> str | None:
    """Return a message about an unbalanced date, or None."""
    accounted_for = accounted_records(control)
    if accounted_for != control.read:
        difference = control.read - accounted_for
        return f"balance: {control.read} records read, {accounted_for} accounted for, difference {difference}"
    if control.call_seconds != control.talk_seconds + control.hold_seconds:
        return (
            f"balance: call seconds {control.call_seconds}, talk and hold {control.talk_seconds + control.hold_seconds}"
        )
    return None


def total(controls: list[Control]) -> Control:
    """Return the sums of the control totals of several dates."""
    return Control(
        read=sum(c.read for c in controls),
        billed=sum(c.billed for c in controls),
        held=sum(c.held for c in controls),
        excluded=_sums([c.excluded for c in controls]),
        superseded=sum(c.superseded for c in controls),
        duplicate=sum(c.duplicate for c in controls),
        quarantined=_sums([c.quarantined for c in controls]),
        call_seconds=sum(c.call_seconds for c in controls),
        talk_seconds=sum(c.talk_seconds for c in controls),
        hold_seconds=sum(c.hold_seconds for c in controls),
    )


def _sums(counts: list[dict[str, int]]) -> dict[str, int]:
    return {key: sum(c.get(key, 0) for c in counts) for key in sorted({k for c in counts for k in c})}
