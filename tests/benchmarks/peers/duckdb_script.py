"""A hand-written DuckDB script: an archive and an agents' table in, billing.csv and billing.parquet per date out.

    python tests/benchmarks/peers/duckdb_script.py ARCHIVE AGENTS OUT

It trusts its input: no record is checked, accounted for or kept, and nothing is told of what was left out.
"""

import sys
from pathlib import Path

import duckdb

ARCHIVE, AGENTS, OUT = sys.argv[1:]

RECORDS = """
    CREATE TABLE calls AS
    SELECT contact_id, unnest(latest)
    FROM (
        SELECT ContactId AS contact_id,
               arg_max({
                   method: InitiationMethod,
                   channel: Channel,
                   initiated_at: InitiationTimestamp,
                   disconnected_at: DisconnectTimestamp,
                   answered_at: ConnectedToSystemTimestamp,
                   disconnect_reason: DisconnectReason,
                   machine: AnsweringMachineDetectionStatus,
                   connected_at: Agent.ConnectedToAgentTimestamp,
                   talk_seconds: Agent.AgentInteractionDuration,
                   hold_seconds: coalesce(Agent.CustomerHoldDuration, 0),
                   agent_id: split_part(Agent.ARN, '/agent/', 2),
                   address: CustomerEndpoint.Address,
                   own_address: SystemEndpoint.Address,
                   entered: Attributes.extensionNumber
               }, LastUpdateTimestamp) AS latest
        FROM read_json($files, format = 'newline_delimited', columns = {
            ContactId: 'VARCHAR', InitiationMethod: 'VARCHAR', Channel: 'VARCHAR', DisconnectReason: 'VARCHAR',
            InitiationTimestamp: 'TIMESTAMP', DisconnectTimestamp: 'TIMESTAMP', ConnectedToSystemTimestamp: 'TIMESTAMP',
            LastUpdateTimestamp: 'TIMESTAMP', AnsweringMachineDetectionStatus: 'VARCHAR',
            CustomerEndpoint: 'STRUCT(Address VARCHAR)', SystemEndpoint: 'STRUCT(Address VARCHAR)',
            Attributes: 'STRUCT(extensionNumber VARCHAR)',
            Agent: 'STRUCT(ARN VARCHAR, ConnectedToAgentTimestamp TIMESTAMP, AgentInteractionDuration BIGINT,
                           CustomerHoldDuration BIGINT)'
        })
        GROUP BY ContactId
    )
"""
# Voicemail, abandoned calls and hang-ups have no connected agent.
LINES = """
    CREATE TABLE lines AS
    WITH directed AS (
        SELECT *, CASE WHEN method IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER', 'WEBRTC_API') THEN 'inbound'
                       WHEN method IN ('OUTBOUND', 'CALLBACK', 'API', 'CAMPAIGN_PREVIEW') THEN 'outbound'
                       END AS call_type
        FROM calls
        WHERE channel = 'VOICE' AND connected_at IS NOT NULL AND talk_seconds + hold_seconds >= 1
          AND NOT coalesce(regexp_matches(machine, '^(VOICEMAIL|FAX|SIT)_'), false)
          AND NOT coalesce(address = own_address, false) AND connected_at < disconnected_at
    )
    SELECT contact_id,
           initiated_at::DATE AS billing_date,
           call_type,
           date_trunc('second', initiated_at) AS initiated_at,
           talk_seconds + hold_seconds AS call_duration_seconds,
           talk_seconds,
           hold_seconds,
           (epoch_us(disconnected_at) - epoch_us(initiated_at)) // 1000000 AS contact_duration_seconds,
           CASE WHEN regexp_full_match(address, '\\+[1-9][0-9]{1,14}') THEN address END AS patient_phone,
           coalesce(CASE WHEN regexp_full_match(entered, '[0-9]{1,5}') THEN entered END, extension)
               AS provider_extension,
           1::BIGINT AS revision
    FROM directed
    LEFT JOIN agents
      ON agents.agent_id = directed.agent_id
     AND connected_at >= valid_from AND (valid_to IS NULL OR connected_at < valid_to)
    WHERE call_type IS NOT NULL AND provider_extension IS NOT NULL
      AND NOT (call_type = 'outbound'
               AND (answered_at IS NULL OR (starts_with(disconnect_reason, 'TELECOM_') AND talk_seconds = 0)))
    ORDER BY initiated_at, contact_id
"""
# Tables keep the order in which they were filled.
CSV = """
    COPY (SELECT * REPLACE (strftime(initiated_at, '%Y-%m-%dT%H:%M:%SZ') AS initiated_at) FROM lines
          WHERE billing_date = $date)
    TO $file (FORMAT CSV, HEADER, NEW_LINE '\\r\\n')
"""
PARQUET = """
    COPY (SELECT * REPLACE (initiated_at AT TIME ZONE 'UTC' AS initiated_at) FROM lines WHERE billing_date = $date)
    TO $file (FORMAT PARQUET, COMPRESSION zstd)
"""

sql = duckdb.connect()
sql.execute(
    "CREATE TABLE agents AS FROM read_csv($agents, header = true, columns = "
    "{agent_id: 'VARCHAR', extension: 'VARCHAR', valid_from: 'TIMESTAMP', valid_to: 'TIMESTAMP'})",
    {"agents": AGENTS},
)
sql.execute(RECORDS, {"files": f"{ARCHIVE}/**/*.gz"})
sql.execute(LINES)
for (date,) in sql.execute("SELECT DISTINCT billing_date FROM lines ORDER BY billing_date").fetchall():
    folder = Path(OUT, f"billing_date={date}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, copy in (("billing.csv", CSV), ("billing.parquet", PARQUET)):
        sql.execute(copy, {"date": date, "file": str(folder / name)})
