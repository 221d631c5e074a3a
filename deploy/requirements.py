"""Requirements: lines of pyproject.toml in, the packages of this environment that they bring along out."""

import re
from importlib import metadata

from packaging.requirements import Requirement


def needed(lines: list[str]) -> set[str]:
    """The packages of this environment that these requirements bring along: extras only where they are asked for."""
    found: set[str] = set()
    waiting = [(Requirement(line), frozenset[str]()) for line in lines]
    seen = set()
    while waiting:
        requirement, asked = waiting.pop()
        key = (normal(requirement.name), frozenset(requirement.extras))
        marker = requirement.marker
        wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in asked | {""})
        if not wanted or key in seen:
            continue
        seen.add(key)
        found.add(key[0])
        waiting += [(Requirement(line), key[1]) for line in metadata.requires(requirement.name) or ()]
    return found


def normal(name: str) -> str:
    """A package's name as all spellings of it are."""
    return re.sub(r"[-_.]+", "-", name).lower()
