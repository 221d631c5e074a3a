"""Storage: ledger, quarantine, releases, audits, and the object stores below them."""
