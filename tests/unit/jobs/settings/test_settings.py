"""Settings: both files in conf/ parse, the reference is complete, errors name the key and the file."""

import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobs.settings.settings import Settings, load_settings
from schemas.billing_rules import Rules
from schemas.errors import SettingsError
from tests.services.process import ROOT
from tests.support.tables import Row, cases

CONF = ROOT / "conf"

# What is wrong, and what the message must name besides the file.
WRONG = r"""
| settings                                        | named                        |
|-------------------------------------------------|------------------------------|
| [billing]\ntimezone = "UTC"                     | billing                      |
| [billing]\ntimezone = "UTC"                     | timezone                     |
| [invoices]\nx = 1                               | invoices                     |
| x = 1                                           | `x`                          |
| billing = "UTC"                                 | billing                      |
| [billing]\nminimum_call_seconds = "1"           | billing.minimum_call_seconds |
| [billing]\nminimum_call_seconds = 1.0           | billing.minimum_call_seconds |
| [billing]\nminimum_call_seconds = true          | billing.minimum_call_seconds |
| [billing]\nminimum_call_seconds = -1            | billing.minimum_call_seconds |
| [billing]\nchannels = "VOICE"                   | billing.channels             |
| [billing]\nchannels = [1]                       | billing.channels             |
| [billing]\nchannels = [""]                      | billing.channels             |
| [billing]\ntime_zone = "Mars/Olympus"           | billing.time_zone            |
| [billing]\ntime_zone = ""                       | billing.time_zone            |
| [billing]\ntime_zone = "../../etc/passwd"       | billing.time_zone            |
| [billing]\ntime_zone = "America"                | billing.time_zone            |
| [billing]\ntime_zone = 1                        | billing.time_zone            |
| [billing]\ninbound_methods = ["API"]            | billing.inbound_methods      |
| [billing]\ninbound_methods = ["API"]            | API                          |
| [extension]\nprecedence = "newest_first"        | extension.precedence         |
| [extension]\nattribute = ""                     | extension.attribute          |
| [extension]\nattribute = "vm_flag"              | extension.attribute          |
| [replay]\nworkers = -1                          | replay.workers               |
| [replay]\nattempts = 0                          | replay.attempts              |
| [billing                                        | TOML                         |
| [billing]\ntime_zone = "UTC"\ntime_zone = "UTC" | TOML                         |
| [records]\nformat_versions = "2017-03-10"       | records.format_versions      |
| [records]\nearliest = 2017                      | records.earliest             |
| [records]\nearliest = "2017"                    | records.earliest             |
| [records]\nearliest = 2017-03-28T00:00:00Z      | records.earliest             |
| [billing]\nlongest_overrun_seconds = -1         | billing.longest_overrun_seconds |
| [billing]\nown_numbers = "+12025550100"         | billing.own_numbers          |
| [billing]\nown_numbers = ["+1 202 555 0100"]    | billing.own_numbers          |
| [billing]\nown_numbers = ["+1-202-555-0100"]    | billing.own_numbers          |
| [billing]\nown_numbers = [""]                   | billing.own_numbers          |
"""


def test_the_reference_equals_the_defaults() -> None:
    assert load_settings(CONF / "reference.toml") == Settings() == load_settings(None)


def test_the_reference_has_every_key() -> None:
    written = tomllib.loads((CONF / "reference.toml").read_text(encoding="utf-8"))
    assert _keys(written) == _keys(msgspec.to_builtins(Settings()))


def _keys(section: Any) -> Any:
    return {name: _keys(value) for name, value in section.items()} if isinstance(section, dict) else None


def test_the_reference_explains_every_key() -> None:
    lines = (CONF / "reference.toml").read_text(encoding="utf-8").splitlines()
    bare = {
        line.split(" = ")[0]
        for before, line in pairwise(lines)
        if " = " in line and not line.startswith("#") and not before.startswith("#")
    }
    # Explained by the line before, or by their names.
    bare -= {"outbound_methods", "audit", "region", "path_style", "topic", "group", "stream", "consumer_name"}
    assert bare <= {"withheld_share", "most_volume"}


def test_the_smallest_settings_parse() -> None:
    assert load_settings(CONF / "local.toml") == Settings()


def test_every_file_in_conf_is_toml() -> None:
    for path in CONF.glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8")), path.name


def test_the_defaults_are_those_of_the_rules() -> None:
    assert Settings().rules == Rules()


def test_settings_reach_the_rules(tmp_path: Path) -> None:
    text = """
        [billing]
        time_zone = "America/New_York"
        minimum_call_seconds = 6
        channels = ["VOICE", "CHAT"]
        inbound_methods = ["A"]
        outbound_methods = ["B"]
        own_numbers = ["+12025550100", "4711"]
        longest_overrun_seconds = 60
        [records]
        format_versions = ["1"]
        earliest = 2026-03-01
        [extension]
        attribute = "dialled"
        precedence = "directory_first"
    """
    assert load(tmp_path, text).rules == Rules(
        time_zone="America/New_York",
        format_versions=("1",),
        channels=("VOICE", "CHAT"),
        inbound_methods=("A",),
        outbound_methods=("B",),
        own_numbers=("+12025550100", "4711"),
        minimum_call_seconds=6,
        longest_overrun_seconds=60,
        earliest=date(2026, 3, 1),
        extension_attribute="dialled",
        extension_precedence="directory_first",
    )


def load(folder: Path, text: str) -> Settings:
    path = folder / "the-settings.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize("row", cases(WRONG))
def test_an_error_names_the_key_and_the_file(row: Row, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, row["settings"].replace(r"\n", "\n"))
    message = str(error.value)
    assert row["named"] in message
    assert str(tmp_path / "the-settings.toml") in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: No such file"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=str(tmp_path)):
        load_settings(tmp_path)


def test_settings_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'[billing]\ntime_zone = "Europe/Z\xfcrich"\n')
    with pytest.raises(SettingsError, match=r"latin\.toml are not UTF-8"):
        load_settings(path)
