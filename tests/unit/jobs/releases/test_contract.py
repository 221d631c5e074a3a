"""The contract: what leaves, under which names and in which form; and what may not be asked for."""

import csv
import io
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from jobs.releases.contract import contract_in, contract_of
from jobs.releases.publisher import Publisher
from jobs.releases.results import Released
from jobs.settings.settings import Settings, load_settings
from schemas.contract import BILLING_V1, SHIPPED
from schemas.errors import SettingsError
from schemas.manifest import Manifest, json_text
from sinks.store import LocalStore
from tests.services.process import ROOT
from tests.support.desk import AGENTS, NOW, Desk
from tests.support.ledgers import NO_AGENTS
from tests.support.records import DATE

CLINIC = """
    [release]
    contract = "clinic.v1"
    [contracts."clinic.v1"]
    columns = ["provider_extension", { column = "initiated_at", name = "Call start" }, "patient_phone"]
    delimiter = ";"
    time_format = "%d/%m/%Y %H:%M:%S %z"
    time_zone = "America/New_York"
"""
COLUMNS = 'columns = ["call_type"]'
# What a contract may not say, and what the message must name.
WRONG = [
    ('columns = ["call_type", "agent_id"]', "agent_id is the operator's and never leaves"),
    ('columns = ["call_type", "voicemail_evidence"]', "voicemail_evidence is the operator's"),
    ('columns = ["call_type", "position"]', "position is the operator's"),
    ('columns = ["call_type", "ssn"]', "ssn is unknown"),
    ('columns = ["call_type", "call_type"]', "call_type"),
    ('columns = ["call_type", {column = "talk_seconds", name = "Call_Type"}]', "Call_Type"),
    ('columns = [{column = "call_type", name = "amendment"}]', "amendment"),
    ('columns = ["call_type", {column = "talk_seconds", name = "previous_call_type"}]', "previous_call_type"),
    ('columns = [{column = "call_type", name = "a,b"}]', "call_type"),
    ('columns = [{column = "call_type", name = "a\\nb"}]', "call_type"),
    ('columns = [{column = "call_type", spreadsheet = "quote"}]', "not free text"),
    ('columns = [{column = "call_type", spreadsheet = "drop"}]', "spreadsheet"),
    ('columns = ["patient_phone"]', "absent"),
    ("columns = []", "columns"),
    ('columns = "call_type"', "columns"),
    (COLUMNS + "\ndelimiter = 'x'", "delimiter"),
    (COLUMNS + "\ntime_format = '%A'", "%A"),
    (COLUMNS + "\ntime_format = '%Y%'", "%"),
    (COLUMNS + "\ntime_zone = 'Mars/Olympus'", "contracts.own.time_zone"),
    (COLUMNS + "\nname = 'x'", "name"),
]


def settings(text: str, folder: Path) -> Settings:
    path = folder / "settings.toml"
    path.write_text(text)
    return load_settings(path)


