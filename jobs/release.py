"""Release closed dates on a Flink cluster, distributed over its workers.

    flink run -py jobs/release.py --config conf/aws.toml

For more dates than one machine releases in time: the same code, and the same bytes, as `contact-billing release`. The
job ends with the last date.
"""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from jobs.agents.table import load_agents
from jobs.releases.flink_tasks import DateResult, ReleaseDates, ReleaseInputs, check_released
from jobs.releases.results import ReleaseResult, check_published
from jobs.runtime.flink import environment_with
from jobs.runtime.logs import run_log
from jobs.runtime.output import Emit, emit_text
from jobs.runtime.run_command import run_command
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import load_settings
from sinks.location import Location

if TYPE_CHECKING:
    from pyflink.datastream import StreamExecutionEnvironment

_DAY = click.DateTime(["%Y-%m-%d"])
FLINK_OPTIONS = {
    "execution.runtime-mode": "BATCH",
    "pipeline.name": "contact-billing release",
    # A worker that dies costs its date another try, and the other dates nothing.
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "2",
    "restart-strategy.fixed-delay.delay": "1 s",
}


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


def release_on(environment: "StreamExecutionEnvironment", inputs: ReleaseInputs, dates: list[str]) -> list[DateResult]:
    """Release at least one date on the workers of the environment, and return the results in the dates' order."""
    from pyflink.common import Types

    workers = environment.get_parallelism()
    results = (
        environment.from_collection(dates, Types.STRING())
        .rebalance()
        .flat_map(ReleaseDates(inputs).run, output_type=Types.STRING())
        .name("release dates")
        .set_parallelism(min(workers, len(dates)))
    )
    with results.execute_and_collect(FLINK_OPTIONS["pipeline.name"]) as collected:
        decoded = [msgspec.json.decode(result, type=DateResult) for result in collected]
    return sorted(decoded, key=lambda result: result.billing_date)


def run_release_job(
    environment: "StreamExecutionEnvironment", inputs: ReleaseInputs, dates: list[str], emit: Emit
) -> None:
    """Release these dates, or all closed ones.

    Raises AuditFailed if a date was not published, StorageError if one could not be read or written; the others were.
    """
    selected = sorted(set(dates)) or list(inputs.ledger().closed())
    results = release_on(environment, inputs, selected) if selected else []
    released = [result.released for result in results if result.released is not None]
    emit(ReleaseResult(False, tuple(released)))
    check_released(results)
    check_published(released)


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True, help="Settings; see conf/reference.toml.")
@click.option("--agents", help="Agent-extension table; default: storage.agents.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder that every worker sees, instead of storage.")
@click.option("--date", "dates", multiple=True, type=_DAY, help="A closed date; repeatable. Without one: all.")
def submit(config: Path, agents: str | None, out: Path | None, dates: tuple[datetime.datetime, ...]) -> None:
    """Release dates on the cluster whose `flink run` runs this."""
    inputs = release_inputs(config, agents, out)
    with run_log("release", inputs.settings):
        iso_dates = [date.date().isoformat() for date in dates]
        run_release_job(environment_with(FLINK_OPTIONS), inputs, iso_dates, emit_text)


if __name__ == "__main__":
    run_command(submit)
