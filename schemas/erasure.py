"""An erasure: which objects of the ledger were written again without a patient's number, and which versions are gone.

Both are names and digests: what was erased is not in them.
"""

import msgspec


class ErasedObject(msgspec.Struct, frozen=True):
    """An object of the ledger before and after; a part keeps its name, a recycled object is named by its bytes."""

    name: str
    sha256: str
    became: str
    became_sha256: str


class ErasedVersion(msgspec.Struct, frozen=True):
    """A version of a release whose files were taken away because they held what was erased; its manifest stays."""

    billing_date: str
    version: int
    files: tuple[str, ...]
