"""The manifest's text."""

import msgspec

from schemas.manifest import Manifest, json_text
from tests.support.records import MANIFEST


def test_the_manifest_text_is_the_same_for_the_same_value() -> None:
    assert json_text(MANIFEST) == json_text(msgspec.structs.replace(MANIFEST, version=1))
    assert json_text(MANIFEST).endswith(b"\n}\n")
    assert msgspec.json.decode(json_text(MANIFEST), type=Manifest) == MANIFEST
