"""What known.toml says of mutants: that they have no effect, or that no test notices them, and why."""

import tomllib
from pathlib import Path
from typing import Any

# The source, the line as it is, and the line as it becomes, both without the blanks around them.
Key = tuple[str, str, str]

_FILE = Path(__file__).with_name("known.toml")


def _known(kind: str) -> dict[Key, str]:
    return {_key(one): one["why"] for one in tomllib.loads(_FILE.read_text(encoding="utf-8")).get(kind, [])}


def _key(one: dict[str, Any]) -> Key:
    was, becomes = one["change"]
    assert one["line"].count(was) == 1, f"{was!r} is not once in {one['line']!r}"
    return one["file"], one["line"], one["line"].replace(was, becomes).strip()


WITHOUT_EFFECT = _known("without_effect")
UNNOTICED = _known("unnoticed")
