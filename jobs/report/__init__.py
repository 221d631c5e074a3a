"""The report: ledger and releases in, one page for people out. Each role has its own; see docs/report.md."""
