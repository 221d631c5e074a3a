"""Sources in, as JSON lines; what is said of each before a job is submitted out, empty if nothing. One JVM for all."""

import sys
from pathlib import Path

import msgspec

from jobs.ingest.streams.preflight import check_connector
from jobs.ingest.streams.source_table import stream_source
from jobs.runtime.flink import ensure_java, in_process
from jobs.runtime.scratch import scratch_folder
from jobs.settings.connections import Source
from schemas.errors import ContactBillingError


def main(connectors: str) -> None:
    """Prints one line per source."""
    sources = [msgspec.json.decode(line, type=Source) for line in sys.stdin.buffer]
    ensure_java()
    jars = {"pipeline.jars": Path(connectors).resolve().as_uri()}
    with scratch_folder() as scratch, in_process(jars, 1, scratch) as environment:
        from pyflink.table import StreamTableEnvironment

        StreamTableEnvironment.create(environment)
        for source in sources:
            try:
                stream = stream_source(source)
                check_connector(stream)
                stream.check_connection({})
                print()
            except ContactBillingError as error:
                print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
