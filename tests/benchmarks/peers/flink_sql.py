"""A pure Flink SQL job in batch mode: an archive and an agents' table in, CSV and Parquet files per date out.

    python tests/benchmarks/peers/flink_sql.py ARCHIVE AGENTS OUT CONNECTORS_JAR

No row reaches Python. It trusts its input: no record is checked, accounted for or kept, and nothing is told of what
was left out. Below OUT are `csv/date=…/` and `parquet/date=…/` with a file per slot, unsorted, as Flink writes them;
its CSV files have no header.
"""

import os
import sys
import tempfile
from pathlib import Path

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

ARCHIVE, AGENTS, OUT, JAR = (Path(argument).absolute() for argument in sys.argv[1:])

OPTIONS = {
    "pipeline.jars": JAR.as_uri(),
    "pipeline.object-reuse": "true",
    "parallelism.default": "2",
    "taskmanager.numberOfTaskSlots": "2",
    # Sorting the versions of all contacts spills less.
    "taskmanager.memory.managed.size": "1g",
    "table.local-time-zone": "UTC",
}
RECORDS = f"""
    CREATE TEMPORARY TABLE records (
        ContactId STRING, InitiationMethod STRING, Channel STRING, DisconnectReason STRING,
        InitiationTimestamp TIMESTAMP_LTZ(3), DisconnectTimestamp TIMESTAMP_LTZ(3),
        ConnectedToSystemTimestamp TIMESTAMP_LTZ(3), LastUpdateTimestamp TIMESTAMP_LTZ(3),
        AnsweringMachineDetectionStatus STRING,
        CustomerEndpoint ROW<Address STRING>, SystemEndpoint ROW<Address STRING>,
        `Attributes` ROW<extensionNumber STRING>,
        Agent ROW<ARN STRING, ConnectedToAgentTimestamp TIMESTAMP_LTZ(3), AgentInteractionDuration BIGINT,
                  CustomerHoldDuration BIGINT>
    ) WITH ('connector' = 'filesystem', 'path' = '{ARCHIVE}', 'format' = 'json',
            'json.timestamp-format.standard' = 'ISO-8601')
"""
# Flink does not skip a header: here it is the row of an agent who takes no call.
TABLE = f"""
    CREATE TEMPORARY TABLE agents (agent_id STRING, extension STRING, valid_from STRING, valid_to STRING)
    WITH ('connector' = 'filesystem', 'path' = '{AGENTS}', 'format' = 'csv')
"""
COLUMNS = """
    contact_id STRING, billing_date DATE, call_type STRING, initiated_at {instant}, call_duration_seconds BIGINT,
    talk_seconds BIGINT, hold_seconds BIGINT, contact_duration_seconds BIGINT, patient_phone STRING,
    provider_extension STRING, revision BIGINT, `date` STRING
"""
CSV = f"""
    CREATE TEMPORARY TABLE billing_csv ({COLUMNS.format(instant="STRING")}) PARTITIONED BY (`date`)
    WITH ('connector' = 'filesystem', 'path' = '{OUT}/csv', 'format' = 'csv', 'csv.null-literal' = '')
"""
PARQUET = f"""
    CREATE TEMPORARY TABLE billing_parquet ({COLUMNS.format(instant="TIMESTAMP_LTZ(6)")}) PARTITIONED BY (`date`)
    WITH ('connector' = 'filesystem', 'path' = '{OUT}/parquet', 'format' = 'parquet', 'parquet.compression' = 'ZSTD',
          'parquet.utc-timezone' = 'true', 'parquet.write.int64.timestamp' = 'true',
          'parquet.timestamp.time.unit' = 'micros')
"""
# Of a contact's versions the latest counts.
CALLS = """
    CREATE TEMPORARY VIEW calls AS
    SELECT * FROM (
        SELECT ContactId AS contact_id,
               CASE WHEN InitiationMethod IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER', 'WEBRTC_API') THEN 'inbound'
                    WHEN InitiationMethod IN ('OUTBOUND', 'CALLBACK', 'API', 'CAMPAIGN_PREVIEW') THEN 'outbound'
                    END AS call_type,
               Channel AS channel,
               InitiationTimestamp AS initiated_at,
               DisconnectTimestamp AS disconnected_at,
               ConnectedToSystemTimestamp AS answered_at,
               DisconnectReason AS disconnect_reason,
               COALESCE(AnsweringMachineDetectionStatus, '') AS machine,
               Agent.ConnectedToAgentTimestamp AS connected_at,
               Agent.AgentInteractionDuration AS talk_seconds,
               COALESCE(Agent.CustomerHoldDuration, 0) AS hold_seconds,
               SPLIT_INDEX(Agent.ARN, '/agent/', 1) AS agent_id,
               CustomerEndpoint.Address AS address,
               SystemEndpoint.Address AS own_address,
               `Attributes`.extensionNumber AS entered,
               ROW_NUMBER() OVER (PARTITION BY ContactId ORDER BY LastUpdateTimestamp DESC) AS version_from_last
        FROM records
    ) WHERE version_from_last = 1
"""
# Voicemail, abandoned calls and hang-ups have no connected agent.
LINES = r"""
    CREATE TEMPORARY VIEW lines AS
    SELECT contact_id,
           CAST(initiated_at AS DATE) AS billing_date,
           call_type,
           initiated_at,
           talk_seconds + hold_seconds AS call_duration_seconds,
           talk_seconds,
           hold_seconds,
           CAST(TIMESTAMPDIFF(SECOND, initiated_at, disconnected_at) AS BIGINT) AS contact_duration_seconds,
           CASE WHEN REGEXP(address, '^\+[1-9][0-9]{1,14}$') THEN address END AS patient_phone,
           COALESCE(CASE WHEN REGEXP(entered, '^[0-9]{1,5}$') THEN entered END, extension) AS provider_extension,
           CAST(1 AS BIGINT) AS revision
    FROM calls
    LEFT JOIN (
        SELECT agent_id, NULLIF(extension, '') AS extension,
               TO_TIMESTAMP_LTZ(UNIX_TIMESTAMP(valid_from, 'yyyy-MM-dd''T''HH:mm:ssX'), 0) AS valid_from,
               TO_TIMESTAMP_LTZ(UNIX_TIMESTAMP(NULLIF(valid_to, ''), 'yyyy-MM-dd''T''HH:mm:ssX'), 0) AS valid_to
        FROM agents WHERE agent_id <> 'agent_id'
    ) AS history
      ON history.agent_id = calls.agent_id
     AND connected_at >= valid_from AND (valid_to IS NULL OR connected_at < valid_to)
    WHERE channel = 'VOICE' AND connected_at IS NOT NULL AND call_type IS NOT NULL
      AND talk_seconds + hold_seconds >= 1 AND connected_at < disconnected_at
      AND (address = own_address) IS NOT TRUE
      AND machine NOT LIKE 'VOICEMAIL\_%' ESCAPE '\' AND machine NOT LIKE 'FAX\_%' ESCAPE '\'
      AND machine NOT LIKE 'SIT\_%' ESCAPE '\'
      AND NOT (call_type = 'outbound'
               AND (answered_at IS NULL
                    OR (COALESCE(disconnect_reason, '') LIKE 'TELECOM\_%' ESCAPE '\' AND talk_seconds = 0)))
"""
BILLED = """
    INSERT INTO {table}
    SELECT contact_id, billing_date, call_type, {instant}, call_duration_seconds, talk_seconds, hold_seconds,
           contact_duration_seconds, patient_phone, provider_extension, revision, CAST(billing_date AS STRING)
    FROM lines WHERE provider_extension IS NOT NULL
"""
INSTANTS = {
    "billing_csv": "DATE_FORMAT(initiated_at, 'yyyy-MM-dd''T''HH:mm:ss''Z''')",
    "billing_parquet": "CAST(CAST(initiated_at AS TIMESTAMP_LTZ(0)) AS TIMESTAMP_LTZ(6))",
}

# What is compiled well takes as long to compile as it saves, in a job of a minute.
JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Flink's temporary files go where Python's go.
os.environ.setdefault("JVM_ARGS", f"{JVM} -Djava.io.tmpdir={tempfile.gettempdir()}")
options = Configuration()
for name, value in OPTIONS.items():
    options.set_string(name, value)
sql = TableEnvironment.create(EnvironmentSettings.new_instance().in_batch_mode().with_configuration(options).build())
for statement in (RECORDS, TABLE, CSV, PARQUET, CALLS, LINES):
    sql.execute_sql(statement)
# Both in one job, which reads the archive once.
job = sql.create_statement_set()
for table, instant in INSTANTS.items():
    job.add_insert_sql(BILLED.format(table=table, instant=instant))
job.execute().wait()
