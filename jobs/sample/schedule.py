"""Schedule the start and the kind of every contact."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from random import Random

from jobs.sample.agents import DAY
from jobs.sample.contact_mix import KINDS, MOST_COMMON, MixEntry

# Calls per hour of the UTC day: a hospital group in the middle of North America.
HOURS = (
    30,
    22,
    16,
    12,
    9,
    8,
    7,
    6,
    6,
    7,
    10,
    18,
    42,
    80,
    112,
    125,
    120,
    104,
    100,
    108,
    112,
    98,
    66,
    44,
)
# No conversation of several legs begins in the last hours, so that no leg begins after the last day.
LAST_HOURS = 2


def schedule(rng: Random, contacts: int, first_second: int, days: int) -> Iterator[tuple[int, MixEntry]]:
    """Yield start (seconds since 1970) and kind in order of time: `contacts` legs, every kind if it fits."""
    kinds = _kinds(rng, contacts)
    hours = _per_hour(len(kinds), first_second, days)
    _keep_short_at_the_end(rng, kinds, sum(hours[:-LAST_HOURS]))
    position = 0
    for hour, count in enumerate(hours):
        for n in range(count):
            offset = int((n + rng.random()) * 3600 / count)
            yield first_second + hour * 3600 + offset, kinds[position + n]
        position += count


def _kinds(rng: Random, contacts: int) -> list[MixEntry]:
    """Return kinds in random order, one of each and then by weight, with `contacts` legs in all."""
    kinds = list(KINDS) if contacts >= sum(kind.legs for kind in KINDS) else []
    left = contacts - sum(kind.legs for kind in kinds)
    weights = tuple(accumulate(kind.weight for kind in KINDS))
    while left > 0:
        for kind in rng.choices(KINDS, cum_weights=weights, k=min(left, 10_000)):
            if left <= 0:
                break
            entry = kind if kind.legs <= left else MOST_COMMON
            kinds.append(entry)
            left -= entry.legs
    rng.shuffle(kinds)
    return kinds


def _per_hour(starts: int, first_second: int, days: int) -> list[int]:
    """Return how many contacts begin in each hour: by hour of the day, half as many on Saturdays and Sundays."""
    weights: list[int] = []
    for day in range(days):
        weekday = (first_second // DAY + day + 3) % 7  # 1970-01-01 was a Thursday
        weights.extend(hour * (1 if weekday >= 5 else 2) for hour in HOURS)
    total = sum(weights)
    edges = [starts * edge // total for edge in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(edges)]


def _keep_short_at_the_end(rng: Random, kinds: list[MixEntry], late: int) -> None:
    """Swap kinds of several legs that would begin at `late` or after with single-leg kinds that begin before."""
    for index in range(late, len(kinds)):
        while late and kinds[index].legs > 1:
            earlier = rng.randrange(late)
            if kinds[earlier].legs == 1:
                kinds[index], kinds[earlier] = kinds[earlier], kinds[index]
