"""Tests of jobs/report."""
