"""Awkward data: nothing, one contact, a year, and a date with quarantined rows alone; each gives a page that makes
sense, and always the same one."""

import datetime
from pathlib import Path

import pytest

from jobs.report.formatting import Periods
from jobs.report.page import html
from jobs.settings import settings as wanted
from jobs.settings.date_range import DateRange
from jobs.settings.settings import Settings
from schemas.errors import SettingsError, StorageError
from schemas.outcome import OutcomeRow
from schemas.report_roles import RoleName
from tests.report.pages import ROLES, Elements, count, document, figure, page, rows, undrawn
from tests.support.desk import AGENTS, Desk
from tests.support.ledgers import NO_AGENTS, RULES, write_rows
from tests.support.records import DATE, payload
from transforms.records.outcome import outcome

FIRST = datetime.date(2025, 3, 1)
SIX = Settings(release=wanted.Release(contract="six-columns-hold.v1"))
OWN = Settings(
    release=wanted.Release(contract="few.v1"), contracts={"few.v1": wanted.Contract(columns=("contact_id", "revision"))}
)


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One contact, released; to be read only."""
    return released(tmp_path_factory.mktemp("single"), "")


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One record, which is quarantined; its date released; to be read only."""
    return released(tmp_path_factory.mktemp("unreadable"), "DisconnectTimestamp = null")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contacts that are billed, excluded and quarantined, released; to be read only."""
    others = ('ContactId = "2"; Agent = null', 'ContactId = "3"; DisconnectTimestamp = null', "ContactId = 4")
    return released(tmp_path_factory.mktemp("mixed"), "", *others)


@pytest.fixture(scope="module")
def documents(mixed: Path) -> dict[RoleName, bytes]:
    """Everybody's page of them."""
    return {role: document(mixed, role) for role in ROLES}


def released(root: Path, *differences: str) -> Path:
    """The folder of a desk that these were delivered to, and that has released their date."""
    desk = Desk(root)
    desk.deliver(*differences)
    assert desk.release(AGENTS).new
    return root


@pytest.mark.parametrize("role", ROLES)
def test_of_nothing_every_figure_says_that_there_is_nothing(tmp_path: Path, role: RoleName) -> None:
    found = page(Desk(tmp_path).root, role)
    assert dict(found.facts)["Billing dates"] == "none"
    assert all(f.missing and not f.drawing for f in found.figures)
    text = Elements(html(found)).text
    assert [f.missing for f in found.figures if f.missing not in text] == []


@pytest.mark.parametrize("role", ROLES)
def test_one_contact_is_drawn(single: Path, role: RoleName) -> None:
    found = page(single, role)
    assert dict(found.facts)["Billing dates"] == DATE
    assert sum("<svg" in f.drawing for f in found.figures) >= 4
    assert all(f.missing or f.table for f in found.figures)


@pytest.mark.parametrize("role", ROLES)
def test_a_date_with_quarantined_rows_alone(unreadable: Path, role: RoleName) -> None:
    found = page(unreadable, role)
    if role == "operator":
        [row] = rows(found, "positions")
        assert (row["date"], row["reason"], row["field"]) == (DATE, "missing_field", "DisconnectTimestamp")
        assert rows(found, "balance")[0]["what became of it"] == "quarantined"
    elif role == "billing":
        assert found.tiles[0].value == "0"
        assert rows(found, "versions")[0]["version"] == "v0001"
        assert figure(found, "calls").missing
    else:
        assert all(f.missing for f in found.figures)


@pytest.mark.parametrize(
    ("days", "period", "periods"),
    # A date of every week is enough to be drawn in weeks; more dates than a year has make months.
    [([*range(0, 365, 7)], "week", 53), ([*range(365), *range(365, 730, 7)], "month", 24)],
    ids=["year", "two years"],
)
def test_a_year_is_drawn_in_weeks_and_two_in_months(tmp_path: Path, days: list[int], period: str, periods: int) -> None:
    calls = [_call(FIRST + datetime.timedelta(days=n)) for n in days]
    write_rows(Desk(tmp_path).ledger, calls)
    found = page(tmp_path, "supervisor")
    assert sum("<svg" in f.drawing for f in found.figures) >= 4
    assert len(html(found)) < 5_000_000
    shares = rows(found, "shares")
    assert len(shares) == periods and period in shares[0]
    assert sum(count(row["inbound"]) for row in shares) == len(calls)


