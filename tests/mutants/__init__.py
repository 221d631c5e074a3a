"""Mutants: what the tests do not notice when the sources change."""
