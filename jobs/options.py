"""What the options of several commands share: kinds of values, and what they are for."""

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)
AGENTS = "Agent-extension table: CSV, JSON lines or Parquet; else storage.agents of the settings."
CONFIG = "Settings; see conf/reference.toml."
