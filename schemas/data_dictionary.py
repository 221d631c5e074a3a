"""The data dictionary and the manifest's JSON Schema: the column specs and structs in, texts out."""

import typing
from collections.abc import Iterator

import msgspec

from schemas.contract import SHIPPED, Contract
from schemas.manifest import ContractColumn, Control, CsvForm, Expectation, Manifest, ReleasedFile

_STRUCTS = (Manifest, ReleasedFile, Control, Expectation, ContractColumn, CsvForm)


def manifest_schema() -> bytes:
    """The JSON Schema of manifest.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Manifest)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def dictionary() -> str:
    """The data dictionary as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from the column specification. What to do with the files: [partner.md](partner.md).",
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
    """The keys of a struct whose fields have a meaning, as a table in Markdown."""
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
        return " or ".join(_type(one) for one in inner)
    words = {str: "text", int: "integer", bool: "true or false", type(None): "null"}
    return words.get(value_type, getattr(value_type, "__name__", ""))
