"""Writes what is documented from the code to its places in the repository: `make dictionary`.

That is the data dictionary, the manifest's JSON Schema, and the keys that --json prints.
"""

from pathlib import Path

from jobs.cli.json_docs import json_keys
from schemas.data_dictionary import dictionary, manifest_schema


def generated() -> dict[str, bytes]:
    """The generated files, by their paths in the repository."""
    return {
        "docs/dictionary.md": dictionary().encode(),
        "docs/json.md": json_keys().encode(),
        "schemas/manifest.schema.json": manifest_schema(),
    }


def main() -> None:
    """Writes them."""
    for name, data in generated().items():
        Path(name).write_bytes(data)


if __name__ == "__main__":
    main()
