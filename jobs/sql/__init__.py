"""DuckDB over the ledger rows of one date."""
