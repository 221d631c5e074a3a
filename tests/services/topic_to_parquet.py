"""A job for the tests of the services: what a Kafka topic holds, as Parquet, by way of Python workers.

Arguments: brokers, topic, folder, and `latest-offset` to end with what the topic holds, or `unbounded`.
"""

import sys

from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment
from pyflink.table.udf import udf

brokers, topic, folder, end = sys.argv[1:]
tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
# Files become visible with a checkpoint; the end of a bounded topic is one, too.
tables.get_config().set("execution.checkpointing.interval", "1 s")
tables.create_temporary_function("shout", udf(bytes.upper, result_type=DataTypes.BYTES(), name="shout"))
tables.execute_sql(f"""
    CREATE TABLE topic (payload BYTES, arrived_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH (
        'connector' = 'kafka', 'topic' = '{topic}', 'properties.bootstrap.servers' = '{brokers}',
        'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = '{end}', 'format' = 'raw')
""")
tables.execute_sql(f"""
    CREATE TABLE files (payload BYTES, arrived_at TIMESTAMP_LTZ(3)) WITH (
        'connector' = 'filesystem', 'path' = '{folder}', 'format' = 'parquet',
        'parquet.utc-timezone' = 'true')
""")
tables.execute_sql("INSERT INTO files SELECT shout(payload), arrived_at FROM topic")
