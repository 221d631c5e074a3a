"""The commands that are compared. In: an archive with its agents' table, and where to write. Out: a command line.

All read `ROOT/archive` and `ROOT/agents.csv`, and write below OUT.
"""

import sys
from pathlib import Path

from tests.services.process import BUILD

HERE = Path(__file__).parent
CONNECTORS = BUILD / "connectors.jar"
COMMAND = Path(sys.executable).with_name("contact-billing")
PEERS = {"DuckDB": "duckdb_script.py", "Flink SQL": "flink_sql.py", "stdlib": "stdlib_script.py"}


def ours(step: str, root: Path, out: Path, *options: object) -> list[str]:
    """`contact-billing backfill` or another command that reads an archive."""
    places = ("--archive", root / "archive", "--agents", root / "agents.csv", "--out", out)
    return [str(part) for part in (COMMAND, step, *places, *options)]


def peer(name: str, root: Path, out: Path) -> list[str]:
    """One of the peers."""
    jar = (CONNECTORS,) if name == "Flink SQL" else ()
    return [
        str(part) for part in (sys.executable, HERE / PEERS[name], root / "archive", root / "agents.csv", out, *jar)
    ]
