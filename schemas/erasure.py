"""Records of an erasure: the ledger objects rewritten without a patient's number, and the versions removed for it.

They hold names and digests, never the erased number.
"""

import msgspec


class ErasedObject(msgspec.Struct, frozen=True):
    """A rewritten ledger object, before and after. A part keeps its name; a recycled object is named by its digest."""

    name: str
    sha256: str
    became: str
    became_sha256: str


class ErasedVersion(msgspec.Struct, frozen=True):
    """A version of a release whose files were deleted because they held erased data; its manifest stays."""

    billing_date: str
    version: int
    files: tuple[str, ...]
