"""Define the result of `contact-billing report`."""

from typing import Annotated

import msgspec

from jobs.report.formatting import size
from schemas.columns import description


class ReportResult(msgspec.Struct, frozen=True):
    """A page that was written or is served."""

    page: Annotated[str, description("file of the page, or its address with --serve")]
    role: Annotated[str, description("role of the page")]
    bytes: Annotated[int, description("size of the page")]

    def text(self) -> str:
        """Return one line."""
        return f"{self.page}: the page for {self.role}, {size(self.bytes)}"
