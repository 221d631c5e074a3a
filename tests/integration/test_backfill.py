"""One whole backfill by the real command: its files, against an independent implementation of the rules.

On a terminal, with Flink. The same again, and the same in another form, without it: not a byte differs.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from jobs.releases.backfill_results import BackfillResult
from jobs.sample.archive import write_sample
from tests.integration.awkward import ODD_IDS, TIED, add_awkward_files
from tests.integration.expectation import expectation, readable_copy, shuffled_copy, tied_contacts
from tests.oracle.totals import Expected
from tests.support.command import command
from tests.support.markers import MARKERS, PHONE, add_marked_files
from tests.support.partner_files import FILES, HEADER, assert_complete, csv_rows, date_of, digests, document, versions
from tests.support.process import Finished, run

CONTACTS = 3000
FIGURES = ("read", "billed", "held", "excluded", "superseded", "duplicate", "quarantined", "call_seconds")


@dataclass(frozen=True)
class Backfill:
    """A finished backfill, and what it should have come to."""

    folder: Path
    finished: Finished
    expected: Expected
    tied: set[str]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def release(self) -> Path:
        return self.out / "release"

    @property
    def options(self) -> tuple[object, ...]:
        places = ("--archive", self.folder / "archive", "--agents", self.folder / "agents.csv")
        return (*places, "--accept-unreadable")


@pytest.fixture(scope="module")
def backfill(tmp_path_factory: pytest.TempPathFactory) -> Backfill:
    folder = tmp_path_factory.mktemp("backfill")
    write_sample(folder, contacts=CONTACTS, seed=5, layout="mixed")
    archive, agents = folder / "archive", folder / "agents.csv"
    stuck = add_awkward_files(archive / "awkward") | add_marked_files(archive / "marked")
    readable = readable_copy(archive, stuck, folder / "readable")
    options = ("--archive", archive, "--agents", agents, "--out", folder / "out", "--accept-unreadable")
    finished = run("backfill", *options, folder=folder, terminal=True)
    assert finished.code == 0, finished.err
    return Backfill(folder, finished, expectation(readable, agents), tied_contacts(readable))


def test_output_shows_progress_and_totals(backfill: Backfill) -> None:
    """On a terminal: two progress bars that end at 100 %; then a table whose figures are the expected ones."""
    shown = backfill.finished.err
    assert re.search(r"read: +100%.*\[\d\d:\d\d<\d\d:\d\d, +[\d.]+[kM]?B/s\]", shown)
    assert re.search(r"release: +100%.*\[\d\d:\d\d<\d\d:\d\d, +[\d.]+(date/s|s/date)\]", shown)
    table = {line.split()[0]: line.split() for line in backfill.finished.out.splitlines() if line.strip()}
    controls = {**backfill.expected.control, "in": backfill.expected.total()}
    for row, control in controls.items():
        figures = [control[f] if isinstance(control[f], int) else sum(control[f].values()) for f in FIGURES]
        cells = table[row][2:] if row == "in" else table[row][1:]
        assert cells[: len(figures)] == [str(figure) for figure in figures], row
    assert all(table[row][-1] == "v0001" for row in controls if row.startswith("2"))
    for damaged in ("awkward/cut-off.gz", "awkward/garbage-between.gz", "marked/bad.json.gz"):
        assert f"damaged: {damaged}" in backfill.finished.out
    assert "unreadable: awkward/garbage.bin (no record; it seems to be binary data)" in backfill.finished.out
    assert str(backfill.out) in backfill.finished.out


def test_control_totals_per_date(backfill: Backfill) -> None:
    """Every figure of every date, and of the rows without a date."""
    found = {date_of(version): document(version / "manifest.json")["control"] for version in versions(backfill.release)}
    found["unknown"] = document(backfill.out / "audit" / "billing_date=unknown" / "control.json")
    assert found == backfill.expected.control
    assert len(found) > 3


def test_lines_per_date(backfill: Backfill) -> None:
    """Every cell of every line, but for contacts whose newest deliveries tie: a digest decides between those."""
    assert backfill.tied == {TIED}
    billed = {date: lines for date, lines in backfill.expected.lines.items() if date != "unknown"}
    assert {date_of(version) for version in versions(backfill.release)} == set(billed)
    for version in versions(backfill.release):
        rows, lines = csv_rows(version), billed[date_of(version)]
        assert [row["contact_id"] for row in rows if row["contact_id"] in backfill.tied] == [
            line["contact_id"] for line in lines if line["contact_id"] in backfill.tied
        ]
        found = [row for row in rows if row["contact_id"] not in backfill.tied]
        wanted = [line | {"revision": 1} for line in lines if line["contact_id"] not in backfill.tied]
        assert found == sorted(wanted, key=lambda line: (line["initiated_at"], line["contact_id"]))


def test_csv_is_rfc_4180(backfill: Backfill) -> None:
    """CRLF behind every row, quotes doubled, no blank line; null is an empty cell and not an empty text."""
    contacts = set()
    for version in versions(backfill.release):
        text = (version / "billing.csv").read_bytes().decode()
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert text.startswith(HEADER + "\r\n")
        assert {len(row) for row in rows} == {len(HEADER.split(","))}
        bare = re.sub(r'"(?:[^"]|"")*"', "quoted", text)
        assert bare.split("\r\n")[-1] == ""
        assert bare.count("\r\n") == bare.count("\n") == bare.count("\r") == len(rows)
        assert '"' not in bare
        assert '""' not in re.findall(r'"(?:[^"]|"")*"', text)
        contacts |= {row[0] for row in rows}
    assert contacts >= set(ODD_IDS)
    assert any(row["patient_phone"] is None for version in versions(backfill.release) for row in csv_rows(version))


def test_every_file_is_what_its_manifest_says(backfill: Backfill) -> None:
    """Digests, sizes and rows; billing.parquet holds the rows of billing.csv; latest.json names the version."""
    for version in versions(backfill.release):
        assert assert_complete(backfill.release, date_of(version)) == version
        assert {path.name for path in version.iterdir()} == FILES | {"manifest.json"}


def test_hidden_files_are_no_part_of_an_archive(backfill: Backfill) -> None:
    assert not any("hidden file" in str(csv_rows(version)) for version in versions(backfill.release))


def test_nothing_is_left_behind(backfill: Backfill) -> None:
    """No file or folder in the temporary folder or where the command was started, no process."""
    assert backfill.finished.left == []
    assert backfill.finished.survivors == []


def test_no_planted_value_is_told(backfill: Backfill) -> None:
    """Values of good and bad records are in the billing lines and the ledger, and nowhere else."""
    told = {"stdout": backfill.finished.out.encode(), "stderr": backfill.finished.err.encode()}
    told |= {f"log {name}": data for name, data in backfill.finished.logs.items()}
    folders = (backfill.out / "audit", backfill.release, backfill.out / "ledger")
    for kind in ("*.json", "*.html"):
        told |= {str(path): path.read_bytes() for folder in folders for path in folder.rglob(kind)}
    assert any(b"replay" in data for name, data in told.items() if name.startswith("log"))
    assert any(PHONE in str(csv_rows(version)) for version in versions(backfill.release))
    leaks = [(name, marker) for name, data in told.items() for marker in MARKERS if marker.encode() in data]
    assert leaks == []


def test_a_second_backfill_changes_no_byte(backfill: Backfill) -> None:
    """Neither of the release nor of the ledger and the audit; as JSON it says the same as the first one did as text."""
    before = {name: digests(backfill.out / name) for name in ("release", "ledger", "audit")}
    second = command("backfill", *backfill.options, "--out", backfill.out, "--json")
    assert (second.code, second.err, second.out.count("\n")) == (0, "", 1)
    assert {name: digests(backfill.out / name) for name in before} == before
    assert any(name.endswith(".parquet") for name in before["ledger"])
    told = msgspec.json.decode(second.out, type=BackfillResult).text()
    assert told.count(" (unchanged)") == len(versions(backfill.release))
    first = [line for line in backfill.finished.out.splitlines() if "chain finding" not in line]
    assert told.replace(" (unchanged)", "").splitlines() == first


def test_a_shuffled_copy_gives_the_same_release(backfill: Backfill) -> None:
    """The same deliveries in another order, over other files of another form: the same bytes, manifests included.

    Up to a later date than the last, which is released with no lines.
    """
    folder = backfill.folder / "shuffled"
    shuffled = shuffled_copy(backfill.folder / "readable", folder / "archive")
    first, *_, last = map(date_of, versions(backfill.release))
    after = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    options = ("--archive", shuffled, "--agents", backfill.folder / "agents.csv", "--out", folder / "out")
    finished = command("backfill", *options, "--from", first, "--to", after)
    assert (finished.code, finished.err) == (0, "")
    released = folder / "out" / "release"
    assert csv_rows(assert_complete(released, after) or Path()) == []
    wanted = digests(backfill.release)
    found = {name: digest for name, digest in digests(released).items() if f"billing_date={after}/" not in name}
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if found[name] != wanted[name] and not name.endswith("/latest.json")] == []
