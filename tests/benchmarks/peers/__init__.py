"""The same work by other means: what `make bench-peers` holds the backfill against."""
