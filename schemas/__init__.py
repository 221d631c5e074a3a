"""Data definitions: contact record, outcome row, billing line, manifest, rules. No I/O."""
