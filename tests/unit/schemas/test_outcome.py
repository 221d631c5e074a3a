"""The columns of an outcome, and those of the ledger."""

from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS, OutcomeRow


def test_the_ledgers_partition_is_the_last_column_of_an_outcome() -> None:
    assert OUTCOME_COLUMNS[-1].name == "billing_date"
    assert OutcomeRow.__struct_fields__[-1] == "billing_date"
    assert "billing_date" not in [c.name for c in LEDGER_COLUMNS]
