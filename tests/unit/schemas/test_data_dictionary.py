"""The data dictionary has every column and key; manifests are valid by the JSON Schema."""

import copy
import json
from pathlib import Path

from jsonschema import Draft202012Validator

from schemas.contract import SHIPPED
from schemas.data_dictionary import manifest_schema
from schemas.manifest import Manifest
from tests.services.process import ROOT
from tests.support.desk import Desk


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
