"""Alerts, dashboard and runbook as files: whole, tested, and of one mind."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import click
import pytest

from jobs.cli.main import cli
from tests.monitoring.shipped import FOLDER, alerts, dashboard, metrics_in, pages, yaml
from tests.services.process import ROOT
from tests.services.prometheus import promtool

HEADINGS = ["What it means", "What to look at", "What to do", "How to know that it is over"]
COMMAND = re.compile(r"(?<!-n )\bcontact-billing ((?:[a-z-]+\b ?)+)([^\n`]*)")
PANELS = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("check", [("config", "prometheus.yaml"), ("rules", "rules.yaml")], ids=lambda c: c[0])
def test_promtool_takes_them(check: tuple[str, str]) -> None:
    code, said = promtool("check", *check, folder=FOLDER)
    assert code == 0, said
    assert "SUCCESS" in said


def test_every_alert_rings_when_it_should() -> None:
    code, said = promtool("test", "rules", "rules.test.yaml", folder=FOLDER)
    assert code == 0, said


def test_every_alert_is_tested_ringing_and_silent_and_looks_at_something() -> None:
    tests = [
        (rule["alertname"], bool(rule["exp_alerts"]), {metrics_in(s["series"]).pop() for s in test["input_series"]})
        for test in yaml("rules.test.yaml")["tests"]
        for rule in test["alert_rule_test"]
    ]
    assert sorted((name, rings) for name, rings, _ in tests) == sorted((n, r) for n in alerts() for r in (False, True))
    # A test that is silent for want of the metric would show nothing.
    assert [name for name, _, given in tests if given != metrics_in(alerts()[name]["expr"])] == []


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_a_page(name: str) -> None:
    rule = alerts()[name]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() == {"summary", "runbook_url"}
    page = ROOT / rule["annotations"]["runbook_url"]
    assert page.stem == name
    text = page.read_text()
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    parts = re.split(r"^## .*$", text, flags=re.MULTILINE)
    assert all(part.strip() for part in parts)
    assert "    " in parts[2], "no command to look with"


def test_every_page_has_an_alert() -> None:
    assert [page.stem for page in pages()] == sorted(alerts())


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.stem)
def test_commands_and_links_of_a_page_are_there(page: Path) -> None:
    text = page.read_text()
    for words, rest in COMMAND.findall(text):
        found = command(words.split())
        known = {option for parameter in found.params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", " " + rest)) <= known, words
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / link).exists(), link


def command(words: list[str]) -> click.Command:
    """The command of these words; what follows it are its arguments."""
    found: click.Command = cli
    for word in words:
        if not isinstance(found, click.Group):
            break
        assert word in found.commands, " ".join(words)
        found = found.commands[word]
    return found


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    found = dashboard()
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time", "refresh"} <= found.keys()
    (variable,) = found["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    ids = [panel["id"] for panel in found["panels"]]
    assert sorted(set(ids)) == ids
    for one, other in combinations(found["panels"], 2):
        assert not overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p["title"])
def test_a_panel_asks_the_chosen_source(panel: dict[str, Any]) -> None:
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    assert panel["datasource"] == source
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
    for target in panel["targets"]:
        assert target["datasource"] == source
        assert metrics_in(target["expr"])
        assert target["legendFormat"]


def test_what_rings_can_be_seen() -> None:
    shown = {name for panel in PANELS for target in panel["targets"] for name in metrics_in(target["expr"])}
    assert {name for rule in alerts().values() for name in metrics_in(rule["expr"])} <= shown


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether two places of the grid share a cell."""
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in (("x", "w"), ("y", "h"))
    )
