"""Render the Avro schema of a contact record from its structs; shipped as contact_record.avsc.

`python -m schemas.avro` prints it; a test compares the shipped file with it.
"""

import json
import types
import typing
from typing import Any

import msgspec

from schemas.contact_record import ContactRecord

_SCALARS: dict[object, str] = {str: "string", int: "long"}
_ANYTHING = ("string", "long")


def contact_record_avro() -> dict[str, Any]:
    """Return the schema. Every field is nullable, because a missing key equals null."""
    return {"namespace": "contact_billing", **_record(ContactRecord)}


def _record(struct: type[msgspec.Struct]) -> dict[str, Any]:
    hints = typing.get_type_hints(struct)
    return {
        "type": "record",
        "name": struct.__name__,
        "fields": [
            {"name": f.encode_name, "type": _nullable(hints[f.name]), "default": None}
            for f in msgspec.structs.fields(struct)
        ],
    }


def _nullable(hint: Any) -> list[Any]:
    return ["null", *_ANYTHING] if hint is Any else ["null", _type(hint)]


def _type(hint: Any) -> Any:
    if types.NoneType in typing.get_args(hint):
        (hint,) = (option for option in typing.get_args(hint) if option is not types.NoneType)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if typing.get_origin(hint) is list:
        return {"type": "array", "items": _type(typing.get_args(hint)[0])}
    if typing.get_origin(hint) is dict:
        return {"type": "map", "values": _nullable(typing.get_args(hint)[1])}
    return _record(hint)


if __name__ == "__main__":
    print(json.dumps(contact_record_avro(), indent=2))  # noqa: T201
