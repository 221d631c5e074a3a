"""Load a settings file into frozen structs.

Every key is explained in conf/reference.toml. Errors name the key and the file.
"""

import datetime
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import asdict

from jobs.settings.connections import Agents, Follow, Section, Source, Storage, Stream
from jobs.settings.managed_flink import managed_values
from jobs.settings.report_roles import Report, check_roles
from schemas.billing_rules import ConsultLegs, Number, Precedence, Rules
from schemas.contract import BILLING_V1, DEFAULT_TIME_FORMAT, Delimiter, SpreadsheetPolicy
from schemas.data_rules import Limits
from schemas.errors import SettingsError
from transforms.records.timestamps import zone

Text = Annotated[str, msgspec.Meta(min_length=1)]
Texts = tuple[Text, ...]

# A rule's setting has the default and the name that it has in Rules; see Settings.rules.
_RULES = Rules()


class Billing(Section, frozen=True):
    """What is billed, and the time zone of billing dates."""

    time_zone: str = _RULES.time_zone
    minimum_call_seconds: Annotated[int, msgspec.Meta(ge=0)] = _RULES.minimum_call_seconds
    longest_overrun_seconds: Annotated[int, msgspec.Meta(ge=0)] = _RULES.longest_overrun_seconds
    own_numbers: tuple[Number, ...] = _RULES.own_numbers
    channels: Texts = _RULES.channels
    inbound_methods: Texts = _RULES.inbound_methods
    outbound_methods: Texts = _RULES.outbound_methods
    consult_legs: ConsultLegs = _RULES.consult_legs


class Records(Section, frozen=True):
    """Which contact records are understood."""

    format_versions: Texts = _RULES.format_versions
    arrival_days: Annotated[int, msgspec.Meta(ge=0, le=3660)] = 7
    earliest: datetime.date = _RULES.earliest


class Extension(Section, frozen=True):
    """How to find a provider's extension. In Rules, these names begin with `extension_`."""

    attribute: Text = _RULES.extension_attribute
    precedence: Precedence = _RULES.extension_precedence


class Replay(Section, frozen=True):
    """How a backfill runs."""

    workers: Annotated[int, msgspec.Meta(ge=0, le=256)] = 0
    attempts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3


class Release(Section, frozen=True):
    """What the partner gets: the name of a shipped contract or one of `contracts`; and dates that get no lines."""

    contract: str = BILLING_V1.name
    not_billed: tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")], ...] = ()


class ChosenColumn(Section, frozen=True):
    """A column of a contract, if its name alone is not enough."""

    column: str
    name: str = ""
    spreadsheet: SpreadsheetPolicy = "reject"


class Contract(Section, frozen=True):
    """A custom contract; see schemas/contract.py."""

    columns: Annotated[tuple[str | ChosenColumn, ...], msgspec.Meta(min_length=1)]
    delimiter: Delimiter = ","
    time_format: str = DEFAULT_TIME_FORMAT
    time_zone: str = "UTC"


class Logging(Section, frozen=True):
    """The level from which a command logs its steps; see jobs/runtime/logs.py."""

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
        """The settings that the transforms read: [billing], [records] and [extension], without `arrival_days`."""
        extension = {f"extension_{key}": value for key, value in asdict(self.extension).items()}
        records = {key: value for key, value in asdict(self.records).items() if key != "arrival_days"}
        return Rules(**asdict(self.billing), **records, **extension)


def load_settings(path: Path | None) -> Settings:
    """Load a TOML file, or Managed Flink's runtime properties in JSON; without a file, the defaults.

    Raises SettingsError if the file cannot be used.
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
    problem, _, path = str(error).partition(" - at `$")
    key = path.strip("`.") or "top level"
    return f"{key}: {problem[:1].lower()}{problem[1:]}; see conf/reference.toml"


def _check(settings: Settings, path: Path) -> None:
    _check_zone(settings.billing.time_zone, f"settings {path}: billing.time_zone")
    for name, contract in settings.contracts.items():
        _check_zone(contract.time_zone, f"settings {path}: contracts.{name}.time_zone")
    shared = set(settings.billing.inbound_methods) & set(settings.billing.outbound_methods)
    if shared:
        raise SettingsError(
            f"settings {path}: billing.inbound_methods and billing.outbound_methods share "
            f"{', '.join(sorted(shared))}; a method has one direction"
        )
    if settings.extension.attribute in ("vm_flag", "vmx3_flag"):
        raise SettingsError(f"settings {path}: extension.attribute is a voicemail flag; name another")
    check_roles(settings.report, path)


def _check_zone(name: str, key: str) -> None:
    try:
        zone(name)
    except ValueError:
        raise SettingsError(f"{key} is not a known time zone; use a name such as America/New_York") from None
