"""Read contact records, archived or live, into the ledger."""
