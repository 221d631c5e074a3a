"""Deliveries, corrections, releases and crashes in any order: what the partner sees is always whole.

The partner reads from `latest.json` on, so what is above its version is not there yet.
"""

import csv
import datetime as dt
import io
import json
import tempfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.releases.candidate import Overrides
from jobs.releases.gate import Gate
from jobs.releases.publisher import Publisher
from jobs.releases.results import Released
from jobs.releases.verify.release_verifier import ReleaseVerifier
from jobs.settings import settings as wanted
from jobs.settings.settings import Settings
from schemas.data_rules import DataRule
from schemas.manifest import Expectation
from sinks.store import LocalStore, Store
from tests.support.amendments import apply, counted
from tests.support.crashing_store import Crash, CrashingStore
from tests.support.deliveries import Unit, units
from tests.support.ledgers import NO_AGENTS, history, new_ledger, write_payloads
from tests.support.records import DATE
from transforms.lines.control_totals import imbalance

NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
FOLDER = f"billing_date={DATE}"
CONTRACTS = [Settings(release=wanted.Release(contract=name)) for name in ("billing.v1", "six-columns-hold.v1")]
TABLES = [NO_AGENTS, history([{"agent_id": "nurse-1", "extension": "100", "valid_from": "", "valid_to": ""}])]

Step = list[Unit] | tuple[int, int, bool, int | None]
# Deliveries; or a release with a table, a contract, the flag that may change it, and after how many writes it dies.
RELEASES = st.tuples(st.integers(0, 1), st.sampled_from([0, 0, 0, 1]), st.booleans(), st.none() | st.integers(0, 6))
STEPS = st.lists(units(ties=True) | RELEASES, min_size=2, max_size=8)


class Seen(LocalStore):
    """A release as the partner sees it."""

    def names(self, folder: str) -> list[str]:
        latest = json.loads(self.get(f"{FOLDER}/latest.json") or b'{"version":0}')["version"]
        return [n for n in super().names(folder) if n.endswith("latest.json") or version_of(n) <= latest]


def version_of(name: str) -> int:
    return int(name.split("/")[1].removeprefix("v"))


class RememberingGate(Gate):
    """What there is to say of the same lines is found once: all versions are verified after each release."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[Expectation, ...]] = {}

    def check(self, lines: pd.DataFrame, rules: tuple[DataRule, ...]) -> tuple[Expectation, ...]:
        asked = (lines.to_json(), str(lines.dtypes), str(rules))
        if asked not in self._known:
            self._known[asked] = super().check(lines, rules)
        return self._known[asked]


GATE = RememberingGate()


class World:
    """A ledger and its releases."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger = new_ledger(root / "ledger")
        self.inputs = 0

    def take(self, step: Step) -> None:
        if isinstance(step, list):
            self.inputs += 1
            payloads = [payload for unit in step for payload in unit.payloads]
            write_payloads(self.ledger, payloads, input_name=f"{self.inputs:x}-0")
            return
        table, contract, change, crash = step
        partner = LocalStore(self.root / "release") if crash is None else CrashingStore(self.root / "release", crash)
        with suppress(Crash):
            released = self.release(partner, table, contract, change)
            assert imbalance(released.control) is None

    def release(self, partner: Store, table: int, contract: int, change: bool) -> Released:
        audit = LocalStore(self.root / "audit")
        made = Publisher(self.ledger, partner, audit, CONTRACTS[contract], TABLES[table], patience_seconds=0)
        return made.release_date(DATE, NOW, Overrides(change_contract=change))

    def lines(self, version: int, name: str) -> list[dict[str, str]]:
        text = (self.root / "release" / FOLDER / f"v{version:04d}" / name).read_bytes().decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))


@settings(max_examples=15)
@given(STEPS)
def test_the_partner_always_sees_a_whole_version(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        seen = Seen(world.root / "release")
        for step in steps:
            world.take(step)
            # A delivery changes nothing that the partner sees.
            if not isinstance(step, list) and (world.root / "release" / FOLDER / "latest.json").exists():
                assert ReleaseVerifier(seen, GATE).check(DATE).findings == ()
        world.release(LocalStore(world.root / "release"), 0, 0, change=True)
        checked = ReleaseVerifier(LocalStore(world.root / "release"), GATE).check(DATE)
        assert checked.findings == ()
        for version in range(2, checked.versions + 1):
            manifest = json.loads((world.root / "release" / FOLDER / f"v{version:04d}" / "manifest.json").read_bytes())
            if manifest["amends"] is not None:
                before, amendments = world.lines(version - 1, "billing.csv"), world.lines(version, "amendments.csv")
                assert apply(before, amendments) == counted(world.lines(version, "billing.csv"))
