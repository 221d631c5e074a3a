"""The provider's extension: contact attribute or agent-extension table, as of the connection.

Each case is decided twice: when the record is read (transforms) and when its date is released
(SQL over the ledger). Both must say the same.
"""

import json
from pathlib import Path

import pytest

from schemas.billing_rules import Rules
from tests.support.ledgers import NO_AGENTS, date_tables, history, lines_and_control, new_ledger, write_payloads
from tests.support.records import ARN, DATE, changed
from tests.support.tables import Row, cases, table
from transforms.records.extension import AgentHistory
from transforms.records.outcome import outcome

AGENTS = history(
    table("""
| agent_id | extension | valid_from           | valid_to             |
|----------|-----------|----------------------|----------------------|
| nurse-1  | 100       |                      | 2026-03-01T10:00:00Z |
| nurse-1  | 0200      | 2026-03-01T10:00:00Z | 2026-03-01T11:00:00Z |
| nurse-1  | 300       | 2026-03-01T12:00:00Z |                      |
| nurse-2  |           |                      |                      |
| nurse-3  | x-12/b    |                      |                      |
| nurse-5  | 500       | 2026-03-01T10:00:00Z |                      |
| nurse-4  | 123456    |                      |                      |
""")
)

# Nobody in the table is called nurse-9. Times are those of 1 March 2026, UTC.
ATTRIBUTE = r"""
| the attribute  | agent   | connected | extension | why                                                 |
|----------------|---------|-----------|-----------|-----------------------------------------------------|
| "0042"         | nurse-9 | 10:30:00Z | 0042      | leading zeros matter                                |
| "7"            | nurse-9 | 10:30:00Z | 7         | one digit is the least                              |
| "99999"        | nurse-9 | 10:30:00Z | 99999     | five digits are the most                            |
| "0"            | nurse-9 | 10:30:00Z | 0         | zero is an extension                                |
| "123456"       | nurse-9 | 10:30:00Z | held      | six digits                                          |
| "Timeout"      | nurse-9 | 10:30:00Z | held      | what Connect stores when the caller keys in nothing |
| ""             | nurse-9 | 10:30:00Z | held      | empty                                               |
| null           | nurse-9 | 10:30:00Z | held      | null                                                |
| " 42"          | nurse-9 | 10:30:00Z | held      | the pattern matches the whole text                  |
| "42 "          | nurse-9 | 10:30:00Z | held      |                                                     |
| "42\n"         | nurse-9 | 10:30:00Z | held      | a line break at the end                             |
| "42#"          | nurse-9 | 10:30:00Z | held      |                                                     |
| "-1"           | nurse-9 | 10:30:00Z | held      |                                                     |
| "4.2"          | nurse-9 | 10:30:00Z | held      |                                                     |
| "\u0664\u0662" | nurse-9 | 10:30:00Z | held      | Arabic-Indic digits                                 |
| "\uff14\uff12" | nurse-9 | 10:30:00Z | held      | full-width digits                                   |
| "\u00b2"       | nurse-9 | 10:30:00Z | held      | a superscript                                       |
| "Timeout"      | nurse-1 | 10:30:00Z | 0200      | no extension, so the table's                        |
| "42\n"         | nurse-1 | 10:30:00Z | 0200      |                                                     |
"""

AS_OF = """
| the attribute | agent   | connected        | extension | why                                           |
|---------------|---------|------------------|-----------|-----------------------------------------------|
| null          | nurse-1 | 09:00:00Z        | 100       | open at its beginning                         |
| null          | nurse-1 | 09:59:59Z        | 100       | the last second                               |
| null          | nurse-1 | 09:59:59.999999Z | 100       | the last instant                              |
| null          | nurse-1 | 10:00:00Z        | 0200      | the end belongs to what follows               |
| null          | nurse-1 | 11:00:00+01:00   | 0200      | the same instant                              |
| null          | nurse-1 | 10:59:59Z        | 0200      |                                               |
| null          | nurse-1 | 11:00:00Z        | held      | in the gap                                    |
| null          | nurse-1 | 11:59:59.999999Z | held      |                                               |
| null          | nurse-1 | 12:00:00Z        | 300       | the beginning belongs to it                   |
| null          | nurse-1 | 23:59:59Z        | 300       | open at its end                               |
| null          | nurse-2 | 10:30:00Z        | held      | an empty extension is none                    |
| null          | nurse-3 | 10:30:00Z        | x-12/b    | extensions of the table are taken as they are |
| null          | nurse-4 | 10:30:00Z        | 123456    |                                               |
| null          | nurse-5 | 09:59:59.999999Z | held      | before the first row                          |
| null          | nurse-5 | 10:00:00Z        | 500       |                                               |
| null          | nurse-9 | 10:30:00Z        | held      | unknown to the table                          |
| null          | NURSE-1 | 10:30:00Z        | held      | another id                                    |
"""

