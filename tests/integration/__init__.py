"""The parts together: the real command, the real engine, real files."""
