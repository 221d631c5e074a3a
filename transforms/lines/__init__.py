"""SQL from ledger rows to billing lines: latest versions, amendments, control totals, checks."""
