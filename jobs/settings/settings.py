"""Settings: a file and options in, frozen structs out.

Every key is explained in conf/reference.toml. SettingsError names the key and the file.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from jobs.settings.connections import Agents, Follow, Section, Source, Storage, Stream
from jobs.settings.managed_flink import managed_values
from jobs.settings.report_roles import Report, check_roles
from schemas.billing_rules import Precedence, Rules
from schemas.contract import BILLING_V1, DEFAULT_TIME_FORMAT, Delimiter, SpreadsheetPolicy
from schemas.data_rules import Limits
from schemas.errors import SettingsError
from transforms.records.timestamps import zone

Methods = tuple[Annotated[str, msgspec.Meta(min_length=1)], ...]


class Billing(Section, frozen=True):
    """What is billed, and in which time zone a date is meant."""

    time_zone: str = "UTC"
    minimum_call_seconds: Annotated[int, msgspec.Meta(ge=0)] = 1
    channels: Methods = Rules().channels
    inbound_methods: Methods = Rules().inbound_methods
    outbound_methods: Methods = Rules().outbound_methods


class Records(Section, frozen=True):
    """What a contact record looks like here."""

    format_versions: Methods = Rules().format_versions


class Extension(Section, frozen=True):
    """How a provider's extension is found."""

    attribute: Annotated[str, msgspec.Meta(min_length=1)] = Rules().extension_attribute
    precedence: Precedence = "attribute_first"


class Replay(Section, frozen=True):
    """How a backfill runs."""

    workers: Annotated[int, msgspec.Meta(ge=0, le=256)] = 0
    attempts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3


class Release(Section, frozen=True):
    """What the partner gets: the name of a shipped contract, or of one of the settings; and dates without a line."""

    contract: str = BILLING_V1.name
    not_billed: tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")], ...] = ()


class ChosenColumn(Section, frozen=True):
    """A column of a contract, where its name alone does not say enough."""

    column: str
    name: str = ""
    spreadsheet: SpreadsheetPolicy = "reject"


class Contract(Section, frozen=True):
    """A contract of one's own; see schemas/contract.py."""

    columns: Annotated[tuple[str | ChosenColumn, ...], msgspec.Meta(min_length=1)]
    delimiter: Delimiter = ","
    time_format: str = DEFAULT_TIME_FORMAT
    time_zone: str = "UTC"


class Logging(Section, frozen=True):
    """From which level on a command tells its steps; see jobs/runtime/logs.py."""

    level: Literal["OFF", "ERROR", "WARNING", "INFO"] = "OFF"


class Settings(Section, frozen=True):
    """All settings; the defaults are those of the specification."""

    billing: Billing = Billing()
    records: Records = Records()
    extension: Extension = Extension()
    replay: Replay = Replay()
    release: Release = Release()
    contracts: dict[str, Contract] = {}
    gate: Limits = Limits()
    storage: Storage = Storage()
    agents: Agents = Agents()
    source: Source = Source()
    stream: Stream = Stream()
    follow: Follow = Follow()
    logging: Logging = Logging()
    report: Report = Report()

    @property
    def rules(self) -> Rules:
        """The part of the settings that the transforms read."""
        return Rules(
            time_zone=self.billing.time_zone,
            format_versions=self.records.format_versions,
            channels=self.billing.channels,
            inbound_methods=self.billing.inbound_methods,
            outbound_methods=self.billing.outbound_methods,
            minimum_call_seconds=self.billing.minimum_call_seconds,
            extension_attribute=self.extension.attribute,
            extension_precedence=self.extension.precedence,
        )


def load_settings(path: Path | None) -> Settings:
    """The settings of a TOML file, or of Managed Flink's runtime properties in JSON; without a file, the defaults.

    SettingsError: it cannot be used.
    """
    if path is None:
        return Settings()
    managed = path.suffix == ".json"
    try:
        data = path.read_bytes()
        values: dict[str, Any] = managed_values(data, path) if managed else tomllib.loads(data.decode())
    except OSError as error:
        raise SettingsError(f"cannot read settings {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"settings {path} are not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"settings {path} are not TOML: {error}") from None
    try:
        settings = msgspec.convert(values, Settings, strict=not managed)
    except msgspec.ValidationError as error:
        raise SettingsError(f"settings {path}: {_in_toml_words(error)}") from None
    _check(settings, path)
    return settings


def _in_toml_words(error: msgspec.ValidationError) -> str:
    # msgspec says: Expected `int`, got `str` - at `$.billing.minimum_call_seconds`
    what, _, place = str(error).partition(" - at `$")
    key = place.strip("`.") or "top level"
    return f"{key}: {what[:1].lower()}{what[1:]}; see conf/reference.toml"


def _check(settings: Settings, path: Path) -> None:
    _check_zone(settings.billing.time_zone, f"settings {path}: billing.time_zone")
    for name, contract in settings.contracts.items():
        _check_zone(contract.time_zone, f"settings {path}: contracts.{name}.time_zone")
    both = set(settings.billing.inbound_methods) & set(settings.billing.outbound_methods)
    if both:
        raise SettingsError(
            f"settings {path}: billing.inbound_methods and billing.outbound_methods share "
            f"{', '.join(sorted(both))}; a method has one direction"
        )
    if settings.extension.attribute in ("vm_flag", "vmx3_flag"):
        raise SettingsError(f"settings {path}: extension.attribute is a voicemail flag; name another")
    check_roles(settings.report, path)


def _check_zone(name: str, what: str) -> None:
    try:
        zone(name)
    except ValueError:
        raise SettingsError(f"{what} is no known zone; use a name such as America/New_York") from None
