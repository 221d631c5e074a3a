"""Files of an archive in which no record can be read: named, nothing published, never exit code 0 by silence."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from jobs.ingest.archive.files import archive_files
from jobs.ingest.replay import summary
from jobs.report.prometheus import metrics_of
from jobs.report.status import Status
from jobs.settings.date_range import DateRange
from schemas.errors import EngineFailed
from sinks.ledger import InputMark
from tests.integration.failing import INPUT
from tests.support.answered_calls import json_lines, record
from tests.support.backfills import read_into_ledger
from tests.support.command import Finished, command
from tests.support.partner_files import digests

DATE = "2026-03-01"
GOOD = json_lines(record("call-1"), record("call-2"))
HIDDEN = b"98761"
# By form: a file that holds no object.
UNREADABLE = {
    "PDF": b"%PDF-1.7 " + HIDDEN,
    "HTML": b"<!doctype html><p>" + HIDDEN,
    "XML": b"<Error>" + HIDDEN,
    "PNG": b"\x89PNG\r\n\x1a\n" + HIDDEN,
    "ORC": b"ORC\x11" + HIDDEN,
    "LZ4": b"\x04\x22\x4d\x18" + HIDDEN,
    "xz": b"\xfd7zXZ\0" + HIDDEN,
    "7z": b"7z\xbc\xaf\x27\x1c" + HIDDEN,
    "tar": b"a".ljust(257, b"\0") + b"ustar" + HIDDEN,
    "PGP": b"-----BEGIN PGP MESSAGE-----\n" + HIDDEN,
    "CSV": b"ContactId;Channel\n" + HIDDEN + b";VOICE\n",
    "binary data": b"\0" * 5000 + HIDDEN,
    "gzip": gzip.compress(GOOD)[:11],
    "JSON": b'[1, "a"]',
}
# Files that hold something, or nothing at all.
READABLE = {
    "good": GOOD,
    "partly": b"%PDF\n" + GOOD,
    "wrong": b'{"ContactId": 1}\n',
    "cut-off.gz": gzip.compress(GOOD + b"x" * 100)[:-20],
    "empty": b"",
    "blank": b" \r\n\n",
    "blank.gz": gzip.compress(b"\n") + b"\0" * 512,
}


class Archive:
    """An archive, and commands that read it."""

    def __init__(self, folder: Path, files: dict[str, bytes]) -> None:
        self.out = folder / "out"
        self.folder = folder / "archive"
        self.folder.mkdir()
        for name, data in files.items():
            (self.folder / name).write_bytes(data)
        self.agents = folder / "agents.csv"
        self.agents.write_text("agent_id,extension\n")

    def run(self, name: str, *options: object) -> Finished:
        places = ("--archive", self.folder, "--agents", self.agents, "--out", self.out)
        finished = command(name, *places, *options)
        assert HIDDEN.decode() not in finished.out + finished.err
        return finished

    def reported(self, name: str, *options: object) -> tuple[dict[str, object], str]:
        """What a command that finds unreadable files prints as JSON, and its one line of error."""
        finished = self.run(name, *options, "--json")
        assert (finished.code, finished.out.count("\n"), finished.err.count("\n")) == (INPUT, 1, 1), finished.err
        return json.loads(finished.out), finished.err

    def status(self) -> Status:
        finished = command("status", "--out", self.out, "--json")
        return msgspec.json.decode(finished.out, type=Status)

    def released(self) -> list[str]:
        return sorted({name.split("/")[0] for name in digests(self.out / "release")})


@pytest.mark.parametrize("form", UNREADABLE)
def test_each_form_is_named_and_stops_the_release(tmp_path: Path, form: str) -> None:
    """Of every run; the other files are in the ledger."""
    archive = Archive(tmp_path, READABLE | {"odd\x1b": UNREADABLE[form]})
    for _ in range(2):
        result, error = archive.reported("backfill")
        assert result["unreadable"] == {"odd\x1b": form}
        assert (result["dates"], result["unknown"], result["published"]) == ([], None, False)
        assert f"no record can be read in 1 files, which seem to be: 'odd\\x1b' ({form}); nothing was" in error
        assert archive.released() == []
    text = archive.run("backfill")
    assert f"unreadable: 'odd\\x1b' (no record; it seems to be {form})" in text.out
    assert "billing date" not in text.out
    result, error = archive.reported("replay")
    assert (result["unreadable"], result["dates"][DATE]) == ({"odd\x1b": form}, 5)
    assert archive.run("replay", "--accept-unreadable").code == 0


def test_accepted_files_are_named_and_all_dates_published(tmp_path: Path) -> None:
    archive = Archive(tmp_path, READABLE | UNREADABLE)
    result, error = archive.reported("backfill")
    assert result["unreadable"] == dict(sorted((form, form) for form in UNREADABLE))
    assert "14 files, which seem to be: 7z (7z), CSV (CSV), HTML (HTML), " in error
    assert " and 9 more; " in error
    accepted = archive.run("backfill", "--accept-unreadable")
    assert (accepted.code, accepted.err) == (0, "")
    assert accepted.out.count("unreadable: ") == 14
    assert archive.released() == [f"billing_date={DATE}"]
    archive.reported("backfill")


def test_files_left_out_are_counted(tmp_path: Path) -> None:
    archive = Archive(tmp_path, READABLE | UNREADABLE)
    options = [part for form in UNREADABLE for part in ("--exclude", form)]
    finished = archive.run("backfill", *options)
    assert (finished.code, finished.err) == (0, "")
    assert "7 files read, 14 left out; " in finished.out
    found = json.loads(archive.run("replay", *options, "--json").out)
    assert (found["files"], found["left_out"], found["unreadable"]) == (7, 14, {})
    assert archive.status().quarantined["unknown"].keys() == {"missing_field", "not_json"}
    assert "check --archive, --from, --to, --exclude" in archive.run("backfill", "--exclude", "*").err


def test_archives_of_the_same_files_release_the_same(tmp_path: Path) -> None:
    """Whether the unreadable ones are accepted, or left out."""
    files = {"good": GOOD, "a.pdf": UNREADABLE["PDF"]}
    roots = [tmp_path / name for name in ("accepted", "left out")]
    for root, options in zip(roots, (["--accept-unreadable"], ["--exclude", "*.pdf"]), strict=True):
        root.mkdir()
        assert Archive(root, files).run("backfill", *options).code == 0
    folder = f"out/release/billing_date={DATE}/v0001"
    assert digests(roots[0] / folder) == digests(roots[1] / folder)


def test_a_mark_that_does_not_say_it_is_read_again(tmp_path: Path) -> None:
    """As those before did not: of files that may be unreadable, and of no other."""
    archive = Archive(tmp_path, {"a.pdf": UNREADABLE["PDF"], "gone.gz": UNREADABLE["gzip"], **READABLE})
    archive.reported("replay")
    inputs = archive.out / "ledger/inputs"
    marks = {}
    for path in inputs.iterdir():
        mark = msgspec.json.decode(path.read_bytes(), type=InputMark)
        marks[mark.source] = path
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(mark, unreadable=msgspec.UNSET)))
    result, _ = archive.reported("replay")
    assert result["unreadable"] == {"a.pdf": "PDF", "gone.gz": "gzip"}
    read_again = {name for name, path in marks.items() if b"unreadable" in path.read_bytes()}
    assert read_again == {"a.pdf", "gone.gz", "wrong", "empty", "blank", "blank.gz"}


def test_status_and_metrics_count_rows_without_a_date(tmp_path: Path) -> None:
    """Never 0 quarantined beside them, whether a date was released or not."""
    archive = Archive(tmp_path, {"good": GOOD, "a.pdf": UNREADABLE["PDF"], "b.txt": UNREADABLE["CSV"]})
    archive.reported("backfill")
    for _ in range(2):
        status = archive.status()
        assert status.quarantined == {"unknown": {"not_json": 2}}
        assert "quarantined    2 records: unknown" in status.text()
        (metric,) = [m for m in metrics_of(status) if m.name == "contact_billing_quarantined_records"]
        assert [(s.labels["reason"], s.value) for s in metric.samples] == [("not_json", 2)]
        assert "unknown  not_json: 2" in command("quarantine", "list", "--out", archive.out).out
        assert archive.run("backfill", "--accept-unreadable").code == 0


def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as members:
        members.writestr("a.json", b"\x91\x07" * 99)
    data = bytearray(held.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    result, _ = Archive(tmp_path, {"a.zip": bytes(data)}).reported("backfill")
    assert result["unreadable"] == {"a.zip": "ZIP, encrypted"}


def test_a_file_without_a_result_was_not_read(tmp_path: Path) -> None:
    """Should the engine lose one: it is named, and is never counted as read."""
    archive = Archive(tmp_path, {"a": GOOD, "b\n": GOOD + b"\n"})
    results = read_into_ledger(archive.folder, archive.out)
    files = archive_files(archive.folder, DateRange())
    assert summary(files, results, DateRange()).files == 2
    with pytest.raises(EngineFailed, match=r"1 files were not read, the first is 'b\\n'; run again"):
        summary(files, results[:1], DateRange())
