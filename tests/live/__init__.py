"""The live job on real services: a Flink cluster, Kafka, Kinesis and S3."""
