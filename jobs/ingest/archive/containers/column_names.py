"""Match the names of columns with the fields of a contact record without regard to case.

Glue, Hive and Firehose's conversion write all names in lower case. Where two names differ only in case, the exact one
is the field.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

import msgspec

from schemas.contact_record import ContactRecord


class FieldNames(msgspec.Struct, frozen=True):
    """The names of an object's fields by their lower-case form, and those of the objects in its fields, by name."""

    names: Mapping[str, str]
    inner: Mapping[str, "FieldNames"]

    @property
    def all(self) -> frozenset[str]:
        """The names."""
        return frozenset(self.names.values())

    def match(self, columns: Sequence[str]) -> list[tuple[str, "FieldNames"]]:
        """Return the field's name for each column, or the column's own, and the names within it."""
        present, fields = set(columns), []
        for column in columns:
            name = self.names.get(column.lower(), column)
            if name != column and name in present:
                name = column
            present.add(name)
            fields.append((name, self.inner.get(name, NO_NAMES)))
        return fields


NO_NAMES = FieldNames({}, {})


# Objects whose type a record leaves open.
_OPEN = {
    "Queue": ("ARN", "Name", "EnqueueTimestamp", "DequeueTimestamp", "Duration"),
    "SystemEndpoint": ("Address", "Type"),
}


@lru_cache
def field_names(record_type: type[msgspec.Struct] = ContactRecord) -> FieldNames:
    """Return the names of a struct's fields, at every level."""
    fields = {field.encode_name: _struct_in(field.type) for field in msgspec.structs.fields(record_type)}
    inner = {name: field_names(struct) for name, struct in fields.items() if struct is not None}
    for name, names in _OPEN.items():
        if name in fields and name not in inner:
            inner[name] = FieldNames({n.lower(): n for n in names}, {})
    return FieldNames({name.lower(): name for name in fields}, inner)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct in an optional type or list, if there is one."""
    if isinstance(kind, type) and get_origin(kind) is None:
        return kind if issubclass(kind, msgspec.Struct) else None
    options = get_args(kind) if get_origin(kind) in (Union, _UNION, list) else ()
    return next((struct for option in options if (struct := _struct_in(option)) is not None), None)


_UNION = type(int | None)
