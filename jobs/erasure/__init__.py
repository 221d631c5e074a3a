"""Erase a patient's phone number from everything that was kept."""
