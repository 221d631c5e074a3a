"""Decide whether an archived file that gave no object is unreadable, and as what it is named."""

from typing import BinaryIO

from jobs.ingest.archive.compression.nesting import decompress
from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.seeming_form import seeming_form
from transforms.records.json_objects import BLANKS

_HEAD = 1 << 12


def unreadable_form(file: BinaryIO) -> str | None:
    """Return the form that a file without an object seems to have; None if it is empty, or holds only blanks.

    The file is read from its start.
    """
    file.seek(0)
    damage: list[Damage] = []
    head = next((chunk for chunk in decompress(file, damage) if chunk.strip(BLANKS)), b"")
    if head or not damage:
        return seeming_form(head) if head else None
    # Nothing of it could be decompressed.
    file.seek(0)
    return seeming_form(file.read(_HEAD))
