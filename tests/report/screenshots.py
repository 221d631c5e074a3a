"""`make screenshots`: every role's page at the width of a desk and of a phone, light and dark, as pictures."""

import sys
import tempfile
from pathlib import Path

from tests.report.browser import DESKTOP, PHONE, Visit, chromium
from tests.report.pages import ROLES, document
from tests.report.world import write_world


def main(folder: Path) -> None:
    """Writes the pictures below the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch, chromium() as browser:
        out = write_world(Path(scratch), 24_000, 20)
        for role in ROLES:
            file = Path(scratch, f"{role}.html")
            file.write_bytes(document(out, role))
            Visit(browser, file, DESKTOP, "light").page.screenshot(path=folder / f"{role}-desktop-light.png")
            Visit(browser, file, DESKTOP, "dark").page.screenshot(path=folder / f"{role}-desktop-dark.png")
            Visit(browser, file, PHONE, "dark").page.screenshot(path=folder / f"{role}-phone-dark.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