@pytest.mark.parametrize(("dates", "period"), [(45, "date"), (46, "week"), (370, "week"), (371, "month")])
def test_how_many_dates_are_drawn_one_by_one(dates: int, period: str) -> None:
    assert Periods(str(FIRST + datetime.timedelta(days=n)) for n in range(dates)).name == period


def _call(day: datetime.date) -> OutcomeRow:
    times = {
        "InitiationTimestamp": "10:00:00",
        "Agent.ConnectedToAgentTimestamp": "10:00:20",
        "DisconnectTimestamp": "10:00:56",
        "LastUpdateTimestamp": "10:02:00",
    }
    told = "; ".join(f'{name} = "{day}T{at}Z"' for name, at in times.items())
    return outcome(payload(f'ContactId = "{day}"; {told}'), NO_AGENTS, RULES)


@pytest.mark.parametrize("role", ROLES)
def test_the_same_data_gives_the_same_bytes_and_no_id_twice(
    mixed: Path, documents: dict[RoleName, bytes], role: RoleName
) -> None:
    assert document(mixed, role) == documents[role]
    ids = Elements(documents[role]).values("id")
    assert len(ids) == len(set(ids)) > 10


def test_what_came_from_outside_is_text_on_the_page(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    evil = "</text><script>alert(1)</script>&\\\"'"
    desk.deliver(f'Queue.Name = "{evil}"')
    data = document(tmp_path, "supervisor")
    assert b"<script" not in data
    assert "alert(1)" in Elements(data).text
    tags = {tag for tag, found in Elements(data).tags if found.get("href") != "data:,"}
    assert not {"script", "link", "iframe", "object"} & tags


@pytest.mark.parametrize("role", ROLES)
def test_a_page_names_no_other_host(documents: dict[RoleName, bytes], role: RoleName) -> None:
    found = Elements(documents[role])
    followed = [*found.values("href"), *found.values("src"), *found.values("xlink:href")]
    assert len(followed) > 5
    assert not [address for address in followed if "//" in address]


def test_what_a_contract_does_not_show_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    assert desk.release(AGENTS, settings=OWN).new
    found = page(tmp_path, "billing", OWN)
    assert rows(found, "extensions")[0]["extension"] == "not in the contract"
    assert "direction not told" in rows(found, "calls")[0]
    assert found.tiles[0].value == "1"


def test_another_contracts_names_are_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    assert desk.release(AGENTS, settings=SIX).new
    assert rows(page(tmp_path, "billing", SIX), "extensions")[0]["seconds"] == "35"


def test_a_file_that_is_not_what_its_manifest_says_makes_no_page(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("", 'ContactId = "2"; Agent.AgentInteractionDuration = 31')
    assert desk.release(AGENTS).new
    folder = tmp_path / f"release/billing_date={DATE}/v0001"
    other = Desk(tmp_path / "other")
    other.deliver("", 'ContactId = "2"')
    other.release(AGENTS)
    (folder / "billing.parquet").write_bytes(other.files()[f"billing_date={DATE}/v0001/billing.parquet"])
    with pytest.raises(StorageError, match="call seconds, its manifest says 71; run"):
        page(tmp_path, "billing")


def test_dates_limit_what_is_read_and_weeks_before_are_compared_with(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for day in ("2026-03-01", "2026-03-08"):
        times = f'InitiationTimestamp = "{day}T10:00:00Z"; DisconnectTimestamp = "{day}T11:00:00Z"'
        desk.deliver(f'ContactId = "{day}"; {times}')
        assert desk.release(AGENTS, date=day).new
    with undrawn():
        found = page(tmp_path, "billing", dates=DateRange(first=datetime.date(2026, 3, 8)))
    assert dict(found.facts)["Billing dates"] == "2026-03-08"
    [row] = rows(found, "compared")
    assert (row["billed calls"], row["median before"], row["weeks"]) == ("1", "1.0", "1")


def test_amendments_are_those_of_the_versions(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("", 'ContactId = "gone"')
    assert desk.release(AGENTS).new
    desk.deliver('ContactId = "gone"; LastUpdateTimestamp = "2026-03-02T10:00:00Z"; Agent = null', 'ContactId = "new"')
    assert desk.release(AGENTS).new
    found = page(tmp_path, "billing")
    [row, _] = rows(found, "amendments")
    assert row == {"date": DATE, "ADDED": "1", "CHANGED": "0", "WITHDRAWN": "1", "lines in all": "2"}


def test_without_a_ledger_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no ledger"):
        page(tmp_path, "operator")
