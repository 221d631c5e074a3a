"""What the check lists, with agents and extensions; what its error says, without them."""

import json
from pathlib import Path

import pytest

from jobs.agents.check import check_history, run_check
from jobs.agents.table import load_agents
from jobs.runtime.output import emit_json, emit_text
from schemas.errors import AuditFailed, InputError
from tests.support.agents import rows
from transforms.agents.checks import check_assignments
from transforms.records.timestamps import instant

NOW = instant("2026-03-20T00:00:00Z") or 0
HEADER = "agent_id,extension,valid_from,valid_to\n"
TABLE = f"""{HEADER}\
nurse-1,0417,,2026-03-01T00:00:00Z
nurse-1,0500,2026-03-05T00:00:00Z,
nurse-2,0417,2026-02-01T00:00:00Z,
nurse-3,7,,2026-03-10T00:00:00Z
nurse-4,,,
"""
LISTING = """\
shared: extension 0417 of agents nurse-1 and nurse-2, from 2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z (rows 1 and 3)
gap: agent nurse-1, from 2026-03-01T00:00:00Z to 2026-03-05T00:00:00Z (rows 1 and 2)
without extension: agent nurse-3, since 2026-03-10T00:00:00Z (row 4)
without extension: agent nurse-4, ever
table: 5 rows, 4 agents; shared extensions: 1, gaps: 1, agents without an extension now: 2"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "agents.csv"
    path.write_text(TABLE)
    return path


def test_the_listing(table: Path) -> None:
    assert check_history(check_assignments(load_agents(table).assignments, NOW), "table", NOW).text() == LISTING


def test_the_document(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emit_json(check_history(check_assignments(load_agents(table).assignments, NOW), "table", NOW))
    assert json.loads(capsys.readouterr().out) == {
        "table": "table",
        "at": "2026-03-20T00:00:00Z",
        "rows": 5,
        "agents": 4,
        "shared": [
            {
                "rows": [1, 3],
                "extension": "0417",
                "agent_ids": ["nurse-1", "nurse-2"],
                "valid_from": "2026-02-01T00:00:00Z",
                "valid_to": "2026-03-01T00:00:00Z",
            }
        ],
        "gaps": [
            {
                "rows": [1, 2],
                "agent_id": "nurse-1",
                "valid_from": "2026-03-01T00:00:00Z",
                "valid_to": "2026-03-05T00:00:00Z",
            }
        ],
        "without": [
            {"agent_id": "nurse-3", "row": 4, "since": "2026-03-10T00:00:00Z"},
            {"agent_id": "nurse-4", "row": None, "since": None},
        ],
    }


def test_an_open_end_is_null_and_ever() -> None:
    found = check_history(check_assignments(rows("a 1 -..-, b 1 -..-"), NOW), "table", NOW)
    assert "from ever to open" in found.text()
    (shared,) = found.shared
    assert (shared.valid_from, shared.valid_to) == (None, None)


def test_what_a_table_has_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "agents.csv"
    path.write_text(f"{HEADER}nurse-\x1b[2J,,,\n")
    found = check_history(check_assignments(load_agents(path).assignments, NOW), "table", NOW)
    assert "agent 'nurse-\\x1b[2J', ever" in found.text()
    emit_json(found)
    assert "\x1b" not in capsys.readouterr().out


def test_strict_fails_where_there_is_something(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AuditFailed) as error:
        run_check(None, str(table), strict=True, emit=emit_text)
    message = str(error.value)
    assert f"{table}: shared extensions: 1, gaps: 1, agents without an extension now: 2" in message
    assert [word for word in ("nurse", "0417", "0500") if word in message] == []
    assert capsys.readouterr().out.splitlines()[:4] == LISTING.splitlines()[:4]
    run_check(None, str(table), strict=False, emit=emit_json)
    assert json.loads(capsys.readouterr().out)["rows"] == 5


def test_strict_is_content_where_there_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "agents.csv"
    path.write_text(f"{HEADER}nurse-1,0417,,2026-03-01T00:00:00Z\nnurse-1,0500,2026-03-01T00:00:00Z,\n")
    run_check(None, str(path), strict=True, emit=emit_text)
    assert capsys.readouterr().out.count("\n") == 1


def test_a_table_that_cannot_be_used(table: Path) -> None:
    table.write_text(TABLE.replace("2026-03-10T00:00:00Z", "soon"))
    with pytest.raises(InputError, match="row 4: valid_to is not an instant"):
        run_check(None, str(table), strict=False, emit=emit_json)
