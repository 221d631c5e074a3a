"""Tests of jobs/cli."""
