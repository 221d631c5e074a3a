"""Bills of materials: what the CycloneDX tools and the jars say in, build/sbom/*.cdx.json out.

    python -m deploy.sbom python ENVIRONMENT.json OUT    # only what the product needs, without the tools of tests
    python -m deploy.sbom maven CONNECTORS.json OUT      # without a clock
    python -m deploy.sbom jars OUT JAR...                # jars that no build of ours puts together: Flink's

One component per package or jar; the same bytes for the same parts. A jar that holds others says so in its
META-INF/NOTICE: these are components within it.
"""

import hashlib
import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from deploy.requirements import needed, normal

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
_JAR = re.compile(r"(?P<name>.+?)-(?P<version>\d[^/]*)\.jar")
_BUNDLED = re.compile(r"^- ([\w.-]+):([\w.-]+):([\w.-]+)", re.MULTILINE)

Document = dict[str, Any]


def product(document: Document, names: set[str]) -> Document:
    """The components of these names, and how they depend on one another."""
    root = document["metadata"]["component"]["bom-ref"]
    kept = {found["bom-ref"] for found in document["components"] if normal(found["name"]) in names} | {root}
    edges = {found["ref"]: sorted(kept & set(found.get("dependsOn", []))) for found in document["dependencies"]}
    return document | {
        "components": [found for found in document["components"] if found["bom-ref"] in kept],
        "dependencies": [{"ref": ref, "dependsOn": edges[ref]} for ref in sorted(kept & set(edges))],
    }


def without_clock(document: Document) -> Document:
    """The document without what differs from one run to the next."""
    told = {key: value for key, value in document["metadata"].items() if key != "timestamp"}
    return {key: value for key, value in document.items() if key != "serialNumber"} | {"metadata": told}


def of_jars(jars: list[Path]) -> Document:
    """The jars, and what is shaded into them."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "flink", "name": "flink"}},
        "components": [_of_jar(path) for path in sorted(jars, key=lambda path: path.name)],
    }


def _of_jar(path: Path) -> Document:
    named = _JAR.fullmatch(path.name)
    if named is None:
        raise SystemExit(f"{path.name}: no version in its name")
    name, version = named["name"], named["version"]
    with zipfile.ZipFile(path) as jar:
        properties = re.compile(rf"META-INF/maven/([^/]+)/{re.escape(name)}/pom\.properties")
        groups = [found[1] for found in map(properties.fullmatch, jar.namelist()) if found]
        notice = jar.read("META-INF/NOTICE").decode() if "META-INF/NOTICE" in jar.namelist() else ""
    # Flink's own jars say nothing of theirs.
    component = _component(groups[0] if groups else "org.apache.flink", name, version, name)
    component["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]
    bundled = [_component(*found, f"{name}/{':'.join(found)}") for found in sorted(set(_BUNDLED.findall(notice)))]
    return component | ({"components": bundled} if bundled else {})


def _component(group: str, name: str, version: str, reference: str) -> Document:
    return {
        "type": "library",
        "bom-ref": reference,
        "group": group,
        "name": name,
        "version": version,
        "purl": f"pkg:maven/{group}/{name}@{version}?type=jar",
    }


def main(kind: str, *arguments: str) -> None:
    """Writes one document."""
    if kind == "jars":
        target, *jars = map(Path, arguments)
        document = of_jars(jars)
    else:
        source, target = map(Path, arguments)
        document = without_clock(json.loads(source.read_bytes()))
        if kind == "python":
            required = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
            document = product(document, needed(required))
    target.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
