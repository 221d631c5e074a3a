"""The command line: one file for each command, named as it is typed."""
