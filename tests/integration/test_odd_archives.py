"""Archives with odd names, links and special files, as a user meets them: read safely, or one line."""

import gzip
import json
import os
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.integration.failing import INPUT, SETTINGS, fails
from tests.support.answered_calls import json_lines, record
from tests.support.command import Finished, command

ODD = b"\xff\x1b[31m\nred"
ESCAPED = r"\xff" + "\x1b[31m\nred"


def run(world: Path, job: str, *options: str) -> Finished:
    return command(
        job, "--archive", world / "archive", "--agents", world / "agents.csv", "--out", world / "out", *options
    )


def test_a_link_out_of_the_archive(world: Path) -> None:
    """What it leads to is neither read nor kept."""
    (world / "secret.json").write_bytes(json_lines(record("elsewhere")))
    (world / "archive" / "odd").symlink_to(world / "secret.json")
    fails(world, INPUT, f"{world}/archive/odd (a link out of the archive, to {world}/secret.json)", "take it out")
    assert not list((world / "out").rglob("*.parquet"))


def test_the_products_own_output_behind_a_link(world: Path) -> None:
    (world / "archive" / "below").mkdir()
    (world / "elsewhere").symlink_to(world / "archive" / "below")
    fails(world, SETTINGS, f"--out {world}/elsewhere lies in the archive", options=("--out", "elsewhere"))
    # The other way round: the archive's link leads to the output.
    (world / "out" / "ledger").mkdir(parents=True)
    (world / "archive" / "out").symlink_to(world / "out")
    fails(world, INPUT, f"{world}/archive/out (a link out of the archive")
    # A part of the output is behind a link.
    (world / "archive" / "out").unlink()
    (world / "out" / "release").symlink_to(world / "archive" / "below")
    fails(world, SETTINGS, f"{world}/out/release lies in the archive")


def test_names_that_are_no_text_or_control_the_terminal(world: Path) -> None:
    """Read, escaped in what is printed, and found again under the name that the ledger has."""
    (world / "archive" / os.fsdecode(ODD)).write_bytes(json_lines(record("other"), b"no record"))
    (world / "archive" / "truncated\x1b[2J.gz").write_bytes(gzip.compress(json_lines(record("cut")))[:-4])
    finished = run(world, "backfill")
    assert (finished.code, finished.err) == (0, "")
    assert all(line.isprintable() for line in finished.out.splitlines())
    assert r"damaged: 'truncated\x1b[2J.gz'" in finished.out
    parts = (world / "out/ledger/outcomes").rglob("*.parquet")
    sources = {source for part in parts for source in pq.read_table(part)["source"].to_pylist()}
    assert sources >= {ESCAPED, "contacts.jsonl"}
    listed = command("quarantine", "list", "--out", world / "out")
    assert all(line.isprintable() for line in listed.out.splitlines())
    assert ascii(ESCAPED) in listed.out
    assert json.dumps(ESCAPED) in command("quarantine", "list", "--out", world / "out", "--json").out
    (position,) = re.findall(rf"{re.escape(ascii(ESCAPED))} at (\S+):", listed.out)
    shown = command("quarantine", "show", "--out", world / "out", "--source", ESCAPED, "--position", position)
    assert (shown.code, shown.err) == (0, "")
    again = run(world, "backfill")
    assert (again.code, again.out.count("(unchanged)")) == (0, 1)


@pytest.mark.parametrize("kind", ["gone", "FIFO"])
def test_errors_name_files_escaped(world: Path, kind: str) -> None:
    path = world / "archive" / os.fsdecode(ODD)
    path.symlink_to("gone") if kind == "gone" else os.mkfifo(path)
    told = fails(world, INPUT, r"archive/\udcff\x1b[31m\nred' (")
    assert told.rstrip("\n").isprintable()


def test_what_the_user_names_is_printed_escaped(world: Path) -> None:
    missing = run(world, "backfill", "--archive", "\x1b[31m")
    assert (missing.code, missing.err.count("\n")) == (INPUT, 1)
    assert r"\x1b[31m" in missing.err
    extra = run(world, "backfill", "\x07\x1b[31m")
    assert extra.code == SETTINGS
    assert all(line.isprintable() for line in (missing.err + extra.err).splitlines())
    assert r"\x07" in extra.err
