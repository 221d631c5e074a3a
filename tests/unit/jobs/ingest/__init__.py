"""Tests of jobs/ingest."""
