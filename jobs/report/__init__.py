"""Make the pages and the status that people read, and the metrics that Prometheus scrapes."""