@pytest.fixture
def clinic(tmp_path: Path) -> Settings:
    return settings(CLINIC, tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def text_of(desk: Desk, version: int = 1, name: str = "billing.csv") -> str:
    return desk.files()[f"billing_date={DATE}/v{version:04d}/{name}"].decode()


def schema_of(desk: Desk) -> list[tuple[str, str]]:
    table = pq.read_table(io.BytesIO(desk.files()[f"billing_date={DATE}/v0001/billing.parquet"]))
    return [(field.name, str(field.type)) for field in table.schema]


def test_the_default_is_the_eleven_columns_that_partners_have() -> None:
    """Whatever columns the billing line gets one day."""
    assert contract_of(Settings()) is BILLING_V1
    assert [column.name for column in BILLING_V1.columns] == [
        "contact_id",
        "billing_date",
        "call_type",
        "initiated_at",
        "call_duration_seconds",
        "talk_seconds",
        "hold_seconds",
        "contact_duration_seconds",
        "patient_phone",
        "provider_extension",
        "revision",
    ]


def test_a_contract_of_ones_own(desk: Desk, clinic: Settings) -> None:
    desk.deliver("", 'ContactId = "call-2"; CustomerEndpoint = null')
    assert desk.release(settings=clinic).failures == ()
    assert text_of(desk) == (
        "provider_extension;Call start;patient_phone\r\n"
        "0042;01/03/2026 05:00:00 -0500;+12025550101\r\n"
        "0042;01/03/2026 05:00:00 -0500;\r\n"
    )
    assert schema_of(desk) == [
        ("provider_extension", "string"),
        ("Call start", "timestamp[us, tz=UTC]"),
        ("patient_phone", "string"),
    ]
    manifest = desk.manifest()
    assert manifest["contract"] == "clinic.v1"
    assert [(c["name"], c["column"]) for c in manifest["columns"]] == [
        ("provider_extension", "provider_extension"),
        ("Call start", "initiated_at"),
        ("patient_phone", "patient_phone"),
    ]
    assert manifest["csv"] == {"delimiter": ";", "time_format": "%d/%m/%Y %H:%M:%S %z", "time_zone": "America/New_York"}


@pytest.mark.parametrize(
    ("name", "last", "value"),
    [("six-columns-hold.v1", "total_hold_seconds", "5"), ("six-columns-contact.v1", "total_contact_seconds", "56")],
)
def test_the_six_columns(name: str, last: str, value: str, desk: Desk, tmp_path: Path) -> None:
    desk.deliver("")
    desk.release(settings=settings(f'[release]\ncontract = "{name}"', tmp_path))
    assert text_of(desk) == (
        f"call_type,call_initiated_at,call_duration_seconds,patient_phone,provider_extension,{last}\r\n"
        f"inbound,2026-03-01T10:00:00Z,35,+12025550101,0042,{value}\r\n"
    )


@pytest.mark.parametrize(("text", "named"), WRONG)
def test_a_contract_that_cannot_be_used(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        contract_of(settings(f'[release]\ncontract = "own"\n[contracts.own]\n{text}', tmp_path))
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_contract_and_the_name_of_a_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"release\.contract billing\.v9 is unknown"):
        contract_of(settings('[release]\ncontract = "billing.v9"', tmp_path))
    with pytest.raises(SettingsError, match="shipped"):
        contract_of(settings(f'[contracts."billing.v1"]\n{COLUMNS}', tmp_path))


def test_the_example_in_the_reference_can_be_used(tmp_path: Path) -> None:
    lines = (ROOT / "conf" / "reference.toml").read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("# [contracts."))
    end = next(n for n, line in enumerate(lines) if line.startswith("[gate]"))
    example = "\n".join(line.removeprefix("# ") for line in lines[start:end])
    found = contract_of(settings(f'release.contract = "clinic.v1"\n{example}', tmp_path))
    assert [c.name for c in found.columns] == ["call_type", "Call start", "Extension"]
    assert found.columns[2].spreadsheet == "quote"


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=SHIPPED)
def test_the_manifest_tells_the_whole_contract(contract, desk: Desk, tmp_path: Path) -> None:
    chosen = settings(f'[release]\ncontract = "{contract.name}"', tmp_path)
    desk.release(settings=chosen)
    manifest = msgspec.json.decode(json_text(msgspec.convert(desk.manifest(), Manifest)), type=Manifest)
    assert contract_in(manifest) == contract


def quoting(tmp_path: Path) -> Settings:
    column = '{ column = "contact_id", spreadsheet = "quote" }'
    return settings(f'[release]\ncontract = "own"\n[contracts.own]\ncolumns = [{column}, "call_type"]', tmp_path)


