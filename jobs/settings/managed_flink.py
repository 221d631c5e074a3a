"""Managed Service for Apache Flink: its file of runtime properties in, the values of a settings file out.

    [{"PropertyGroupId": "contact-billing", "PropertyMap": {"storage.ledger": "s3://…", "stream.idle_seconds": "60"}}]

Keys are those of the TOML file, with their section in front; all values are texts, lists as JSON.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from schemas.errors import SettingsError

# Where the service puts them.
PROPERTIES = Path("/etc/flink/application_properties.json")
GROUP = "contact-billing"


class _Group(msgspec.Struct, rename={"name": "PropertyGroupId", "values": "PropertyMap"}):
    name: str
    values: dict[str, str]


def managed_values(data: bytes, path: Path) -> dict[str, Any]:
    """The settings in a file of properties, by section. SettingsError: it is none, or has no group of ours."""
    try:
        groups = msgspec.json.decode(data, type=list[_Group])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise SettingsError(f"settings {path} are no runtime properties: a list of groups, with texts") from None
    ours = [group.values for group in groups if group.name == GROUP]
    if not ours:
        raise SettingsError(f"settings {path} have no property group {GROUP}; add it to the application")
    values: dict[str, Any] = {}
    for key, text in (item for group in ours for item in group.items()):
        *sections, last = _parts(key, path)
        place = values
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise SettingsError(f"settings {path}: {key} lies below a key that has a value; remove one of them")
        place[last] = _value(text)
    return values


def _parts(key: str, path: Path) -> Iterator[str]:
    """A dotted key's parts, quoted as TOML has them."""
    try:
        inner: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise SettingsError(f"settings {path}: {key!r} is no key such as storage.ledger") from None
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
