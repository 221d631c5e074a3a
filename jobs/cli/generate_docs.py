"""Generate documentation files from the code: `make dictionary`.

These are the data dictionary, the manifest's JSON Schema, and the keys that --json prints.
"""

from pathlib import Path

from jobs.cli.json_docs import json_keys
from schemas.data_dictionary import dictionary, manifest_schema


def generated() -> dict[str, bytes]:
    """Return the generated files, by their paths in the repository."""
    return {
        "docs/dictionary.md": dictionary().encode(),
        "docs/json.md": json_keys().encode(),
        "schemas/manifest.schema.json": manifest_schema(),
    }


def main() -> None:
    """Write the generated files."""
    for name, data in generated().items():
        Path(name).write_bytes(data)


if __name__ == "__main__":
    main()
