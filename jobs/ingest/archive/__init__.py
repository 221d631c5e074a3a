"""The forms in which archives hold contact records: a file for each."""
