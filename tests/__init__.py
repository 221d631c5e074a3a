"""Tests of contact-billing, and what they share."""
