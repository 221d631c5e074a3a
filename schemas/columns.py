"""Describe columns once, as annotations of a struct's fields: kind, nullability, unit, meaning.

`schemas.render` renders Arrow, Flink and DuckDB types from them.
"""

import enum
import types
import typing
from functools import lru_cache
from typing import Any

import msgspec


class Kind(enum.Enum):
    """The kind of a column's values. Instants are whole microseconds since 1970 in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    BYTES = "bytes"


class Described(msgspec.Struct, frozen=True):
    """The annotation of a field: kind, meaning, unit, and the values it may take."""

    kind: Kind
    doc: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    free: bool = False


class Column(msgspec.Struct, frozen=True):
    """One column of a table: the field's annotation, name and nullability.

    `free` marks free text: anything that a person may have typed.
    """

    name: str
    kind: Kind
    nullable: bool
    doc: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    free: bool = False


def text(doc: str, *allowed: str, free: bool = False) -> Described:
    """Describe a text column; `allowed` lists its values, `free` marks free text."""
    return Described(Kind.TEXT, doc, allowed=allowed, free=free)


def seconds(doc: str) -> Described:
    """Describe a duration in seconds."""
    return Described(Kind.INTEGER, doc, unit="s")


def count(doc: str) -> Described:
    """Describe an integer without a unit."""
    return Described(Kind.INTEGER, doc)


def flag(doc: str) -> Described:
    """Describe a boolean column."""
    return Described(Kind.BOOLEAN, doc)


def instant(doc: str) -> Described:
    """Describe an instant in UTC."""
    return Described(Kind.INSTANT, doc, unit="UTC")


def date(doc: str) -> Described:
    """Describe a calendar date."""
    return Described(Kind.DATE, doc)


def raw(doc: str) -> Described:
    """Describe a column of bytes."""
    return Described(Kind.BYTES, doc)


def description(meaning: str) -> Any:
    """Return the annotation that describes a key of a document in its JSON Schema and in the generated docs."""
    return msgspec.Meta(description=meaning)


@lru_cache
def columns_of(struct: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Return the columns of an annotated struct, in field order. Raises TypeError for a field without a description."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return tuple(_column(name, hints[name]) for name in struct.__struct_fields__)


def _column(name: str, hint: object) -> Column:
    described = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Described)), None)
    if described is None:
        raise TypeError(f"field {name} has no description")
    value_type = typing.get_args(hint)[0]
    nullable = types.NoneType in typing.get_args(value_type)
    return Column(name, described.kind, nullable, described.doc, described.unit, described.allowed, described.free)
