"""Release a billing date: build a candidate, run the gate on it, publish it."""
