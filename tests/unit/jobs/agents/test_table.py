"""The agent-extension table: three forms, and errors that name rows, never values."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.agents.table import load_agents
from schemas.errors import InputError
from tests.support.agents import ROWS, csv, json_lines, parquet
from tests.support.tables import Row, cases
from transforms.records.extension import BEGINNING, END, Assignment
from transforms.records.timestamps import instant

MARCH = instant("2026-03-01T00:00:00Z")
APRIL = instant("2026-04-01T00:00:00Z")
WANTED = (
    Assignment("nurse-1", "0417", BEGINNING, MARCH),
    Assignment("nurse-1", "0500", MARCH, APRIL),
    Assignment("nurse-2", "", MARCH, END),
)


PREFIX = b" arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/"

# Rows below a header; MARK stands for what no message may tell.
BAD = """
| rows                                                                       | place        | what is wrong            |
|----------------------------------------------------------------------------|--------------|--------------------------|
| a,1,, / ,MARK,,                                                            | row 2        | agent_id is empty        |
| a,MARK,yesterday,                                                          | row 1        | valid_from is not an     |
| MARK,1,,2026-03-01                                                         | row 1        | valid_to is not an       |
| MARK,1,2026-03-01T00:00:00Z,2026-03-01T00:00:00Z                           | row 1        | valid_to is not after    |
| MARK,1,2026-03-02T00:00:00Z,2026-03-01T00:00:00Z                           | row 1        | valid_to is not after    |
| b,1,, / MARK,1,, / MARK,2,,                                                | rows 2 and 3 | overlap                  |
| MARK,1,,2026-03-02T00:00:00Z / b,1,, / MARK,2,2026-03-01T23:59:59.999999Z, | rows 1 and 3 | overlap                  |
| MARK,1,2026-03-01T00:00:00Z, / MARK,1,,                                    | rows 1 and 2 | overlap                  |
| MARK,1,, / arn:aws:connect:r:1:instance/i/agent/MARK,2,,                   | rows 1 and 2 | overlap                  |
| arn:aws:connect:r:1:instance/i/agent/,MARK,,                               | row 1        | agent_id is empty        |
| arn:aws:connect:r:1:instance/i/queue/MARK,1,,                              | row 1        | not an agent's ARN or id |
| ,,, / a,MARK,,                                                             | row 1        | agent_id is empty        |
| a,1,, / ,,, / b,MARK,,                                                     | row 2        | agent_id is empty        |
| a,04,17,MARK                                                               | row 1        | valid_from is not an     |
| a,1,,,MARK                                                                 | row 1        | more cells than          |
"""
UNUSABLE = {
    "binary": b"\x00\x01\xff\xfeMARK",
    "a Parquet file cut off": b"PAR1MARK",
    "broken JSON": b'{"agent_id": "MARK"',
    "a JSON line that is no object": b'{"agent_id": "a", "extension": "1"}\n["MARK"]\n',
    "quotes that do not end": b'agent_id,extension\n"MARK',
    "a header without the extension": b"agent_id,phone\nMARK,1\n",
    "no header": b"MARK,1,,\n",
    "nothing": b"",
}


def write(folder: Path, data: bytes) -> Path:
    path = folder / "table"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", [csv, json_lines, parquet])
def test_every_form_gives_the_same_history(form, tmp_path: Path) -> None:
    assert load_agents(write(tmp_path, form(ROWS))).assignments == WANTED


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="line ends of Windows"),
        pytest.param(lambda data: data + b"\n", id="line break at the end"),
        pytest.param(lambda data: data.replace(b"nurse-1", b" nurse-1\xc2\xa0"), id="blanks around an id"),
        pytest.param(lambda data: data.replace(b"0417", b" 0417 "), id="blanks around an extension"),
        pytest.param(
            lambda data: data.replace(b"2026-04-01T00:00:00Z", b"2026-04-01T00:00:00Z "), id="around an instant"
        ),
        pytest.param(lambda data: data.replace(b"nurse-", PREFIX + b"nurse-"), id="ARNs"),
    ],
)
def test_files_of_other_programs(change, tmp_path: Path) -> None:
    assert load_agents(write(tmp_path, change(csv(ROWS)))).assignments == WANTED
    assert load_agents(write(tmp_path, change(json_lines(ROWS)))).assignments == WANTED


def test_columns_in_any_order_more_of_them_and_quoted_cells(tmp_path: Path) -> None:
    data = b'extension,username,agent_id\n"04,17",Nurse One,nurse-1\n'
    assert load_agents(write(tmp_path, data)).assignments == (Assignment("nurse-1", "04,17"),)


EMPTY = {"csv": b"%s\n,,,\n , ,\n \n,,,,,\n", "json": b'%s\n{}\n{"agent_id": null, "extension": " "}\n'}


@pytest.mark.parametrize(("form", "end"), [(csv, EMPTY["csv"]), (json_lines, EMPTY["json"])])
def test_empty_rows_at_the_end_are_no_rows(form, end: bytes, tmp_path: Path) -> None:
    assert load_agents(write(tmp_path, end % form(ROWS))).assignments == WANTED
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"agent_id": ["nurse-1", None], "extension": ["0417", " "]}), sink)
    assert load_agents(write(tmp_path, bytes(sink.getvalue()))).assignments == (Assignment("nurse-1", "0417"),)


def test_a_header_with_blanks_and_columns_without_a_name(tmp_path: Path) -> None:
    data = b" extension , agent_id,,\n0417, nurse-1 ,,\n"
    assert load_agents(write(tmp_path, data)).assignments == (Assignment("nurse-1", "0417"),)


def _parquet_twice() -> bytes:
    sink = pa.BufferOutputStream()
    columns = [pa.array(["nurse-1"]), pa.array(["0417"]), pa.array(["0500"])]
    pq.write_table(pa.Table.from_arrays(columns, ["agent_id", "extension", "extension"]), sink)
    return bytes(sink.getvalue())


TWICE = {
    "CSV": (b"agent_id,extension,extension\na,MARK,MARK\n", "the column extension is there twice"),
    "with blanks": (b"agent_id,extension, agent_id\na,MARK,MARK\n", "the column agent_id is there twice"),
    "of another name": (b"agent_id,extension,MARK,MARK\na,1,2,3\n", "a column is there twice"),
    "JSON": (
        b'{"agent_id":"a","extension":"1"}\n{"agent_id":"a","extension":"MARK","extension":"2"}',
        "row 2: the column",
    ),
    "Parquet": (_parquet_twice(), "the column extension is there twice"),
}


@pytest.mark.parametrize("data, words", TWICE.values(), ids=TWICE)
def test_a_column_that_is_there_twice_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    path = write(tmp_path, data)
    with pytest.raises(InputError) as error:
        load_agents(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)
    assert "MARK" not in str(error.value)


def test_a_table_may_have_a_column_that_is_called_as_dynamodb_does(tmp_path: Path) -> None:
    data = b"agent_id,extension,agentId (S)\nnurse-1,0417,nurse-9\n"
    assert load_agents(write(tmp_path, data)).assignments == (Assignment("nurse-1", "0417"),)


def test_a_table_without_rows(tmp_path: Path) -> None:
    assert load_agents(write(tmp_path, b"agent_id,extension,valid_from,valid_to\n")).assignments == ()


def test_parquet_with_instants_as_such(tmp_path: Path) -> None:
    at = pa.array([datetime(2026, 3, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"agent_id": ["nurse-1"], "extension": ["0417"], "valid_from": at}), sink)
    found = load_agents(write(tmp_path, bytes(sink.getvalue())))
    assert found.assignments == (Assignment("nurse-1", "0417", MARCH, END),)


@pytest.mark.parametrize("row", cases(BAD))
def test_a_bad_row_is_named_and_no_value_is_told(row: Row, tmp_path: Path) -> None:
    data = "agent_id,extension,valid_from,valid_to\n" + row["rows"].replace(" / ", "\n").replace("MARK", "nurse-7f3")
    path = write(tmp_path, data.encode())
    with pytest.raises(InputError) as error:
        load_agents(path)
    message = str(error.value)
    assert row["place"] in message
    assert row["what is wrong"] in message
    assert str(path) in message
    assert "nurse-7f3" not in message
    assert "yesterday" not in message


@pytest.mark.parametrize("value", [417, 4.17, True, ["0417"], {"x": 1}])
@pytest.mark.parametrize("name", ["agent_id", "extension"])
def test_an_extension_that_is_a_number_is_refused_because_leading_zeros_matter(
    name: str, value, tmp_path: Path
) -> None:
    row = {"agent_id": "nurse-1", "extension": "0417", name: value}
    with pytest.raises(InputError, match=f"row 1: {name} is not a text"):
        load_agents(write(tmp_path, json.dumps(row).encode()))


@pytest.mark.parametrize("data", UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_is_no_table(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, data)
    with pytest.raises(InputError) as error:
        load_agents(path)
    assert str(path) in str(error.value)
    assert "MARK" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        load_agents(tmp_path / "nowhere.csv")
