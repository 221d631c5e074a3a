"""Tests of the product's modules: the tests of sinks/ledger.py are in sinks/test_ledger.py, and so on."""
