"""Determine the contract of a release, that is the partner's columns and CSV format, from settings or a manifest."""

import re
from collections.abc import Sequence

from jobs.settings.settings import ChosenColumn as ColumnChoice
from jobs.settings.settings import Settings
from schemas.billing import BILLING_COLUMNS
from schemas.contract import SHIPPED, TIME_DIRECTIVES, ChosenColumn, Contract, choose
from schemas.errors import SettingsError, StorageError
from schemas.manifest import ContractColumn, CsvForm, Manifest
from schemas.outcome import LEDGER_COLUMNS
from transforms.lines.line_versions import previous_name

# No control characters, and nothing that would need quotes in a header.
_NAME = re.compile(r"[^\x00-\x1f\x7f\",;|]{1,100}")
_DIRECTIVE = re.compile(r"%(.?)")


def contract_of(settings: Settings) -> Contract:
    """Return the contract that the settings choose. Raises SettingsError if it is unknown or cannot be used."""
    name = settings.release.contract
    if duplicates := sorted(SHIPPED.keys() & settings.contracts.keys()):
        raise SettingsError(f"contracts.{duplicates[0]} has the name of a shipped contract; give it another")
    if (shipped := SHIPPED.get(name)) is not None:
        return shipped
    if (own := settings.contracts.get(name)) is None:
        known = ", ".join([*SHIPPED, *sorted(settings.contracts)])
        raise SettingsError(f"release.contract {name} is unknown; choose one of {known}, or describe it in [contracts]")
    columns = tuple(_choose_column(c, f"contracts.{name}") for c in own.columns)
    _check_columns(columns, own.time_format, f"contracts.{name}")
    return Contract(name, columns, own.delimiter, own.time_format, own.time_zone)


def contract_in(manifest: Manifest) -> Contract:
    """Return the contract of a version. Raises StorageError if this software does not know one of its columns."""
    try:
        columns = tuple(choose(c.column, c.name, c.spreadsheet) for c in manifest.columns)
    except KeyError as error:
        raise StorageError(
            f"version {manifest.version} of {manifest.billing_date} has the column {error.args[0]}, which this "
            f"software does not know; use {manifest.software_version} or later"
        ) from None
    form = manifest.csv
    return Contract(manifest.contract, columns, form.delimiter, form.time_format, form.time_zone)


def manifest_columns(contract: Contract) -> tuple[ContractColumn, ...]:
    """Return the contract's columns in the form of the manifest."""
    return tuple(
        ContractColumn(
            c.name, c.column.name, c.column.kind.value, c.column.nullable, c.column.unit, c.column.doc, c.spreadsheet
        )
        for c in contract.columns
    )


def csv_form(contract: Contract) -> CsvForm:
    """Return the contract's CSV format in the form of the manifest."""
    return CsvForm(contract.delimiter, contract.time_format, contract.time_zone)


def _choose_column(column: str | ColumnChoice, section: str) -> ChosenColumn:
    if isinstance(column, str):
        column = ColumnChoice(column)
    try:
        return choose(column.column, column.name, column.spreadsheet)
    except KeyError:
        known = ", ".join(c.name for c in BILLING_COLUMNS)
        if any(c.name == column.column for c in LEDGER_COLUMNS):
            raise SettingsError(
                f"{section}: column {column.column} is the operator's and never leaves; choose among {known}"
            ) from None
        raise SettingsError(f"{section}: column {column.column} is unknown; choose among {known}") from None


def _check_columns(columns: Sequence[ChosenColumn], time_format: str, section: str) -> None:
    """Raise SettingsError if files with these columns would be ambiguous or unreadable."""
    names = ["amendment", *(c.name for c in columns), *(previous_name(c) for c in columns)]
    if duplicates := sorted({name for name in names if [n.casefold() for n in names].count(name.casefold()) > 1}):
        raise SettingsError(f"{section}: two columns of its files would be named {duplicates[0]}; rename one")
    for column in columns:
        if not _NAME.fullmatch(column.name):
            raise SettingsError(
                f"{section}: the name of column {column.column.name} holds quotes, delimiters or control characters, "
                "or is too long; rename it"
            )
        if column.spreadsheet != "reject" and not column.column.free:
            raise SettingsError(f"{section}: column {column.column.name} is not free text; leave out its spreadsheet")
    if len({c.column.name for c in columns}) < len(columns):
        raise SettingsError(f"{section}: a column is chosen twice; leave one out")
    if all(c.column.nullable for c in columns):
        raise SettingsError(
            f"{section}: every column may be absent, so that a line could be empty; choose another, too"
        )
    if wrong := [d for d in _DIRECTIVE.findall(time_format) if d not in TIME_DIRECTIVES or not d]:
        raise SettingsError(f"{section}: time_format has %{wrong[0]}; use text and %{', %'.join(TIME_DIRECTIVES)}")
