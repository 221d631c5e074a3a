"""Every command once as a process, as it is installed: it does its work, leaves nothing behind and tells nothing.

What the commands come to, and what they refuse, is tested in the tests' process.
"""

import shutil
from pathlib import Path

import pytest

from jobs.cli.main import cli
from tests.support.command import commands
from tests.support.markers import ATTRIBUTE, MARKERS, PHONE
from tests.support.process import run
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense
from tests.support.voicemail import Voicemail, user

MARKED = f'CustomerEndpoint.Address = "{PHONE}"; Attributes.note = "{ATTRIBUTE}"'
PLACES = ("--out", "{0}/out", "--agents", "{0}/agents.csv")
LEDGER = ("--out", "{0}/out")
# Options below the folder {0}, and a part of what is printed.
SMOKES = {
    "release": ((*PLACES, "--date", DATE), "v0002 (1 added)"),
    "verify": (("{0}/out/release",), f"{DATE}  versions 1  lines 1  ok"),
    "status": (PLACES, f"behind         {DATE}"),
    "erase": (PLACES, "versions of the release: 1"),
    "report": (("--data", "{0}/out", "--role", "billing", "--out", "{0}/report.html"), "the page for billing"),
    "sample": (("--out", "{0}/new", "--contacts", "200"), "{0}/new"),
    "agents check": (("--agents", "{0}/agents.csv"), "agents without an extension now: 0"),
    "quarantine list": (LEDGER, "1 quarantined in all"),
    "quarantine show": ((*LEDGER, "--source", "a.json", "--position", "2000"), "unsupported_version"),
    "quarantine recycle": ((*PLACES, "--config", "{0}/settings.toml"), "1 rows recycled"),
    "held list": (PLACES, "1 held in all"),
}
# Those that take Flink, or run until they are stopped.
ELSEWHERE = {
    "backfill": "tests/integration/test_backfill.py",
    "replay": "tests/integration/test_class_data.py",
    "stream": "tests/live/test_trial.py",
    "metrics": "tests/unit/jobs/report/test_prometheus.py",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger that has grown since its release, in which something is quarantined and held."""
    folder = tmp_path_factory.mktemp("smoke")
    desk = Suspense(folder / "out")
    held = payload(f'{MARKED}; ContactId = "held"; Attributes.extensionNumber = "Timeout"')
    new = payload(f'{MARKED}; ContactId = "new"; {NEW_VERSION}')
    desk.read(payload(MARKED), new, held, source="a.json", positions=["0", "2000", "4000"])
    desk.close(DATE)
    desk.release(DATE)
    desk.read(payload(f'{MARKED}; ContactId = "late"'))
    (folder / "agents.csv").write_text("agent_id,extension\nnurse-8,0417\n")
    (folder / "settings.toml").write_text('[records]\nformat_versions = ["2017-03-10", "2027-01-01"]\n')
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return shutil.copytree(made, tmp_path / "world")


def test_every_command_has_one() -> None:
    assert {name for name, _ in commands(cli)} == {*SMOKES, *ELSEWHERE, "agents sync"}


@pytest.mark.parametrize("name", SMOKES)
def test_a_command_as_a_process(folder: Path, name: str) -> None:
    options, words = SMOKES[name]
    given = (option.format(folder) for option in options)
    finished = run(*name.split(), *given, folder=folder / "run", stdin=PHONE if name == "erase" else "")
    assert (finished.code, finished.err) == (0, "")
    assert words.format(folder) in finished.out
    assert [marker for marker in MARKERS if marker in finished.out] == []
    assert (finished.left, finished.survivors) == ([], [])


def test_a_sync_as_a_process(voicemail: Voicemail, tmp_path: Path) -> None:
    voicemail.put(user(1, "0100"))
    finished = run("agents", "sync", "--config", voicemail.config, folder=tmp_path / "run")
    assert (finished.code, finished.err, finished.out.partition(",")[0]) == (0, "", "1 new")
    assert (finished.left, finished.survivors) == ([], [])
