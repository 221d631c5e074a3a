"""Where the data goes: ledger, quarantine, release files, manifest, object store."""
