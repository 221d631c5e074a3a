"""What is shipped for Prometheus and Grafana. In: deploy/monitoring, docs. Out: rules, queries, names of metrics."""

import json
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.services.process import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
RUNBOOK = ROOT / "docs" / "runbook"
# In Flink's names the job's own metrics come after its operator's scope.
SCOPE = "flink_taskmanager_job_task_operator_contact_billing_"
_NAME = re.compile(r"\b(?:flink_(?:job|task)manager|contact_billing)_\w*[a-zA-Z0-9]\b")
_TEXT = re.compile(r'"[^"]*"')
_ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def yaml(name: str) -> Any:
    """A file of deploy/monitoring."""
    return YAML(typ="safe").load(FOLDER / name)


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert, by its name."""
    return {rule["alert"]: rule for group in yaml("rules.yaml")["groups"] for rule in group["rules"]}


def dashboard() -> dict[str, Any]:
    """Grafana's dashboard."""
    found: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    return found


def queries() -> dict[str, str]:
    """What every target of every panel asks, with Grafana's variables in place."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "1m")
        for panel in dashboard()["panels"]
        for target in panel.get("targets", ())
    }


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression mentions."""
    return set(_NAME.findall(_TEXT.sub("", expression)))


def metrics_in_docs() -> set[str]:
    """The metrics that docs/live.md and the runbook name, in full or in the table of the job's own."""
    live = (ROOT / "docs" / "live.md").read_text()
    section = live.partition("## Metrics")[2].partition("\n## ")[0]
    own = {name if name.startswith(("contact_billing", "flink")) else SCOPE + name for name in _ROW.findall(section)}
    told = [live, *(page.read_text() for page in pages())]
    named = {
        name for text in told for name in re.findall(r"\b(?:flink_(?:job|task)manager_\w+|contact_billing_\w+)", text)
    }
    return own | {name for name in named if not name.endswith("_") and name != "contact_billing_stream"}


def pages() -> list[Path]:
    """The runbook's pages."""
    return sorted(RUNBOOK.glob("*.md"))
