"""Define a query of the report together with the granted columns that it needs.

DuckDB runs the queries over the table `contacts` (see transforms/report/granted_columns.py) or `lines` (released
billing lines). Medians and 90th percentiles are values that occur: the smallest that half or 90 % do not exceed.
"""

import msgspec


class Query(msgspec.Struct, frozen=True):
    """A query for roles that are granted all columns in `needs`."""

    needs: tuple[str, ...]
    sql: str


def spread(column: str, name: str) -> str:
    """Return SQL for the median and the 90th percentile of a column."""
    return f"quantile_disc({column}, 0.5) AS {name}_median, quantile_disc({column}, 0.9) AS {name}_p90"
