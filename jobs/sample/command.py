"""`contact-billing sample`: a synthetic archive and its agent-extension table in a new folder."""

from pathlib import Path
from typing import Annotated

import msgspec

from jobs.runtime.output import Emit
from jobs.runtime.progress import progress_bar
from jobs.sample.archive import LAYOUTS, write_sample
from schemas.columns import description
from schemas.errors import SettingsError


class SampleResult(msgspec.Struct, frozen=True):
    """Where a sample is."""

    archive: Annotated[str, description("the folder of contact records")]
    agents: Annotated[str, description("the agent-extension table")]

    def text(self) -> str:
        """A line for each."""
        return f"archive {self.archive}\nagents  {self.agents}"


def run_sample(
    out: Path, contacts: int, days: int, seed: int, layout: str, records_per_object: int | None, emit: Emit
) -> None:
    """Writes a sample. SettingsError: nobody knows the layout, or the folder is not new."""
    if layout not in LAYOUTS:
        raise SettingsError(f"--layout {layout} is unknown; choose one of {', '.join(LAYOUTS)}")
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty; name a new folder with --out")
    with progress_bar("sample", "contact", contacts) as shown:
        write_sample(
            out,
            contacts=contacts,
            seed=seed,
            days=days,
            layout=layout,
            records_per_object=records_per_object,
            progress=shown.update,
        )
    emit(SampleResult(str(out / "archive"), str(out / "agents.csv")))
