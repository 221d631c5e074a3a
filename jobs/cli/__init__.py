"""The command line: a file for each command, named as it is typed."""
