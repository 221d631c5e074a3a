"""Leave files out of an archive by shell patterns."""

import fnmatch
import re

import msgspec

# No path has this character.
_ANY_FOLDERS = "\0"


class Exclusions(msgspec.Struct, frozen=True):
    """Shell patterns on a file's whole path in the archive: `*` also matches `/`, and `**/` any folders or none."""

    patterns: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the file of this name, its path in the archive, is left out."""
        return any(re.match(_expression(pattern), name) for pattern in self.patterns)


NO_EXCLUSIONS = Exclusions()


def _expression(pattern: str) -> str:
    return fnmatch.translate(pattern.replace("**/", _ANY_FOLDERS)).replace(_ANY_FOLDERS, "(?:.*/)?")
