"""Tests of jobs/settings."""
