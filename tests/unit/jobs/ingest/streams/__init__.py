"""Tests of jobs/ingest/streams."""
