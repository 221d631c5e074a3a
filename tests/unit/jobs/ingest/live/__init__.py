"""Tests of jobs/ingest/live."""
