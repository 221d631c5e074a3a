"""Figures: what a figure of the report is made of: a query, and the granted columns that it needs.

Pure text, run by DuckDB over the table `contacts` (see transforms/report/granted_columns.py) or `lines` (released
billing lines). Medians and 90th percentiles are values that occur: the smallest one that is not exceeded by so many.
"""

import msgspec


class Query(msgspec.Struct, frozen=True):
    """A query that may be asked by whoever was granted all columns that it needs."""

    needs: tuple[str, ...]
    sql: str


def spread(column: str, name: str) -> str:
    """The median and the 90th percentile of a column."""
    return f"quantile_disc({column}, 0.5) AS {name}_median, quantile_disc({column}, 0.9) AS {name}_p90"
