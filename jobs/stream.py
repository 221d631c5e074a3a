"""The live job on one screen: read Kinesis or Kafka into the ledger, exactly once.

    flink run -py jobs/stream.py -j build/connectors.jar --config conf/aws.toml

Its tables are in jobs/ingest/live/, its sources in jobs/ingest/streams/.
"""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobs.agents.table import load_agents
from jobs.ingest.live.in_process import check_in_process, quiet_logs, run_until_interrupted
from jobs.ingest.live.tables import OUTCOMES_VIEW, Paths, inserts, sink_tables
from jobs.ingest.streams.preflight import check_connector, rejected_properties
from jobs.ingest.streams.source_table import StreamSource, source_table, stream_source
from jobs.runtime.flink import ensure_java, environment_with, in_process
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, run_log
from jobs.runtime.redaction import RedactedError, redacted_java_traceback
from jobs.runtime.run_command import run_command
from jobs.runtime.scratch import scratch_folder
from jobs.settings.connections import Storage
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.managed_flink import PROPERTIES
from jobs.settings.settings import Settings, load_settings
from sinks.location import Location

if TYPE_CHECKING:
    from pyflink.common import JobClient
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.table import StreamTableEnvironment, TableResult


def flink_options(settings: Settings) -> dict[str, str]:
    """Return the job's options, wherever it runs; a cluster's configuration has the rest."""
    stream = settings.stream
    return {
        "pipeline.name": "contact-billing stream",
        "execution.checkpointing.interval": f"{stream.checkpoint_seconds} s",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "table.exec.source.idle-timeout": f"{stream.idle_seconds} s",
        # Operators find their state in a savepoint as long as the statements do not change.
        "table.exec.uid.generation": "ALWAYS",
        "table.local-time-zone": "UTC",
        # No operator changes or stores its input rows: rows need no copies between them.
        "pipeline.object-reuse": "true",
        # A payload may be 1 MiB: a batch of them must fit a worker's memory.
        "python.fn-execution.arrow.batch.size": "1000",
        "python.fn-execution.bundle.size": "10000",
        "python.fn-execution.bundle.time": "500",
    }


def start(settings: Settings, agents: str, environment: "StreamExecutionEnvironment") -> "JobClient":
    """Submit the job. Raises ContactBillingError if a setting cannot work."""
    from py4j.protocol import Py4JJavaError
    from pyflink.table import StreamTableEnvironment

    from jobs.ingest.live.outcome_udf import outcome_udf
    from jobs.ingest.streams.kafka_avro import from_avro

    tables = StreamTableEnvironment.create(environment)
    source = stream_source(settings.source)
    check_connector(source)
    source.check_connection(os.environ)
    load = partial(load_agents, agents, settings.storage.s3)
    tables.create_temporary_function("from_avro", from_avro())
    tables.create_temporary_function(
        "outcome", outcome_udf(settings.rules, load, settings.stream.agents_refresh_seconds)
    )
    try:
        job = _submit(tables, source, settings).get_job_client()
    except Py4JJavaError as error:
        java = error.java_exception
        raise (rejected_properties(source, java) or RedactedError(redacted_java_traceback(java))) from None
    log(Event.SUBMITTED, flink_job=str(job.get_job_id()))
    return job


def _submit(tables: "StreamTableEnvironment", source: StreamSource, settings: Settings) -> "TableResult":
    paths = flink_paths(settings.storage)
    for statement in (
        *source_table(source, os.environ),
        OUTCOMES_VIEW,
        *sink_tables(paths, settings.stream, settings.billing.time_zone),
    ):
        tables.execute_sql(statement)
    job = tables.create_statement_set()
    for statement in inserts(paths):
        job.add_insert_sql(statement)
    return job.execute()


def check(settings: Settings, agents: str) -> None:
    """Check what needs no Flink: settings of the source, agents' table, locations. Raises ContactBillingError."""
    stream_source(settings.source).check_settings(os.environ)
    load_agents(agents, settings.storage.s3)
    locations = resolve_locations(settings.storage, None)
    locations.check(release=False)
    if settings.storage.archive:
        archive = Location(settings.storage.archive).open(settings.storage.s3, "storage.archive")
        archive.names("arrived_date=none")
    locations.open_ledger(settings)


def flink_paths(storage: Storage) -> Paths:
    """Return the locations that the job writes to, as Flink's URIs."""
    quarantine = storage.quarantine or f"{storage.ledger.rstrip('/')}/quarantine"
    archive = Location(storage.archive).uri if storage.archive else ""
    return Paths(Location(storage.ledger).uri, Location(quarantine).uri, archive)


def run_stream(config: Path, agents: str | None) -> None:
    """Run the job in this process, for a trial, until it is interrupted."""
    settings = load_settings(config)
    check_in_process(settings.storage, settings.stream.connectors)
    with run_log("stream", settings):
        uri = _check_inputs(settings, agents)
        ensure_java()
        options = flink_options(settings) | {
            "pipeline.jars": Path(settings.stream.connectors).resolve().as_uri(),
            # Somebody is watching.
            "restart-strategy.type": "none",
        }
        with scratch_folder() as scratch, in_process(options, os.cpu_count() or 1, scratch) as environment:
            quiet_logs()
            job = start(settings, uri, environment)
            click.echo("reading; Ctrl-C ends it")
            run_until_interrupted(job, scratch)


def submit(config: Path, agents: str | None) -> None:
    """Submit the job to the cluster whose `flink run` runs this."""
    settings = load_settings(config)
    with run_log("stream", settings):
        start(settings, _check_inputs(settings, agents), environment_with(flink_options(settings)))


def _check_inputs(settings: Settings, agents: str | None) -> str:
    """Check all inputs; return the agents' table by a name that is also valid for workers, which start elsewhere."""
    uri = Location(agents_uri(agents, settings.storage)).absolute().text
    check(settings, uri)
    return uri


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=PROPERTIES,
    help="Settings; see conf/reference.toml. Default: the runtime properties of Managed Service for Apache Flink.",
)
@click.option("--agents", help="Agent-extension table; default: storage.agents.")
def command(config: Path, agents: str | None) -> None:
    """Submits the live job."""
    submit(config, agents)


if __name__ == "__main__":
    run_command(command)
