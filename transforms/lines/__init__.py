"""From ledger rows to billing lines, as SQL: latest versions, amendments, control totals, checks."""
