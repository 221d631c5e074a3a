"""Real services on this machine: Flink, Kafka, Kinesis, S3. Each is stopped by whoever started it."""
