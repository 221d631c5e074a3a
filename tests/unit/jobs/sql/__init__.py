"""Tests of jobs/sql."""
