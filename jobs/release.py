"""Run the release as a Flink job: publish every date that closes or changes, from a ledger that others write.

    flink run -py jobs/release.py --config conf/aws.toml

For operators who only have a Flink cluster: the same code, and the same bytes, as `contact-billing release --follow`,
with the dates distributed over the workers.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobs.agents.table import load_agents
from jobs.releases.flink_tasks import ChangeOrders, ReleaseDates, ReleaseInputs
from jobs.runtime.flink import environment_with
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, run_log
from jobs.runtime.run_command import run_command
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import load_settings
from sinks.location import Location

if TYPE_CHECKING:
    from pyflink.datastream import DataStream, StreamExecutionEnvironment

# The job keeps no Flink state: after a failure it starts from scratch.
FLINK_OPTIONS = {
    "execution.runtime-mode": "STREAMING",
    "pipeline.name": "contact-billing release",
    "restart-strategy.type": "exponential-delay",
    # The ticks' source is the only table.
    "table.exec.resource.default-parallelism": "1",
    "python.fn-execution.bundle.time": "500",
}
_TICKS = """
    CREATE TEMPORARY TABLE ticks (tick BIGINT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '1')
"""


def release_inputs(config: Path, agents: str | None, out: Path | None) -> ReleaseInputs:
    """Check the command's options. Raises ContactBillingError if they cannot be used."""
    settings = load_settings(config)
    # The workers run in other folders.
    uri = Location(agents_uri(agents, settings.storage)).absolute().text
    inputs = ReleaseInputs(resolve_locations(settings.storage, out).absolute(), settings, uri)
    inputs.locations.check()
    inputs.ledger()
    load_agents(inputs.agents_uri, settings.storage.s3)
    return inputs


def release_pipeline(inputs: ReleaseInputs, environment: "StreamExecutionEnvironment") -> "DataStream":
    """Build the pipeline: a tick every second, the dates that have changed, and a line for each result."""
    from pyflink.common import Types
    from pyflink.table import StreamTableEnvironment

    workers = environment.get_parallelism()
    tables = StreamTableEnvironment.create(environment)
    tables.execute_sql(_TICKS)
    return (
        tables.to_data_stream(tables.from_path("ticks"))
        .flat_map(ChangeOrders(inputs, workers).run, output_type=Types.STRING())
        .name("look for changes")
        .uid("look")
        .set_parallelism(1)
        .rebalance()
        .flat_map(ReleaseDates(inputs).run, output_type=Types.STRING())
        .name("release dates")
        .uid("release")
        .set_parallelism(workers)
    )


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True, help="Settings; see conf/reference.toml.")
@click.option("--agents", help="Agent-extension table; default: storage.agents.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder that every worker sees, instead of storage.")
def submit(config: Path, agents: str | None, out: Path | None) -> None:
    """Submit the release job to the cluster whose `flink run` runs this."""
    inputs = release_inputs(config, agents, out)
    with run_log("release", inputs.settings):
        environment = environment_with(FLINK_OPTIONS)
        release_pipeline(inputs, environment).print()
        submitted = environment.execute(FLINK_OPTIONS["pipeline.name"])
        log(Event.SUBMITTED, flink_job=str(submitted.get_job_id()))


if __name__ == "__main__":
    run_command(submit)
