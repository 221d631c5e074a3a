"""The shipped contracts: a new column changes none of them."""

import importlib.util

import pytest

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind
from schemas.contract import SHIPPED


def test_a_column_that_is_new_changes_no_shipped_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module as it would be with one more column of the billing line."""
    new = Column("campaign", Kind.TEXT, True, "a new column")
    monkeypatch.setattr("schemas.billing.BILLING_COLUMNS", (*BILLING_COLUMNS, new))
    spec = importlib.util.find_spec("schemas.contract")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.choose("campaign").column is new
    shipped = {name: [c.column.name for c in contract.columns] for name, contract in module.SHIPPED.items()}
    assert shipped == {name: [c.column.name for c in contract.columns] for name, contract in SHIPPED.items()}
