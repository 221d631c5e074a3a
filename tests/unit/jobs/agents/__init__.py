"""Tests of jobs/agents."""
