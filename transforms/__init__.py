"""What is done to the data: pure functions. No I/O, no clock, no settings lookup, no Flink."""
