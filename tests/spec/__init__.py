"""The specification as tables that a billing clerk can read."""
