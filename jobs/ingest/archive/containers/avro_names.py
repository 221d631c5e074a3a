"""Rename the fields of Avro records to those of a contact record; the keys of maps stay as they are."""

from collections.abc import Callable
from typing import Any

from jobs.ingest.archive.containers.column_names import FieldNames

Renamer = Callable[[Any], Any]


def renamer(schema: Any, names: FieldNames) -> Renamer | None:
    """Return the function that renames a value of a schema, which is not recursive; None if no name changes."""
    return _Schema().renamer(schema, names)


class _Schema:
    """The named types of a schema, by their short names."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}

    def renamer(self, schema: Any, names: FieldNames) -> Renamer | None:
        if isinstance(schema, list):
            return self._union(schema, names)
        if isinstance(schema, str):
            definition = self._named.get(_short(schema))
            return None if definition is None else self.renamer(definition, names)
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.renamer(kind, names)
        if kind in ("record", "error"):
            self._named[_short(schema["name"])] = schema
            return self._record(schema["fields"], names)
        if kind == "array":
            rename = self.renamer(schema["items"], names)
            return None if rename is None else lambda values: [rename(value) for value in values]
        if kind == "map":
            self.renamer(schema["values"], names)  # for the types that it names
            return None
        return self.renamer(kind, names) if _short(kind) in self._named else None

    def _union(self, options: list[Any], names: FieldNames) -> Renamer | None:
        renamers = [self.renamer(option, names) for option in options]
        kinds = [_type_name(option) for option in options]
        # Of several records or lists in a union, a value does not say which one it is.
        if len([kind for kind in kinds if kind not in _SCALARS]) != 1:
            return None
        rename = next(filter(None, renamers), None)
        if rename is None:
            return None
        return lambda value: rename(value) if isinstance(value, dict | list) else value

    def _record(self, fields: list[Any], names: FieldNames) -> Renamer | None:
        columns = [field["name"] for field in fields]
        parts = [
            (column, name, self.renamer(field["type"], inner))
            for column, (name, inner), field in zip(columns, names.match(columns), fields, strict=True)
        ]
        if all(column == name and rename is None for column, name, rename in parts):
            return None
        return lambda value: {
            name: value[column] if rename is None else rename(value[column]) for column, name, rename in parts
        }


_SCALARS = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string", "enum", "fixed"})


def _type_name(option: Any) -> str:
    return str(option["type"]) if isinstance(option, dict) else str(option)


def _short(name: Any) -> str:
    return str(name).rpartition(".")[2]
