"""Tests of jobs/releases/verify."""
