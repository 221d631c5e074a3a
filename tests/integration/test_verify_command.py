"""`verify` and `release --dry-run` as their users start them, and what they leave alone."""

from pathlib import Path

import pytest

from schemas.errors import AuditFailed, InputError, SettingsError, VerificationFailed
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import Publisher, read_contents
from tests.support.command import Finished, command
from tests.support.ledgers import NO_AGENTS
from tests.support.partner_files import digests

DATE = "2026-03-01"
AGENTS = "agent_id,extension,valid_from,valid_to\n"

pytestmark = pytest.mark.usefixtures("nothing_left")


def prepared(folder: Path) -> Path:
    """A ledger with a release of one date, and a late delivery that is not released."""
    out = folder / "out"
    read_contents(out, first=json_lines(record("one"), record("two")))
    Publisher(out, NO_AGENTS).publish(DATE)
    (folder / "agents.csv").write_text(AGENTS)
    return out


def said(finished: Finished, code: int) -> str:
    """What it printed. AssertionError: another exit code, or more than one line of errors."""
    assert (finished.code, finished.err.count("\n")) == (code, int(code != 0)), finished.err
    return finished.out


def test_verify(tmp_path: Path) -> None:
    out = prepared(tmp_path)
    release, before = out / "release", digests(out)
    assert said(command("verify", release), 0) == f"{DATE}  versions 1  lines 2  ok\n"
    operator = ("--ledger", out / "ledger", "--audit", out / "audit", "--agents", tmp_path / "agents.csv")
    assert said(command("verify", release, *operator), 0) == f"{DATE}  versions 1  lines 2  ok\n"
    assert digests(out) == before
    read_contents(out, late=json_lines(record("two", delivery=2, talk=7)))
    assert "other lines (1 changed)" in said(command("verify", release, *operator), VerificationFailed.exit_code)
    path = release / f"billing_date={DATE}" / "v0001" / "billing.parquet"
    path.unlink()
    found = command("verify", release, "--date", DATE, "--date", "2026-03-04")
    assert said(found, VerificationFailed.exit_code) == (
        f"{DATE}  versions 1  lines 2  1 findings\n  v0001: billing.parquet: is missing\n"
        "2026-03-04  versions 0  lines 0  2 findings\n  has no version\n  latest.json: is missing\n"
    )
    assert found.err == "contact-billing: 2 of 2 dates are not what they should be; see the findings above\n"


def test_what_cannot_be_verified(tmp_path: Path) -> None:
    out = prepared(tmp_path)
    for options, code in (
        ((tmp_path / "nowhere",), InputError.exit_code),
        ((out / "release", "--ledger", out / "audit"), SettingsError.exit_code),
        ((out / "release", "--ledger", out / "ledger"), SettingsError.exit_code),
    ):
        assert said(command("verify", *options), code) == ""


def test_a_dry_run(tmp_path: Path) -> None:
    out = prepared(tmp_path)
    read_contents(
        out,
        late=json_lines(record("two", delivery=2, talk=7), record("three"), record("one", delivery=2, Agent=None)),
    )
    before = digests(out)
    options = ("--out", out, "--agents", tmp_path / "agents.csv", "--date", DATE)
    told = said(command("release", *options, "--dry-run"), 0)
    assert told.splitlines()[1].endswith("v0002 (1 added, 1 changed, 1 withdrawn)")
    assert told.splitlines()[-1] == "dry run: 1 versions would be published; nothing was written"
    assert digests(out) == before
    done = said(command("release", *options), 0)
    assert done.splitlines()[1] == told.splitlines()[1]


def test_a_dry_run_of_what_would_fail(tmp_path: Path) -> None:
    out = prepared(tmp_path)
    read_contents(out, late=json_lines(record("two", MORNING.replace(day=2), delivery=2)))
    before = digests(out)
    options = ("--out", out, "--agents", tmp_path / "agents.csv", "--date", "2026-03-02", "--dry-run")
    finished = command("release", *options)
    assert "FAILED" in said(finished, AuditFailed.exit_code)
    assert "contact_under_two_dates: 1 contacts" in finished.err
    assert digests(out) == before
