"""Tests of jobs/releases."""
