"""Bars on a terminal, with a rate and the remaining time; not a byte where stderr is none."""

import re
import shutil
from pathlib import Path

import pytest

from schemas.errors import StorageError
from tests.support.answered_calls import json_lines, record
from tests.support.backfills import Publisher, read_contents
from tests.support.command import command
from tests.support.ledgers import NO_AGENTS
from tests.support.process import run

DATE = "2026-03-01"
COMMANDS = {
    "sample": ("sample", "--out", "{}/new", "--contacts", "200"),
    "release": ("release", "--out", "{}/out", "--agents", "{}/agents.csv", "--date", DATE),
    "verify": ("verify", "{}/out/release"),
    "recycle": ("quarantine", "recycle", "--out", "{}/out", "--agents", "{}/agents.csv"),
}


def finished_bar(what: str, unit: str) -> str:
    """What a bar looks like at its end: all of it is done, how long it took, what remains, and the rate."""
    return rf"{what}: +100%\|█+\| [0-9./kMG]+ \[\d\d:\d\d<\d\d:\d\d, +([\d.]+[kM]?{unit}/s|[\d.]+s/{unit})\]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with a release of one date and a quarantined row, and an agents' table."""
    read_contents(tmp_path / "out", first=json_lines(record("one"), record("bad", DisconnectTimestamp=None)))
    Publisher(tmp_path / "out", NO_AGENTS).publish(DATE)
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    return tmp_path


@pytest.mark.parametrize("what", COMMANDS)
def test_a_bar_on_a_terminal_and_nothing_elsewhere(folder: Path, what: str) -> None:
    options = [option.format(folder) for option in COMMANDS[what]]
    seen = run(*options, folder=folder, terminal=True)
    assert seen.code == 0, seen.err
    assert re.search(finished_bar(what, "contact" if what == "sample" else "date"), seen.err), seen.err
    assert "one" not in seen.err
    if what == "sample":  # goes into a new folder only
        shutil.rmtree(folder / "new")
    quiet = command(*options, "--json")
    assert (quiet.code, quiet.err, quiet.out.count("\n")) == (0, "", 1)


def test_an_error_has_a_line_of_its_own(folder: Path) -> None:
    (part,) = (folder / "out/ledger/outcomes" / f"billing_date={DATE}").glob("*.parquet")
    part.write_bytes(b"PAR1")
    failed = run(*(option.format(folder) for option in COMMANDS["release"]), folder=folder, terminal=True)
    assert failed.code == StorageError.exit_code
    *bars, error = failed.err.splitlines()
    assert error.startswith("contact-billing: cannot read the ledger's parts of")
    assert "release:   0%" in bars[-1]
