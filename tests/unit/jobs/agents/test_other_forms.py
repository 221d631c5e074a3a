"""What is often given for an agent-extension table: told as what it is, with the way out and no value."""

import gzip
from pathlib import Path

import pytest

from jobs.agents.table import load_agents
from schemas.errors import InputError
from tests.support.agents import ROWS, csv
from tests.unit.jobs.agents.test_table import write

EXPORT = b'{"Item":{"agentId":{"S":"MARK"},"extension":{"S":"MARK"}}}\n'
FILES = b'{"itemCount":1,"md5Checksum":"","etag":"","dataFileS3Key":"AWSDynamoDB/MARK/data/MARK.json.gz"}\n'
SUMMARY = b'{\n  "version": "2020-06-30",\n  "exportArn": "arn:aws:dynamodb:MARK",\n  "itemCount": 8\n}\n'
SYNC = "`contact-billing agents sync`"
# What a file is, with the ways out.
FORMS = {
    "semicolons": (b"agent_id;extension;valid_from;valid_to\nMARK;1;;\n", "separated by semicolons", "by commas"),
    "tabs": (b'"agent_id"\t"extension"\nMARK\t1\n', "separated by tabs", "by commas"),
    "an export": (EXPORT * 3, "an export of a DynamoDB table", SYNC),
    "an export as it is": (gzip.compress(EXPORT * 3), "an export of a DynamoDB table", SYNC),
    "an export that is cut off": (gzip.compress(EXPORT * 3)[:-9], "an export of a DynamoDB table", SYNC),
    "an export as Ion": (b"$ion_1_0 {Item:{agentId:MARK}}", "an export of a DynamoDB table", SYNC),
    "items": (b'{"Items": [\n {"agentId": {"S": "MARK"}}\n]}', "an export of a DynamoDB table", SYNC),
    "typed items": (b'{"agentId": {"S": "MARK"}, "extension": {"S": "1"}}\n', "an export of a DynamoDB table", SYNC),
    "plain items": (b'{"agentId": "MARK", "extension": "1"}\n', "a list of a DynamoDB table's items", SYNC),
    "its files": (FILES * 2, "the manifest of an export of a DynamoDB table", SYNC),
    "its summary": (SUMMARY, "the manifest of an export of a DynamoDB table", SYNC),
    "its summary in a line": (SUMMARY.replace(b"\n", b""), "the manifest of an export of a DynamoDB table", SYNC),
    "the console's CSV": (b'"agentId (S)","extension (S)"\n"MARK","1"\n', "CSV of a DynamoDB table's items", SYNC),
    "the console's new CSV": (b"agentId,extension,userId\nMARK,1,\n", "CSV of a DynamoDB table's items", SYNC),
    "the same, of Europe": (b"agentId;extension\r\nMARK;1\r\n", "CSV of a DynamoDB table's items", SYNC),
    "a compressed table": (gzip.compress(csv(ROWS)), "compressed", "agent_id, extension, valid_from, valid_to"),
    "gzip alone": (b"\x1f\x8bMARK", "compressed", "agent_id, extension, valid_from, valid_to"),
}


@pytest.mark.parametrize("data, form, way_out", FORMS.values(), ids=FORMS)
def test_what_is_often_given_for_a_table_is_told_as_what_it_is(
    data: bytes, form: str, way_out: str, tmp_path: Path
) -> None:
    path = write(tmp_path, data)
    with pytest.raises(InputError) as error:
        load_agents(path)
    message = str(error.value)
    assert f"agents table {path} is {form}; " in message
    assert way_out in message
    assert "MARK" not in message
    assert "\n" not in message
