"""Generate the data dictionary and the manifest's JSON Schema from the column specifications and structs."""

import typing
from collections.abc import Iterator

import msgspec

from schemas.contract import SHIPPED, Contract
from schemas.manifest import ContractColumn, Control, CsvForm, Expectation, Manifest, ReleasedFile

_STRUCTS = (Manifest, ReleasedFile, Control, Expectation, ContractColumn, CsvForm)


def manifest_schema() -> bytes:
    """Return the JSON Schema of manifest.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Manifest)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def dictionary() -> str:
    """Return the data dictionary as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from the column specification. How to use the files: [partner.md](partner.md).",
        "",
        'An absent value is an empty cell; an empty text is `""`. Instants in Parquet are UTC with microseconds.',
    ]
    for contract in SHIPPED.values():
        lines += ["", f"## Contract {contract.name}", "", *_contract(contract)]
    lines += ["", "## amendments.csv", "", *_amendments()]
    for struct in _STRUCTS:
        lines += ["", f"## {'manifest.json' if struct is Manifest else f'manifest.json: {struct.__name__}'}", ""]
        lines += keys(struct)
    return "\n".join(lines) + "\n"


def _contract(contract: Contract) -> Iterator[str]:
    yield "| column | type | unit | may be absent | meaning |"
    yield "|---|---|---|---|---|"
    for chosen in contract.columns:
        column = chosen.column
        kind = ", ".join(f"`{value}`" for value in column.allowed) or column.kind.value
        absent = "yes" if column.nullable else "no"
        yield f"| `{chosen.name}` | {kind} | {column.unit} | {absent} | {column.doc} |"
    yield ""
    yield f"CSV: delimiter `{contract.delimiter}`, instants as `{contract.time_format}` in {contract.time_zone}."


def _amendments() -> Iterator[str]:
    yield "| column | meaning |"
    yield "|---|---|"
    yield "| `amendment` | `ADDED`, `CHANGED`, or `WITHDRAWN` |"
    yield "| every column of the contract | the new value; empty for a line that is withdrawn |"
    yield "| `previous_` and every column of the contract | the value before; empty for a line that is added |"


def keys(struct: type[msgspec.Struct]) -> Iterator[str]:
    """Yield a Markdown table of the keys of a struct whose fields have descriptions."""
    yield "| key | type | meaning |"
    yield "|---|---|---|"
    hints = typing.get_type_hints(struct, include_extras=True)
    for name in struct.__struct_fields__:
        value_type, meta = typing.get_args(hints[name])
        yield f"| `{name}` | {_type(value_type)} | {meta.description} |"


def _type(value_type: typing.Any) -> str:
    inner = typing.get_args(value_type)
    if typing.get_origin(value_type) is dict:
        return "object of counts" if inner[1] is int else f"object of {_type(inner[1])}"
    if typing.get_origin(value_type) is tuple:
        return f"list of {_type(inner[0])}"
    if typing.get_origin(value_type) is typing.Literal:
        return " ".join(f"`{value}`" for value in inner).replace("`\t`", "tab").replace("|", "\\|")
    if inner:
        return " or ".join(_type(option) for option in inner)
    names = {str: "text", int: "integer", bool: "true or false", type(None): "null"}
    return names.get(value_type, getattr(value_type, "__name__", ""))
