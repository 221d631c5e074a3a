"""Writes the data dictionary and the manifest's JSON Schema to their places in the repository: `make dictionary`."""

from pathlib import Path

from schemas.dictionary import dictionary, manifest_schema


def generated() -> dict[str, bytes]:
    """The generated files, by their paths in the repository."""
    return {"docs/dictionary.md": dictionary().encode(), "schemas/manifest.schema.json": manifest_schema()}


def main() -> None:
    """Writes them."""
    for name, data in generated().items():
        Path(name).write_bytes(data)


if __name__ == "__main__":
    main()
