"""A world to look at: a synthetic archive of so many contacts and days, read and released without Flink."""

import datetime
from pathlib import Path

from jobs.agents.table import load_agents
from jobs.sample.archive import write_sample
from tests.support.backfills import Publisher, read_into_ledger

SEED = 7


def write_world(folder: Path, contacts: int, days: int) -> Path:
    """Ledger, release and audit below a folder of their own."""
    write_sample(folder, contacts=contacts, seed=SEED, days=days)
    agents, out = load_agents(folder / "agents.csv"), folder / "out"
    results = read_into_ledger(folder / "archive", out, agents)
    dates = sorted({date for result in results if result.mark for date in result.mark.rows} - {"unknown"})
    publisher = Publisher(out, agents)
    for date in dates:
        begins = datetime.datetime.fromisoformat(f"{date}T00:00:00+00:00")
        publisher.publish(date, now=begins + datetime.timedelta(hours=26))
    return out
