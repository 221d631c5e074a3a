"""What the options of several commands share: kinds of values, what they are for, and --json."""

from pathlib import Path

import click

from jobs.runtime.output import saying

FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)
AGENTS = "Agent-extension table: CSV, JSON lines or Parquet; else storage.agents of the settings."
CONFIG = "Settings; see conf/reference.toml."
# A command gets it as `say`.
JSON = click.option("--json", "say", is_flag=True, callback=saying, help="One JSON object instead of text.")


class Address(click.ParamType[tuple[str, int]]):
    """Where to listen, as 127.0.0.1:9300."""

    name = "host:port"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is no address, such as 127.0.0.1:9300", param, ctx)
        return host.strip("[]"), int(port)
