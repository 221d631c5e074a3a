"""The data dictionary and the JSON Schema are those of the specification, and manifests are valid by it."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from jobs.cli.generate_docs import generated
from schemas.contract import SHIPPED
from schemas.data_dictionary import manifest_schema
from schemas.manifest import Manifest
from tests.services.process import ROOT
from tests.support.desk import Desk


@pytest.mark.parametrize("name", generated())
def test_what_is_shipped_is_what_is_generated(name: str) -> None:
    assert (ROOT / name).read_bytes() == generated()[name], "run `make dictionary`"


def test_the_dictionary_has_every_column_and_every_key() -> None:
    text = (ROOT / "docs" / "dictionary.md").read_text()
    for contract in SHIPPED.values():
        assert all(f"| `{c.name}` |" in text and c.column.doc in text for c in contract.columns)
    assert all(f"| `{key}` |" in text for key in Manifest.__struct_fields__)


def test_manifests_are_valid_by_the_schema(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("", "Queue = 5", 'ContactId = "call-2"; Agent = null')
    desk.release()
    desk.deliver('ContactId = "call-3"')
    desk.release()
    schema = json.loads(manifest_schema())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for version in (1, 2):
        manifest = desk.manifest(version)
        assert [*validator.iter_errors(manifest)] == []
        for key in manifest:
            less = copy.deepcopy(manifest)
            del less[key]
            assert [*validator.iter_errors(less)], key
        assert [*validator.iter_errors(manifest | {"version": "1"})]
