"""Read from streams: a file for each kind of source."""
