"""The procedures of docs/operations.md, carried out with the real components."""
