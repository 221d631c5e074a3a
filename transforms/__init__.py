"""Transformations of the data: pure functions. No I/O, no clock, no settings lookup, no Flink."""
