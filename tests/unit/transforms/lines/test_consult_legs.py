"""Consult legs of any number, in any order; the table of cases is in test_chain_checks.py."""

from random import Random

from transforms.lines.consult_legs import Leg, consult_legs

MANY = 50_000


def leg(number: int, begins: int, ends: int, hold: int, is_transfer: bool = True, chain: str = "a") -> Leg:
    return Leg(chain, f"{number:06d}", is_transfer, begins * 1_000_000, ends * 1_000_000, ends - begins, hold)


def test_a_chain_of_many_legs_takes_no_longer_than_many_chains() -> None:
    """Each of them lies within all before it: comparing every two would take hours."""
    legs = [leg(n, n, 4 * MANY - n, 2 * MANY - n) for n in range(MANY)]
    assert consult_legs(legs) == []
    inner = [leg(MANY + n, MANY + n, MANY + n + 1, 0) for n in range(MANY)]
    assert [consult for consult, _ in consult_legs(legs + inner)] == [one.contact_id for one in inner]


def test_the_order_of_legs_does_not_matter() -> None:
    legs = [leg(0, 0, 60, 20), leg(1, 20, 40, 20), leg(2, 30, 35, 5), leg(3, 20, 40, 20), leg(0, 0, 60, 20, chain="b")]
    pairs = consult_legs(legs)
    assert pairs == [("000001", "000000"), ("000003", "000000"), ("000002", "000000")]
    Random(0).shuffle(legs)
    assert consult_legs(legs) == pairs