PRECEDENCE = """
| precedence      | the attribute | agent   | connected | extension | conflict |
|-----------------|---------------|---------|-----------|-----------|----------|
| attribute_first | "42"          | nurse-1 | 10:30:00Z | 42        | yes      |
| directory_first | "42"          | nurse-1 | 10:30:00Z | 0200      | yes      |
| attribute_first | "0200"        | nurse-1 | 10:30:00Z | 0200      |          |
| directory_first | "0200"        | nurse-1 | 10:30:00Z | 0200      |          |
| attribute_first | "200"         | nurse-1 | 10:30:00Z | 200       | yes      |
| directory_first | "42"          | nurse-2 | 10:30:00Z | 42        |          |
| directory_first | "42"          | nurse-9 | 10:30:00Z | 42        |          |
| directory_first | "42"          | nurse-1 | 11:30:00Z | 42        |          |
| directory_first | "Timeout"     | nurse-1 | 10:30:00Z | 0200      |          |
| attribute_first | "Timeout"     | nurse-1 | 10:30:00Z | 0200      |          |
| directory_first | "Timeout"     | nurse-9 | 10:30:00Z | held      |          |
"""


def _record(row: Row) -> bytes:
    """A call of that agent; it began at 09:00 and ended at midnight."""
    record = changed(f'InitiationTimestamp = "{DATE}T09:00:00Z"; DisconnectTimestamp = "2026-03-02T00:00:00Z"')
    record["Attributes"] = {"extensionNumber": json.loads(row["the attribute"])}
    record["Agent"]["ARN"] = ARN + row["agent"]
    record["Agent"]["ConnectedToAgentTimestamp"] = f"{DATE}T{row['connected']}"
    return json.dumps(record).encode()


@pytest.mark.parametrize("row", [*cases(ATTRIBUTE), *cases(AS_OF), *cases(PRECEDENCE)])
def test_extension(row: Row, tmp_path: Path) -> None:
    rules = Rules(extension_precedence=row.get("precedence", "attribute_first"))
    held, conflict = row["extension"] == "held", row.get("conflict") == "yes"

    read = outcome(_record(row), AGENTS, rules)
    assert (read.outcome, read.reason) == (("held", "extension_unmatched") if held else ("billable", None))
    assert (read.extension or "held") == row["extension"]
    assert read.extension_conflict == conflict or "conflict" not in row

    # The row was read without a table, as if it had come later: the release joins again.
    ledger = new_ledger(tmp_path)
    write_payloads(ledger, [_record(row)], NO_AGENTS, rules)
    lines, control = lines_and_control(ledger, DATE, AGENTS, rules)
    assert [line["provider_extension"] for line in lines] == [row["extension"]] * (not held)
    assert (control.billed, control.held) == (int(not held), int(held))


@pytest.mark.parametrize(
    ("arn", "extension"),
    [
        (ARN + "nurse-3", "x-12/b"),
        ("nurse-3", "held"),
        ("arn:aws:connect:us-east-1:1:instance/i-1/agent-group/nurse-3", "held"),
        (ARN, "held"),
        (None, "held"),
    ],
)
def test_the_agents_id_is_the_part_of_the_arn_behind_agent(arn: str | None, extension: str) -> None:
    record = changed("Attributes = null")
    record["Agent"]["ARN"] = arn
    found = outcome(json.dumps(record).encode(), AGENTS, Rules())
    assert (found.extension or "held") == extension


def test_conflicts_are_counted_over_billed_lines(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    rows = table(PRECEDENCE)[:3]
    payloads = [_record(row).replace(b"call-1", f"call-{n}".encode()) for n, row in enumerate(rows)]
    write_payloads(ledger, payloads, AgentHistory())
    with date_tables(ledger, DATE, AGENTS) as tables:
        assert tables.warnings() == {"extension_conflict": 2, "patient_phone_withheld": 0}
