"""Runtime properties of Managed Service for Apache Flink: the same settings as in TOML."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.settings.settings import Settings, load_settings
from schemas.errors import SettingsError
from tests.support.tables import Row, cases

TOML = """
[billing]
time_zone = "America/New_York"
minimum_call_seconds = 5
channels = ["VOICE", "CHAT"]
own_numbers = ["+12025550100"]
[records]
earliest = 2026-03-01
[storage]
ledger = "s3://ledger/contact-billing"
[storage.s3]
path_style = true
[contracts."brief.v1"]
columns = ["contact_id", {column = "talk_seconds", name = "seconds"}]
[gate]
held_share = 0.25
"""
PROPERTIES = {
    "billing.time_zone": "America/New_York",
    "billing.minimum_call_seconds": "5",
    "billing.channels": '["VOICE", "CHAT"]',
    "billing.own_numbers": '["+12025550100"]',
    "records.earliest": "2026-03-01",
    "storage.ledger": "s3://ledger/contact-billing",
    "storage.s3.path_style": "true",
    'contracts."brief.v1".columns': '["contact_id", {"column": "talk_seconds", "name": "seconds"}]',
    "gate.held_share": "0.25",
}
OURS = '[{"PropertyGroupId": "contact-billing", "PropertyMap": {%s}}]'
WRONG = """
| the file                                        | what is said of it                                          |
|-------------------------------------------------|-------------------------------------------------------------|
| {}                                              | are not runtime properties: a list of groups, with texts    |
| [{"PropertyGroupId": "x", "PropertyMap": {}}]   | have no property group contact-billing                      |
| OURS "storage.ledgr": "x"                       | storage: object contains unknown field                      |
| OURS "billing.minimum_call_seconds": "five"     | billing.minimum_call_seconds: expected `int`, got `str`     |
| OURS "billing.channels": "[VOICE"               | billing.channels: expected `array`, got `str`               |
| OURS "storage .. ledger": "x"                   | 'storage .. ledger' is not a key such as storage.ledger     |
| OURS "agents": "x", "agents.table": "y"         | agents.table lies below a key that has a value              |
| OURS "billing.time_zone": "Mars"                | billing.time_zone is not a known time zone                  |
"""


def load(folder: Path, text: str) -> Settings:
    path = folder / "application_properties.json"
    path.write_text(text)
    return load_settings(path)


def test_they_are_the_settings_of_a_toml_file(tmp_path: Path) -> None:
    toml = tmp_path / "settings.toml"
    toml.write_text(TOML)
    groups: list[dict[str, Any]] = [
        {"PropertyGroupId": "kinesis.analytics.flink.run.options", "PropertyMap": {"python": "main.py"}},
        {"PropertyGroupId": "contact-billing", "PropertyMap": PROPERTIES},
    ]
    assert load(tmp_path, json.dumps(groups)) == load_settings(toml) != Settings()


@pytest.mark.parametrize("row", cases(WRONG))
def test_what_is_wrong_with_them_is_said(row: Row, tmp_path: Path) -> None:
    text = row["the file"]
    text = OURS % text.removeprefix("OURS ") if text.startswith("OURS") else text
    with pytest.raises(SettingsError) as error:
        load(tmp_path, text)
    assert row["what is said of it"] in str(error.value)
    assert str(tmp_path / "application_properties.json") in str(error.value)
