"""A job for the tests of the services: what a Kafka topic holds, as Parquet. Arguments: brokers, topic, folder."""

import sys

from pyflink.table import EnvironmentSettings, TableEnvironment

brokers, topic, folder = sys.argv[1:]
tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
# Files become visible with a checkpoint; the end of a bounded topic is one, too.
tables.get_config().set("execution.checkpointing.interval", "2 s")
tables.execute_sql(f"""
    CREATE TABLE topic (payload BYTES, arrived_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH (
        'connector' = 'kafka', 'topic' = '{topic}', 'properties.bootstrap.servers' = '{brokers}',
        'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'raw')
""")
tables.execute_sql(f"""
    CREATE TABLE files (payload BYTES, arrived_at TIMESTAMP_LTZ(3)) WITH (
        'connector' = 'filesystem', 'path' = '{folder}', 'format' = 'parquet',
        'parquet.utc-timezone' = 'true')
""")
tables.execute_sql("INSERT INTO files SELECT payload, arrived_at FROM topic")
