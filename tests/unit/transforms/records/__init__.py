"""Tests of transforms/records."""