HARMFUL = ["=1+1", "+1-555", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", "  =1", "\u00a0=1", "\uff1d1"]
HARMLESS = ["+12025550101", "a=1", "'=1", "1-1", "call-1", " 1"]


def deliver_ids(desk: Desk, ids: list[str]) -> None:
    desk.deliver(*(f"ContactId = {msgspec.json.encode(i).decode()}" for i in ids))


@pytest.mark.parametrize("text", HARMFUL)
def test_what_a_spreadsheet_would_run_stops_the_release(text: str, desk: Desk) -> None:
    deliver_ids(desk, [text, *HARMLESS])
    assert desk.release().failures == ("contact_id_harmless: 1 of 7 rows",)
    assert desk.files() == {}


def test_or_gets_an_apostrophe_in_the_csv_file(desk: Desk, tmp_path: Path) -> None:
    deliver_ids(desk, HARMFUL + HARMLESS)
    assert desk.release(settings=quoting(tmp_path)).failures == ()
    cells = [row["contact_id"] for row in csv.DictReader(io.StringIO(text_of(desk), newline=""))]
    assert sorted(cells) == sorted(["'" + text for text in HARMFUL] + HARMLESS)
    data = desk.files()[f"billing_date={DATE}/v0001/billing.parquet"]
    assert sorted(pq.read_table(io.BytesIO(data)).column("contact_id").to_pylist()) == sorted(HARMFUL + HARMLESS)


def test_an_extension_of_the_table_is_free_text_too(desk: Desk) -> None:
    from tests.support.ledgers import history

    agents = history([{"agent_id": "nurse-1", "extension": "=cmd()", "valid_from": "", "valid_to": ""}])
    desk.deliver("Attributes = null")
    assert desk.release(agents).failures == ("provider_extension_harmless: 1 of 1 rows",)


def change(desk: Desk, clinic: Settings, flag: bool = False) -> Released:
    return desk.release(settings=clinic, change_contract=flag)


def test_a_date_stands_as_it_was_published_when_the_contract_changes(desk: Desk, clinic: Settings) -> None:
    desk.deliver("")
    desk.release()
    before = desk.files()
    assert (change(desk, clinic).new, change(desk, clinic).failures) == (False, ())
    assert desk.files() == before


def test_a_change_within_a_date_is_refused_without_the_flag(desk: Desk, clinic: Settings) -> None:
    desk.deliver("")
    desk.release()
    before = desk.files()
    desk.deliver('ContactId = "call-2"')
    (failure,) = change(desk, clinic).failures
    assert failure.startswith("contract_changed: version 1 has contract billing.v1")
    assert "--change-contract" in failure
    assert desk.files() == before


def test_nothing_is_allowed_unless_it_is_said(desk: Desk, clinic: Settings) -> None:
    """Neither another contract nor the loss of a part of the ledger."""
    desk.deliver("")
    desk.release()
    desk.deliver('ContactId = "call-2"')
    for part in desk.ledger.parts(DATE)[:1]:
        Path(part).unlink()
    releases = Publisher(desk.ledger, desk.partner, LocalStore(desk.root / "audit"), clinic, NO_AGENTS)
    for said in (releases.preview_date(DATE), releases.release_date(DATE, NOW)):
        assert [failure.partition(":")[0] for failure in said.failures] == ["contract_changed", "ledger_objects_gone"]


@pytest.mark.parametrize("more", [(), ('ContactId = "call-2"',)])
def test_with_the_flag_the_date_is_restated(more: tuple[str, ...], desk: Desk, clinic: Settings) -> None:
    desk.deliver("")
    desk.release()
    desk.deliver(*more)
    released = change(desk, clinic, flag=True)
    assert (released.new, released.version, released.failures) == (True, 2, ())
    manifest = desk.manifest(2)
    assert (manifest["contract"], manifest["previous_contract"], manifest["amends"]) == (
        "clinic.v1",
        "billing.v1",
        None,
    )
    assert text_of(desk, 2, "amendments.csv").count("\r\n") == 1
    assert text_of(desk, 2).count("\r\n") == 2 + len(more)
    assert not change(desk, clinic, flag=True).new
    desk.deliver('ContactId = "call-3"')
    assert change(desk, clinic).amendments == {"ADDED": 1}
    assert (desk.manifest(3)["previous_contract"], desk.manifest(3)["amends"]) == (None, 2)


def test_the_settings_digest_names_contract_and_gate(desk: Desk, clinic: Settings, tmp_path: Path) -> None:
    others = [Settings(), clinic, settings("[gate]\nheld_share = 0.1", tmp_path)]
    found = set()
    for number, chosen in enumerate(others):
        one = Desk(tmp_path / str(number))
        one.release(AGENTS, settings=chosen)
        found.add(one.manifest()["settings_digest"])
    assert len(found) == len(others)
