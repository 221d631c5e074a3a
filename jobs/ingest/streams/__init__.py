"""The streams that the live job reads: a file for each."""
