"""Roles: what is not granted is not read; no phone number is on a page, in whatever form."""

import base64
import hashlib
from pathlib import Path

import pytest

from jobs.report.contacts import read_contacts
from jobs.report.granted_tables import GrantedTables
from jobs.report.lines import read_lines
from jobs.report.page import html
from jobs.report.release_history import read_released_date, released_dates
from jobs.settings.locations import resolve_locations
from jobs.settings.report_roles import Report, Role, Roles
from jobs.settings.settings import Settings, load_settings
from schemas.errors import SettingsError
from schemas.report_columns import DEFAULTS, GRANTABLE
from schemas.report_roles import RoleName
from tests.report.pages import ROLES, SETTINGS, Elements, document, figure, page
from tests.support.desk import AGENTS, Desk
from tests.support.records import DATE, payload
from tests.support.suspense import Suspense
from transforms.report import flow as figures_flow
from transforms.report import money as figures_money
from transforms.report import service as figures_service
from transforms.report.query import Query

PHONE = "+19876543210"
QUERIES = [
    pytest.param(kind, query, id=f"{kind}-{name.lower()}")
    for kind, module in (("lines", figures_money), ("contacts", figures_service), ("contacts", figures_flow))
    for name, query in vars(module).items()
    if isinstance(query, Query)
]
WRONG = {
    'columns = ["patient_phone"]': "patient_phone cannot be granted to any role",
    'columns = ["phone"]': "column phone is unknown; choose among",
    'colums = ["reason"]': "colums",
    'columns = "reason"': "columns",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Calls of one patient that count, are superseded, excluded and quarantined; released; to be read only."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    phone = f'CustomerEndpoint.Address = "{PHONE}"'
    desk.deliver(
        phone,
        f'{phone}; LastUpdateTimestamp = "2026-03-01T10:03:00Z"',
        f'{phone}; ContactId = "again"; InitiationTimestamp = "2026-03-01T09:59:00Z"',
        f'{phone}; ContactId = "left"; Agent = null',
        f'{phone}; ContactId = "odd"; DisconnectTimestamp = null',
    )
    assert desk.release(AGENTS).new
    return desk


def forms(phone: str) -> dict[str, bytes]:
    """A phone number as text, in parts, encoded and digested."""
    digits = phone.removeprefix("+")
    found = {"digits": digits, "national": digits[1:], "last seven": digits[-7:], "utf-16": digits.encode("utf-16-le")}
    for name, text in (("whole", phone), ("digits", digits)):
        data = text.encode()
        found |= {
            f"{name} base64": base64.b64encode(data).rstrip(b"="),
            f"{name} hex": data.hex(),
            f"{name} reversed": text[::-1],
            **{f"{name} {kind}": hashlib.new(kind, data).hexdigest()[:16] for kind in ("md5", "sha1", "sha256")},
        }
    return {name: form.encode() if isinstance(form, str) else form for name, form in found.items()}


@pytest.mark.parametrize("role", ROLES)
def test_a_phone_is_on_no_page_in_any_form(desk: Desk, role: RoleName) -> None:
    assert any(PHONE.encode() in data for name, data in desk.files("release").items() if name.endswith("billing.csv"))
    found = document(desk.root, role)
    assert {name for name, form in forms(PHONE).items() if form in found} == set()


def test_who_called_again_is_told_without_the_phone(desk: Desk) -> None:
    table = figure(page(desk.root, "supervisor"), "repeated").table
    assert table is not None
    assert table.rows[0] == (DATE, "1", "2", "3")


@pytest.mark.parametrize("role", ROLES)
def test_only_what_was_granted_is_there_to_be_asked(desk: Desk, role: RoleName) -> None:
    for granted in (DEFAULTS[role], DEFAULTS[role][:1], ()):
        with GrantedTables(granted) as tables:
            fill(desk.root, "lines" if role == "billing" else "contacts", tables)
            assert tables.names() - {"nothing"} == set(granted)


def test_recycled_rows_bring_no_other_columns(tmp_path: Path) -> None:
    world = Suspense(tmp_path)
    world.read(payload(f'AWSContactTraceRecordFormatVersion = "2027-01-01"; CustomerEndpoint.Address = "{PHONE}"'))
    world.recycle()
    with GrantedTables(DEFAULTS["operator"]) as tables:
        read_contacts(world.ledger, world.ledger.dates(), tables)
        assert tables.names() == set(DEFAULTS["operator"])
        assert [row[2] for row in tables.query(figures_flow.BALANCE)] == ["billable"]


@pytest.mark.parametrize(("kind", "query"), QUERIES)
def test_a_query_needs_what_it_says_and_no_more(desk: Desk, kind: str, query: Query) -> None:
    with GrantedTables(query.needs) as tables:
        fill(desk.root, kind, tables)
        assert tables.query(query, zone="UTC", most=9)
    for left_out in query.needs:
        with GrantedTables(tuple(name for name in query.needs if name != left_out)) as tables:
            assert tables.missing_columns(query) == (left_out,)
            assert tables.query(query) == []


def fill(root: Path, kind: str, tables: GrantedTables) -> None:
    found = resolve_locations(SETTINGS.storage, root)
    if kind == "lines":
        partner = found.release_store()
        read_lines(partner, [read_released_date(partner, date) for date in released_dates(partner)], tables)
    else:
        ledger = found.open_ledger(SETTINGS, claim=False)
        read_contacts(ledger, ledger.dates(), tables)


@pytest.mark.parametrize("role", ROLES)
def test_a_figure_whose_columns_are_not_granted_says_so(desk: Desk, role: RoleName) -> None:
    nothing = Settings(report=Report(roles=Roles(**{role: Role(())})))
    found = page(desk.root, role, nothing)
    told = [f.missing for f in found.figures if "This role is not granted" in f.missing]
    assert len(told) >= 2
    text = Elements(html(found)).text
    assert [missing for missing in told if missing not in text] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_granted_is_one_line(tmp_path: Path, role: RoleName, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"[report.roles.{role}]\n{text}\n")
    with pytest.raises(SettingsError, match=WRONG[text]) as found:
        load_settings(path)
    assert f"report.roles.{role}" in str(found.value) and "\n" not in str(found.value)


def test_a_role_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[report.roles.partner]\ncolumns = ["contact_id"]\n')
    with pytest.raises(SettingsError, match="partner"):
        load_settings(path)


def test_the_defaults_can_be_granted_and_no_role_can_be_granted_a_phone() -> None:
    for role, names in DEFAULTS.items():
        assert set(names) <= set(GRANTABLE[role])
        assert "patient_phone" not in GRANTABLE[role]
    assert Settings().report.roles.of("billing") == DEFAULTS["billing"]
