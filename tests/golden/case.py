"""Runs a case: a folder named as a sentence, with input and expected files.

archive/        what is read and released; archive-later/, if there, is read and released after it
agents.csv      the agent-extension table
settings.toml   if it needs any
why.md          the expected files by hand, rule by rule
expected/       <billing date>/billing.csv and control.json; of rows without a date, control.json
"""

from datetime import UTC, datetime
from pathlib import Path

from jobs.agents.table import load_agents
from jobs.releases.publisher import Publisher
from jobs.settings.settings import load_settings
from schemas.manifest import json_text
from schemas.outcome import UNKNOWN_DATE
from sinks.store import LocalStore
from tests.support.ledgers import dates, new_ledger, read_archive

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def cases() -> list[Path]:
    """The folders of all cases."""
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def expected(case: Path) -> dict[str, bytes]:
    """The expected files of a case, by their names below `expected`."""
    root = case / "expected"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def run(case: Path, work: Path) -> dict[str, bytes]:
    """What the newest release of every date says, and the control totals of rows without a date."""
    config = case / "settings.toml"
    settings = load_settings(config if config.exists() else None)
    agents = load_agents(case / "agents.csv")
    ledger = new_ledger(work / "ledger", settings.billing.time_zone)
    partner = LocalStore(work / "release")
    publisher = Publisher(ledger, partner, LocalStore(work / "audit"), settings, agents)
    found: dict[str, bytes] = {}
    for archive in sorted(case.glob("archive*")):
        results = read_archive(archive, ledger, agents, settings.rules)
        assert all(result.mark for result in results), results
        for date in dates(ledger):
            if date == UNKNOWN_DATE:
                found[f"{date}/control.json"] = json_text(publisher.write_unknown(date))
                continue
            released = publisher.release_date(date, NOW)
            assert not released.failures, released
            name = f"billing_date={date}/v{released.version:04d}/billing.csv"
            found[f"{date}/billing.csv"] = partner.get(name) or b"not there"
            found[f"{date}/control.json"] = json_text(released.control)
    return found
