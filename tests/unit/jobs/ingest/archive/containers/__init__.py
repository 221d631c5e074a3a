"""Tests of jobs/ingest/archive."""
