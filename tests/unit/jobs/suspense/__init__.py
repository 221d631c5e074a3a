"""Tests of jobs/suspense."""
