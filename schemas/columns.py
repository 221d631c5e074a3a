"""The one place where a column is described: name, kind, nullability, unit, meaning.

In: an annotated struct class. Out: its columns, in order; one `Column` per field.
Flink, Arrow and Avro types and the CSV header are rendered from these by `schemas.render`.
"""

import enum
import types
import typing
from functools import lru_cache
from typing import Any

import msgspec


class Kind(enum.Enum):
    """What a column holds. Instants are whole microseconds since 1970 in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    BYTES = "bytes"


class Described(msgspec.Struct, frozen=True):
    """The annotation of a field: its kind and meaning, and the values it may take."""

    kind: Kind
    doc: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    free: bool = False


class Column(msgspec.Struct, frozen=True):
    """One column of a table: what `Described` says, with the field's name and nullability.

    A free text is anything that somebody has typed in somewhere.
    """

    name: str
    kind: Kind
    nullable: bool
    doc: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    free: bool = False


def text(doc: str, *allowed: str, free: bool = False) -> Described:
    return Described(Kind.TEXT, doc, allowed=allowed, free=free)


def seconds(doc: str) -> Described:
    return Described(Kind.INTEGER, doc, unit="s")


def count(doc: str) -> Described:
    return Described(Kind.INTEGER, doc)


def flag(doc: str) -> Described:
    return Described(Kind.BOOLEAN, doc)


def instant(doc: str) -> Described:
    return Described(Kind.INSTANT, doc, unit="UTC")


def date(doc: str) -> Described:
    return Described(Kind.DATE, doc)


def raw(doc: str) -> Described:
    return Described(Kind.BYTES, doc)


def description(meaning: str) -> Any:
    """Return the annotation that describes a key of a document in its JSON Schema and in the generated docs."""
    return msgspec.Meta(description=meaning)


@lru_cache
def columns_of(struct: type[msgspec.Struct]) -> tuple[Column, ...]:
    """The columns of an annotated struct, in field order. TypeError: a field has no description."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return tuple(_column(name, hints[name]) for name in struct.__struct_fields__)


def _column(name: str, hint: object) -> Column:
    described = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Described)), None)
    if described is None:
        raise TypeError(f"field {name} has no description")
    value_type = typing.get_args(hint)[0]
    nullable = types.NoneType in typing.get_args(value_type)
    return Column(name, described.kind, nullable, described.doc, described.unit, described.allowed, described.free)
