"""What a file that holds no record seems to be, from its first bytes."""

import pytest

from jobs.ingest.archive.seeming_form import seeming_form

FORMS = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0",
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "HTML": b"\xef\xbb\xbf \n<!DOCTYPE html><html>",
    "XML": b'<?xml version="1.0"?><Error/>',
    "ORC": b"ORC\x11\0\0\x0a",
    "LZ4": b"\x04\x22\x4d\x18\x64\x40",
    "xz": b"\xfd7zXZ\0\0\x04",
    "7z": b"7z\xbc\xaf\x27\x1c\0\x04",
    "tar": b"calls.json".ljust(257, b"\0") + b"ustar\0" + b"00",
    "PGP": b"-----BEGIN PGP MESSAGE-----\n",
    "encrypted ZIP": b"PK\x03\x04\x14\0\x09\0\x08\0",
    "ZIP": b"PK\x03\x04\x14\0\0\0\x08\0",
    "text": b"ContactId,Channel\n1,VOICE\n",
    "JSON without an object": b'["a", 1]',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "binary data": b"\0\1\2\3",
}
OTHERS = {
    "XML": b"  <Error><Code>AccessDenied</Code></Error>",
    "HTML": b"<html lang=en>",
    "PGP": b"\x85\x02\x0c\x03aaaa",
    "text": "café".encode()[:-1],
    "binary data": b"caf\xe9 au lait",
}


@pytest.mark.parametrize(("form", "head"), [*FORMS.items(), *OTHERS.items()])
def test_forms(form: str, head: bytes) -> None:
    assert seeming_form(head) == form


@pytest.mark.parametrize("size", range(9))
def test_any_head_has_a_form(size: int) -> None:
    assert all(seeming_form(head[:size]) for head in FORMS.values())
