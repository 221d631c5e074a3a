"""Class-data sharing with a real Java: the second replay leaves a file, which the third has in its memory."""

from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.process import run


def test_the_file_is_made_once_and_used(world: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(world / "cache")}
    folder = world / "cache" / "contact-billing"
    marks, mapped = [], [False] * 3
    for number in range(3):

        def look(command: psutil.Process, number: int = number) -> None:
            # What psutil tells of maps, it adds up page by page.
            with suppress(psutil.Error, OSError):
                for java in command.children():
                    mapped[number] |= f" {folder}/" in Path(f"/proc/{java.pid}/maps").read_text()

        out = world / f"out-{number}"
        told = ["replay", "--archive", world / "archive", "--agents", world / "agents.csv", "--out", out]
        finished = run(*told, folder=world, environment=cache, tick=look)
        assert (finished.code, finished.left, finished.survivors) == (0, [], []), finished.err
        marks.append({path.name: path.read_bytes() for path in (out / "ledger" / "inputs").iterdir()})
        kept = sorted(path.suffix for path in folder.iterdir())
        assert kept == ([".first"] if number == 0 else [".first", ".jsa"])
    assert mapped[0] is False
    assert mapped[2] is True
    assert marks[0] == marks[1] == marks[2]
