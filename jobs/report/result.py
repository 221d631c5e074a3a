"""What `contact-billing report` comes to."""

from typing import Annotated

import msgspec

from jobs.report.formatting import size
from schemas.columns import description


class ReportResult(msgspec.Struct, frozen=True):
    """A page that was written, or is served."""

    page: Annotated[str, description("where the page is: a file, or with --serve an address")]
    role: Annotated[str, description("whose page it is")]
    bytes: Annotated[int, description("its size")]

    def text(self) -> str:
        """One line."""
        return f"{self.page}: the page for {self.role}, {size(self.bytes)}"
