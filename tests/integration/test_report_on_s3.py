"""`contact-billing report` over places on S3: every role's page, links to the objects, and only what a role reads."""

from pathlib import Path

import pytest

from schemas.report_roles import ROLES
from tests.services.s3 import S3Server
from tests.support.answered_calls import json_lines, record
from tests.support.command import command
from tests.support.s3_locations import read, settings_file, storage

DATE = "2026-03-01"


@pytest.mark.usefixtures("credentials")
def test_every_role_has_its_page(server: S3Server, tmp_path: Path) -> None:
    config = settings_file(server, "report", tmp_path)
    read(storage(server, "report"), tmp_path, first=json_lines(record("one"), b"no record"))
    assert command("release", "--date", DATE, "--config", config).code == 0
    keys = server.keys("ledger"), server.keys("partner")
    for role in ROLES:
        page = tmp_path / f"{role}.html"
        done = command("report", "--config", config, "--role", role, "--out", page)
        assert done.code == 0, done.err
        assert f"<dd>{DATE}</dd>" in page.read_text()
    assert (
        f'href="s3://partner/report/billing_date={DATE}/v0001/billing.csv"'
        in Path(tmp_path, "billing.html").read_text()
    )
    assert (server.keys("ledger"), server.keys("partner")) == keys


@pytest.mark.usefixtures("credentials")
def test_billing_reads_the_release_alone(server: S3Server, tmp_path: Path) -> None:
    config = settings_file(server, "money", tmp_path)
    read(storage(server, "money"), tmp_path, first=json_lines(record("one")))
    assert command("release", "--date", DATE, "--config", config).code == 0
    release = tmp_path / "release.toml"
    lines = config.read_text().splitlines(keepends=True)
    release.write_text("".join(line for line in lines if not line.startswith(("ledger =", "audit =", "quarantine ="))))
    page = tmp_path / "page.html"
    assert command("report", "--config", release, "--role", "billing", "--out", page).code == 0
    assert command("report", "--config", release, "--role", "operator", "--out", page).code == 2
