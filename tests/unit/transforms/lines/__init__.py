"""Tests of transforms/lines."""
