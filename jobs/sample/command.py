"""Implement `contact-billing sample`: write a synthetic archive and its agent-extension table to a new folder."""

from pathlib import Path
from typing import Annotated

import msgspec

from jobs.runtime.output import Emit
from jobs.runtime.progress import progress_bar
from jobs.sample.archive import LAYOUTS, write_sample
from schemas.columns import description
from schemas.errors import SettingsError


class SampleResult(msgspec.Struct, frozen=True):
    """The locations of a sample."""

    archive: Annotated[str, description("the folder of contact records")]
    agents: Annotated[str, description("the agent-extension table")]

    def text(self) -> str:
        """Return one line per location."""
        return f"archive {self.archive}\nagents  {self.agents}"


def run_sample(
    out: Path, contacts: int, days: int, seed: int, layout: str, records_per_object: int | None, emit: Emit
) -> None:
    """Write a sample. Raises SettingsError if the layout is unknown or the folder is not empty."""
    if layout not in LAYOUTS:
        raise SettingsError(f"--layout {layout} is unknown; choose one of {', '.join(LAYOUTS)}")
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty; name a new folder with --out")
    with progress_bar("sample", "contact", contacts) as bar:
        write_sample(
            out,
            contacts=contacts,
            seed=seed,
            days=days,
            layout=layout,
            records_per_object=records_per_object,
            progress=bar.update,
        )
    emit(SampleResult(str(out / "archive"), str(out / "agents.csv")))
