"""What a key of a document means, beside its type."""

from typing import Any

import msgspec


def description(meaning: str) -> Any:
    """Ends up in the JSON Schema and in the generated documentation."""
    return msgspec.Meta(description=meaning)
