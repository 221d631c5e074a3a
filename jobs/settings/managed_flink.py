"""Read settings from the runtime properties file of Managed Service for Apache Flink.

    [{"PropertyGroupId": "contact-billing", "PropertyMap": {"storage.ledger": "s3://…", "stream.idle_seconds": "60"}}]

Keys are those of the TOML file, with their section in front; all values are texts, lists as JSON.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from schemas.errors import SettingsError

# Path and property group of the service.
PROPERTIES = Path("/etc/flink/application_properties.json")
GROUP = "contact-billing"


class _Group(msgspec.Struct, rename={"name": "PropertyGroupId", "values": "PropertyMap"}):
    name: str
    values: dict[str, str]


def managed_values(data: bytes, path: Path) -> dict[str, Any]:
    """Return the settings by section. Raises SettingsError if the file is not one of properties or lacks our group."""
    try:
        groups = msgspec.json.decode(data, type=list[_Group])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise SettingsError(f"settings {path} are not runtime properties: a list of groups, with texts") from None
    ours = [group.values for group in groups if group.name == GROUP]
    if not ours:
        raise SettingsError(f"settings {path} have no property group {GROUP}; add it to the application")
    values: dict[str, Any] = {}
    for key, text in (item for group in ours for item in group.items()):
        *sections, last = _parts(key, path)
        table = values
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise SettingsError(f"settings {path}: {key} lies below a key that has a value; remove one of them")
        table[last] = _value(text)
    return values


def _parts(key: str, path: Path) -> Iterator[str]:
    """The parts of a dotted key, which may be quoted as in TOML."""
    try:
        inner: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise SettingsError(f"settings {path}: {key!r} is not a key such as storage.ledger") from None
    while isinstance(inner, dict):
        ((part, inner),) = inner.items()
        yield part


def _value(text: str) -> Any:
    if text.startswith(("[", "{")):
        try:
            return msgspec.json.decode(text)
        except msgspec.MsgspecError:
            return text
    return text
