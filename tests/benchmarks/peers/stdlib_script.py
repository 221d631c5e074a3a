"""What a Lambda function would run: an archive and an agents' table in, billing.csv and billing.parquet per date out.

    python tests/benchmarks/peers/stdlib_script.py ARCHIVE AGENTS OUT

One process and the standard library; only Parquet, which is not in it, comes from pyarrow, as from a Lambda layer.
It trusts its input: no record is checked, accounted for or kept, and nothing is told of what was left out.
"""

import csv
import gzip
import json
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

INBOUND = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER", "WEBRTC_API")
OUTBOUND = ("OUTBOUND", "CALLBACK", "API", "CAMPAIGN_PREVIEW")
CALL_TYPES = {**dict.fromkeys(INBOUND, "inbound"), **dict.fromkeys(OUTBOUND, "outbound")}
MACHINES = ("VOICEMAIL_", "FAX_", "SIT_")
PHONE = re.compile(r"\+[1-9][0-9]{1,14}")
EXTENSION = re.compile(r"[0-9]{1,5}")
SECOND = timedelta(seconds=1)
SCHEMA = pa.schema(
    {
        "contact_id": pa.string(),
        "billing_date": pa.date32(),
        "call_type": pa.string(),
        "initiated_at": pa.timestamp("us", tz="UTC"),
        "call_duration_seconds": pa.int64(),
        "talk_seconds": pa.int64(),
        "hold_seconds": pa.int64(),
        "contact_duration_seconds": pa.int64(),
        "patient_phone": pa.string(),
        "provider_extension": pa.string(),
        "revision": pa.int64(),
    }
)


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def read_agents(path):
    """For every agent, when assignments begin, and what they are: extension, end."""
    begins, held = defaultdict(list), defaultdict(list)
    with Path(path).open(newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: (row["agent_id"], row["valid_from"])):
            begins[row["agent_id"]].append(instant(row["valid_from"]))
            held[row["agent_id"]].append((row["extension"], instant(row["valid_to"]) if row["valid_to"] else None))
    return begins, held


def extension_of(record, begins, held):
    """What the caller dialled, else what the agent had when the call was connected."""
    dialled = (record.get("Attributes") or {}).get("extensionNumber")
    if dialled and EXTENSION.fullmatch(dialled):
        return dialled
    agent_id = record["Agent"]["ARN"].partition("/agent/")[2]
    connected_at = instant(record["Agent"]["ConnectedToAgentTimestamp"])
    place = bisect_right(begins.get(agent_id, ()), connected_at) - 1
    if place < 0:
        return None
    extension, valid_to = held[agent_id][place]
    return extension if valid_to is None or connected_at < valid_to else None


def is_billable(record):
    # Voicemail, abandoned calls and hang-ups have no connected agent.
    agent = record.get("Agent")
    if record["Channel"] != "VOICE" or not agent or not agent.get("ConnectedToAgentTimestamp"):
        return False
    call_type = CALL_TYPES.get(record["InitiationMethod"])
    talk = agent["AgentInteractionDuration"]
    if call_type is None or talk + (agent.get("CustomerHoldDuration") or 0) < 1:
        return False
    if (record.get("AnsweringMachineDetectionStatus") or "").startswith(MACHINES):
        return False
    address = (record.get("CustomerEndpoint") or {}).get("Address")
    if address and address == (record.get("SystemEndpoint") or {}).get("Address"):
        return False
    if instant(agent["ConnectedToAgentTimestamp"]) >= instant(record["DisconnectTimestamp"]):
        return False
    if call_type == "inbound":
        return True
    failed = (record.get("DisconnectReason") or "").startswith("TELECOM_") and not talk
    return bool(record.get("ConnectedToSystemTimestamp")) and not failed


def line_of(record, begins, held):
    """The billing line, in the order of its columns; None where nothing is billed."""
    if not is_billable(record) or not (extension := extension_of(record, begins, held)):
        return None
    initiated_at, agent = instant(record["InitiationTimestamp"]), record["Agent"]
    talk, hold = agent["AgentInteractionDuration"], agent.get("CustomerHoldDuration") or 0
    address = (record.get("CustomerEndpoint") or {}).get("Address")
    return (
        record["ContactId"],
        initiated_at.date(),
        CALL_TYPES[record["InitiationMethod"]],
        initiated_at.replace(microsecond=0),
        talk + hold,
        talk,
        hold,
        (instant(record["DisconnectTimestamp"]) - initiated_at) // SECOND,
        address if address and PHONE.fullmatch(address) else None,
        extension,
        1,
    )


def latest_lines(archive, begins, held):
    """The line of the latest version of every contact, by date."""
    latest = {}
    for path in sorted(Path(archive).rglob("*.gz")):
        with gzip.open(path) as lines:
            for text in lines:
                record = json.loads(text)
                contact_id = record.get("ContactId")
                if contact_id is None:
                    continue
                updated_at = instant(record["LastUpdateTimestamp"])
                if contact_id not in latest or updated_at > latest[contact_id][0]:
                    # A record takes ten times the memory of its line.
                    latest[contact_id] = updated_at, line_of(record, begins, held)
    dates = defaultdict(list)
    for _, line in latest.values():
        if line is not None:
            dates[line[1]].append(line)
    return dates


def main(archive, agents, out):
    for date, lines in latest_lines(archive, *read_agents(agents)).items():
        lines.sort(key=lambda line: (line[3], line[0]))
        folder = Path(out, f"billing_date={date}")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "billing.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(SCHEMA.names)
            writer.writerows((*line[:3], f"{line[3]:%Y-%m-%dT%H:%M:%SZ}", *line[4:]) for line in lines)
        columns = [pa.array(column, kind) for column, kind in zip(zip(*lines, strict=True), SCHEMA.types, strict=True)]
        pq.write_table(pa.Table.from_arrays(columns, schema=SCHEMA), folder / "billing.parquet", compression="zstd")


main(*sys.argv[1:])
