"""Tests of transforms/agents."""
