"""An independent, simple reading of the specification for differential tests."""
