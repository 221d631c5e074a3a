"""The pages that people look at, and the metrics that Prometheus reads."""
