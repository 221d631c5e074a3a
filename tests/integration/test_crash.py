"""A run that is disturbed while it reads: a worker dies, workers die too often, somebody presses Ctrl-C."""

import re
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jobs.agents.table import load_agents
from jobs.ingest.archive.files import archive_files, content_digest
from jobs.ingest.replay import summary
from jobs.sample.archive import write_sample
from jobs.settings.date_range import DateRange
from schemas.errors import EngineFailed
from sinks.paths import input_name, mark_name
from tests.support.backfills import Publisher, read_into_ledger
from tests.support.command import command
from tests.support.partner_files import date_of, digests, document, versions
from tests.support.process import open_files, run, workers

CONTACTS = 40_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    # Files that take a worker long enough to be seen in, and several, should it be missed in the first.
    write_sample(folder, contacts=CONTACTS, seed=5, records_per_object=16_000)
    return folder


@pytest.fixture(scope="module")
def undisturbed(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a reading without Flink."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    agents = load_agents(large / "agents.csv")
    results = read_into_ledger(large / "archive", out, agents)
    replayed = summary(archive_files(large / "archive", DateRange()), results, DateRange())
    assert replayed.files > 3
    released = Publisher(out, agents).publish(*replayed.dates)
    assert sum(r.control.read for r in released) > CONTACTS
    return out


def parts(out: Path) -> dict[str, str]:
    """The data files of a ledger."""
    return {name: digest for name, digest in digests(out / "ledger").items() if name.endswith(".parquet")}


def controls(out: Path) -> dict[str, object]:
    return {date_of(v): document(v / "manifest.json")["control"] for v in versions(out / "release")}


class Disturber:
    """Sends one signal, when a worker is in the middle of a file: has it open, and the file has no mark yet.

    SIGKILL goes to the worker. Anything else goes to the command, and the worker hangs from then on.
    """

    def __init__(self, large: Path, out: Path, kind: signal.Signals) -> None:
        self.options = ("--archive", large / "archive", "--agents", large / "agents.csv", "--out", out)
        self._archive, self._ledger, self._kind = large / "archive", out / "ledger", kind
        self.disturbed: str | None = None

    def __call__(self, command: psutil.Process) -> None:
        if self.disturbed is not None:
            return
        for worker in workers(command):
            with suppress(psutil.NoSuchProcess):
                if self.disturbed is None:
                    self._try(worker, command)

    def _try(self, worker: psutil.Process, command: psutil.Process) -> None:
        reading = [path for path in open_files(worker) if path.startswith(str(self._archive))]
        if not reading:
            return
        # A worker that is stopped cannot finish the file between the look at its mark and the signal.
        worker.suspend()
        if reading[0] not in open_files(worker) or self._is_marked(reading[0]):
            worker.resume()
            return
        (worker if self._kind is signal.SIGKILL else command).send_signal(self._kind)
        self.disturbed = reading[0]

    def _is_marked(self, path: str) -> bool:
        with Path(path).open("rb") as file:
            name = input_name(Path(path).relative_to(self._archive).as_posix(), content_digest(file))
        return (self._ledger / mark_name(name)).exists()


def test_a_killed_worker_costs_nothing(large: Path, undisturbed: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of a file; then exit code 0, and the ledger of an undisturbed reading."""
    out = tmp_path / "out"
    killer = Disturber(large, out, signal.SIGKILL)
    finished = run("backfill", *killer.options, folder=tmp_path, tick=killer)
    assert killer.disturbed is not None, "no worker was seen reading; the test has tested nothing"
    assert (finished.code, finished.err) == (0, "")
    assert (finished.survivors, finished.left) == ([], [])
    assert parts(out) == parts(undisturbed)
    assert controls(out) == controls(undisturbed)


def test_too_many_deaths_are_an_engine_failure(large: Path, tmp_path: Path) -> None:
    """With one attempt allowed: one line, which names the logs that are kept; nothing is released."""
    settings, out = tmp_path / "once.toml", tmp_path / "out"
    settings.write_text("[replay]\nattempts = 1\n")
    killer = Disturber(large, out, signal.SIGKILL)
    finished = run("backfill", *killer.options, "--config", settings, folder=tmp_path, tick=killer)
    assert killer.disturbed is not None, "no worker was seen reading; the test has tested nothing"
    assert finished.code == EngineFailed.exit_code, finished.err
    assert (finished.err.count("\n"), finished.out, finished.survivors) == (1, "", [])
    named = re.search(rf"{re.escape(str(tmp_path / 'tmp'))}/\S*logs", finished.err)
    assert named is not None
    assert any(path.stat().st_size for path in Path(named.group()).iterdir())
    assert not (out / "release").exists()


def test_ctrl_c_and_then_a_replay(large: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Ends with nothing left behind, be it a worker that hangs, and nothing released; `replay` reads the rest."""
    out = tmp_path / "out"
    interrupter = Disturber(large, out, signal.SIGINT)
    finished = run("backfill", *interrupter.options, folder=tmp_path, tick=interrupter)
    assert interrupter.disturbed is not None, "no worker was seen reading; the test has tested nothing"
    assert finished.code == 130, finished.err
    assert (finished.survivors, finished.left) == ([], [])
    assert not (out / "release").exists()
    replayed = command("replay", *interrupter.options)
    assert (replayed.code, replayed.err) == (0, "")
    assert parts(out) == parts(undisturbed)
    assert not (out / "release").exists()
    assert "Traceback" not in finished.err, finished.err
