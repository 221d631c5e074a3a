"""Tests of jobs/sample."""
