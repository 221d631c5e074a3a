"""Verify a release, from its files alone or against the ledger."""
