"""What tests of every kind use: the command line, services, ledgers and records."""
