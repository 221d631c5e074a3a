"""Refuse an Avro schema whose values could take far more time or memory than their bytes."""

from typing import Any

# Types in one record; a named type counts each time that it is used.
_MOST_TYPES = 100_000
# A decimal of so many digits is still fast; the time grows with their square.
_MOST_DIGITS = 1000
_DEEPEST = 100


def check_schema(schema: Any) -> bool:
    """Return whether a value takes no bytes at all.

    Raises ValueError for recursion, which exhausts the stack, for endless lists of values without bytes, and for far
    too many parts.
    """
    return _Schema().types(schema, (), 0)[1]


class _Schema:
    """The named types of a schema: how many types each consists of, itself included, and whether it takes no bytes."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[int, bool]] = {}

    def types(self, schema: Any, within: tuple[str, ...], depth: int) -> tuple[int, bool]:
        if depth > _DEEPEST:
            raise ValueError
        if isinstance(schema, list):
            return self._sum((self.types(option, within, depth + 1) for option in schema), is_empty=False)
        if isinstance(schema, str):
            return self._reference(schema, within)
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.types(kind, within, depth + 1)
        if int(schema.get("precision", 0)) > _MOST_DIGITS:
            raise ValueError
        if kind in ("record", "error"):
            name = _short(schema["name"])
            inner = (self.types(field["type"], (*within, name), depth + 1) for field in schema["fields"])
            return self._name(name, self._sum(inner, is_empty=True))
        if kind in ("array", "map"):
            count, is_empty = self.types(schema["items" if kind == "array" else "values"], within, depth + 1)
            if is_empty and kind == "array":
                raise ValueError
            return count + 1, False
        if kind in ("enum", "fixed"):
            return self._name(_short(schema["name"]), (1, kind == "fixed" and int(schema["size"]) <= 0))
        return self._reference(kind, within)

    def _reference(self, name: str, within: tuple[str, ...]) -> tuple[int, bool]:
        short = _short(name)
        if short in within:
            raise ValueError
        return (1, True) if name == "null" else self._named.get(short, (1, False))

    def _name(self, name: str, size: tuple[int, bool]) -> tuple[int, bool]:
        # The same name in two namespaces is not worth resolving.
        if name in self._named:
            raise ValueError
        self._named[name] = size
        return size

    @staticmethod
    def _sum(parts: Any, is_empty: bool) -> tuple[int, bool]:
        count = 1
        for part_count, part_is_empty in parts:
            count, is_empty = count + part_count, is_empty and part_is_empty
            if count > _MOST_TYPES:
                raise ValueError
        return count, is_empty


def _short(name: str) -> str:
    return str(name).rpartition(".")[2]
