"""Prometheus. In: a folder, a configuration. Out: a server that scrapes, and what it has; and what promtool says."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.services.process import BUILD, HOST, PATIENCE, Server, free_ports, installed, running

BIN = BUILD / "prometheus" / "usr" / "bin"


class Prometheus(Server):
    """A server that keeps what it has scraped below the folder."""

    def __init__(self, folder: Path, configuration: dict[str, Any]) -> None:
        (port,) = free_ports(1)
        self._address = f"http://{HOST}:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "prometheus.yaml"
        with file.open("w") as text:
            YAML(typ="safe").dump(configuration, text)
        command = (
            installed(BIN / "prometheus", "services"),
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={HOST}:{port}",
        )
        super().__init__("Prometheus", command, folder / "prometheus.log", self._answers)

    def query(self, expression: str) -> list[float]:
        """The values that an expression has now. ValueError: it is none."""
        found = self._get("query", query=expression)["result"]
        return [float(sample["value"][1]) for sample in found]

    def names(self) -> set[str]:
        """The names of all metrics."""
        return set(self._get("label/__name__/values"))

    def targets(self) -> dict[str, list[str]]:
        """The health of the targets of every scrape job."""
        found: dict[str, list[str]] = {}
        for target in self._get("targets")["activeTargets"]:
            found.setdefault(target["labels"]["job"], []).append(target["health"])
        return found

    def rules(self) -> dict[str, str]:
        """The health of every rule."""
        return {rule["name"]: rule["health"] for group in self._get("rules")["groups"] for rule in group["rules"]}

    def _get(self, path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self._address}/api/v1/{path}?{query}", timeout=60) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{path} {parameters}: {error.read().decode()}") from None

    def _answers(self) -> bool:
        with suppress(urllib.error.HTTPError):
            return bool(urllib.request.urlopen(f"{self._address}/-/ready", timeout=5).status == 200)
        return False


def prometheus(folder: Path, configuration: dict[str, Any]) -> AbstractContextManager[Prometheus]:
    """A running server."""
    return running(Prometheus(folder, configuration))


def promtool(*arguments: object, folder: Path) -> tuple[int, str]:
    """What promtool says of files in a folder: its exit code, and its words."""
    command = [str(installed(BIN / "promtool", "services")), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr
