"""What the options of several commands share: kinds of values, what they are for, and --json."""

from pathlib import Path

import click

from jobs.results import saying

FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)
AGENTS = "Agent-extension table: CSV, JSON lines or Parquet; else storage.agents of the settings."
CONFIG = "Settings; see conf/reference.toml."
# A command gets it as `say`.
JSON = click.option("--json", "say", is_flag=True, callback=saying, help="One JSON object instead of text.")
