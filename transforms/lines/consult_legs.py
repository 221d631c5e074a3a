"""Find consult legs: a provider asks a colleague while the patient is on hold, which makes a leg of its own.

A consult leg is a TRANSFER leg whose whole time with its provider lies within that of another leg of its chain, and is
no longer than that leg's hold: so the patient can have been on hold for all of it. The hold is the sum of the leg's
holds (CustomerHoldDuration); records do not say when it was. A cold transfer begins when the other leg ends, and a
conference is longer than the hold. Whether an extension is known does not matter, so that the agents' table cannot
change which legs are consult legs.

DuckDB runs the SQL over the table `version_status` of transforms/lines/latest_version.py.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

import msgspec

# Instants are whole microseconds. A hostile duration is capped so that the end fits in 64 bits; it is still later than
# every start.
ENDS = "connected_at + least(talk_seconds + coalesce(hold_seconds, 0), 1000000000000) * 1000000"

# Every leg of a chain with a TRANSFER leg, in the order of Leg's fields. A call of 0 seconds lies within nothing.
LEGS = f"""
    WITH legs AS (
        SELECT coalesce(initial_contact_id, contact_id) AS chain,
               contact_id,
               coalesce(initiation_method = 'TRANSFER', false) AS is_transfer,
               connected_at AS begins,
               {ENDS} AS ends,
               talk_seconds + coalesce(hold_seconds, 0) AS seconds,
               coalesce(hold_seconds, 0) AS hold_seconds
        FROM version_status
        WHERE standing = 'counts' AND outcome IN ('billable', 'held')
    )
    FROM legs WHERE begins < ends AND chain IN (SELECT chain FROM legs WHERE is_transfer)
"""

# The consult legs, each with the leg that covers it.
CONSULT_LEGS = """
    CREATE TEMP TABLE consult_legs AS
    SELECT unnest($consults::VARCHAR[]) AS contact_id, unnest($covering::VARCHAR[]) AS covering_id
"""


class Leg(msgspec.Struct, frozen=True):
    """A leg of a chain: its time with a provider, [begins, ends) in microseconds since 1970; durations in seconds."""

    chain: str
    contact_id: str
    is_transfer: bool
    begins: int
    ends: int
    seconds: int
    hold_seconds: int


def consult_legs(legs: Iterable[Leg]) -> list[tuple[str, str]]:
    """Return the contact id of every consult leg, and of a leg that covers it."""
    # Every leg comes after those that can cover it. Of two legs that would cover each other, the first covers.
    in_order = sorted(legs, key=lambda leg: (leg.chain, leg.begins, -leg.ends, -leg.hold_seconds, leg.contact_id))
    return [pair for _, chain in groupby(in_order, attrgetter("chain")) for pair in _of_chain(chain)]


def _of_chain(legs: Iterable[Leg]) -> Iterator[tuple[str, str]]:
    """Yield the consult legs of one chain; the time grows little faster than the number of legs."""
    # Of the legs so far, those that no other exceeds in both end and hold: ends ascend, and holds descend. So the first
    # one that ends late enough has the longest hold of all that do.
    covering: list[Leg] = []
    for leg in legs:
        place = bisect_left(covering, leg.ends, key=attrgetter("ends"))
        longest = covering[place] if place < len(covering) else None
        if longest is not None and leg.is_transfer and longest.hold_seconds >= leg.seconds:
            yield leg.contact_id, longest.contact_id
        if longest is None or longest.hold_seconds < leg.hold_seconds:
            begin = bisect_left(covering, -leg.hold_seconds, hi=place, key=lambda other: -other.hold_seconds)
            covering[begin:place] = [leg]
