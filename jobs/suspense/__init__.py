"""Quarantined and held records: list, show, recycle."""
