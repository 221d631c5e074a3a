"""What a process needs to run a command: logs, redaction, signals, output, Flink."""
