"""What the data is: contact record, outcome row, billing line, manifest, rules. No I/O."""
