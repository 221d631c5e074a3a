"""A version's files against one another, where lines look alike: each counts as often as it is there."""

import pytest

from jobs.sql.connection import connect
from schemas.contract import Contract, choose
from tests.support.tables import Row, cases
from transforms.lines.file_checks import applied_amendments, unknown_amendments

# Without a contact's id, so that two lines may be the same.
CONTRACT = Contract("own", (choose("provider_extension"), choose("talk_seconds")))


# Lines are letters; an amendment is +a (added), -a (withdrawn) or ab (a changed into b).
CASES = """
| before | amendments | now   | unfounded | applied |
|--------|------------|-------|-----------|---------|
|        |            |       | 0         | 0       |
| a      |            | a     | 0         | 0       |
| a a    |            | a a   | 0         | 0       |
| a a    |            | a     | 0         | 1       |
| a      |            | a a   | 0         | 1       |
| a      | +a         | a a   | 0         | 0       |
| a      | +a +a      | a a a | 0         | 0       |
| a      | +a +a      | a a   | 0         | 1       |
| a      | +a         | a     | 0         | 1       |
|        | +a +a      | a     | 0         | 1       |
| a a    | -a         | a     | 0         | 0       |
| a a    | -a         |       | 0         | 1       |
| a a    | -a -a      |       | 0         | 0       |
| a a    | -a -a      | a     | 0         | 1       |
| a      | -a -a      |       | 1         | 0       |
|        | -a         |       | 1         | 0       |
| b      | -a         | b     | 1         | 0       |
| a a    | ab         | a b   | 0         | 0       |
| a a    | ab ab      | b b   | 0         | 0       |
| a a    | ab ab      | a b   | 0         | 2       |
| a      | ab ab      | b b   | 1         | 0       |
| a b    | +b -a      | b b   | 0         | 0       |
| a b    | +b -a      | b     | 0         | 1       |
| a      | +a         | b b   | 0         | 4       |
"""


def line(letter: str) -> tuple[str | None, str | None]:
    return ("1", letter) if letter else (None, None)


def change(word: str) -> tuple[str | None, ...]:
    """The kind, the new values, those before."""
    if word[0] == "+":
        return ("ADDED", *line(word[1]), *line(""))
    if word[0] == "-":
        return ("WITHDRAWN", *line(""), *line(word[1]))
    return ("CHANGED", *line(word[1]), *line(word[0]))


@pytest.mark.parametrize("row", cases(CASES))
def test_amendments_lead_from_the_lines_before_to_those_now(row: Row) -> None:
    columns = "provider_extension TEXT, talk_seconds TEXT"
    previous = "previous_provider_extension TEXT, previous_talk_seconds TEXT"
    rows = {
        f"previous_csv_lines ({columns})": [line(letter) for letter in row["before"].split()],
        f"csv_amendments (amendment TEXT, {columns}, {previous})": [change(word) for word in row["amendments"].split()],
        f"csv_lines ({columns})": [line(letter) for letter in row["now"].split()],
    }
    with connect() as sql:
        for table, values in rows.items():
            sql.execute(f"CREATE TABLE {table}")
            for value in values:
                sql.execute(f"INSERT INTO {table.split()[0]} VALUES ({', '.join('?' * len(value))})", value)
        found = [sql.execute(statement(CONTRACT)).fetchall() for statement in (unknown_amendments, applied_amendments)]
    assert found == [[(int(row["unfounded"]),)], [(int(row["applied"]),)]]
