"""Columns are what the annotations of a struct's fields say."""

from typing import Annotated

import msgspec
import pytest

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind, columns_of, instant, text
from schemas.outcome import LEDGER_COLUMNS


def test_columns_say_what_the_annotations_say() -> None:
    class Row(msgspec.Struct):
        at: Annotated[int, instant("when")]
        method: Annotated[str | None, text("how", "a", "b")] = None

    assert columns_of(Row) == (
        Column("at", Kind.INSTANT, False, "when", "UTC"),
        Column("method", Kind.TEXT, True, "how", "", ("a", "b")),
    )


def test_a_field_without_a_description_is_refused() -> None:
    class Row(msgspec.Struct):
        at: int

    with pytest.raises(TypeError, match="at"):
        columns_of(Row)


def test_names_carry_their_units() -> None:
    for column in (*BILLING_COLUMNS, *LEDGER_COLUMNS):
        assert (column.unit == "s") == column.name.endswith("_seconds"), column.name
        assert (column.kind is Kind.INSTANT) == column.name.endswith("_at"), column.name
        assert column.doc, column.name
