"""Whole cases: an archive, a table and settings in; the billing file and control totals out."""
