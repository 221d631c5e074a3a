"""docs/commands.md shows what `make demo` prints: the same seed, the same totals, the same lines."""

from pathlib import Path

import msgspec

from jobs.agents.table import load_agents
from jobs.releases.results import table
from jobs.report.result import ReportResult
from jobs.sample.archive import write_sample
from schemas.manifest import Audit
from tests.report.pages import document
from tests.support.backfills import Publisher, read_into_ledger
from transforms.lines.chain_checks import RULES

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
SEED, CONTACTS = 7, 3000  # the command's defaults, which `make demo` takes


def test_the_page_shows_what_the_demo_prints(tmp_path: Path) -> None:
    write_sample(tmp_path, contacts=CONTACTS, seed=SEED)
    agents = load_agents(tmp_path / "agents.csv")
    out = tmp_path / "out"
    results = read_into_ledger(tmp_path / "archive", out, agents)
    dates = sorted({date for result in results if result.mark for date in result.mark.rows} - {"unknown"})
    released = Publisher(out, agents).publish(*dates)
    shown = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [(r.billing_date, r.control, "v0001") for r in released]
    printed = table(rows).splitlines()
    assert [line.split() for line in printed[1:]] == [
        line.split() for line in shown if line.startswith(tuple(dates)) and line.endswith("v0001")
    ]
    told = [f"{r.billing_date}: {r.findings_text} " for r in released if r.findings]
    assert [line.partition("(see")[0] for line in shown if "(see" in line] == told
    audits = [msgspec.json.decode(Path(r.audit).read_bytes(), type=Audit) for r in released]
    assert {rule for audit in audits for rule, found in audit.chains.items() if found} == set(RULES)
    lines = Path(released[0].location, "billing.csv").read_bytes().decode().split("\r\n")[:4]
    assert [line for line in shown if line in lines] == lines
    for role, name in (("supervisor", "service"), ("operator", "flow"), ("billing", "report")):
        data = document(out, role)
        assert data.startswith(b"<!DOCTYPE html>")
        said = ReportResult(f"out/demo/{name}.html", role, len(data)).text()
        # Letters may be drawn with other fonts elsewhere; the sizes then differ a little.
        assert [line for line in shown if line.startswith(said.rpartition(",")[0])]
