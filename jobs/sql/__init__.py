"""Query the ledger rows of one date in DuckDB."""
