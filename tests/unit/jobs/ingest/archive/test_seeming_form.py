"""What an unreadable file is called in a message."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import cramjam
import pytest

from jobs.ingest.archive.seeming_form import seeming_form
from tests.support.compressions import STREAMS, zip_of


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("calls"))
    return file.getvalue()


def office() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return file.getvalue()


def encrypted() -> bytes:
    data = bytearray(zip_of(b"secret"))
    data[6] |= 1
    return bytes(data)


FORMS = [
    (b"", "empty"),
    (b" \r\n\t", "blanks"),
    (gzip.compress(b"x", mtime=0), "gzip"),
    (bz2.compress(b"x"), "bzip2"),
    (STREAMS["zstd"](b"x"), "zstd"),
    (STREAMS["snappy"](b"x"), "Snappy"),
    (lzma.compress(b"x"), "xz"),
    (bytes(cramjam.lz4.compress(b"x")), "LZ4"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
    (b"Rar!\x1a\x07\x01\x00", "RAR"),
    (zip_of(b"x"), "ZIP"),
    (zip_of(), "ZIP"),
    (encrypted(), "ZIP, encrypted"),
    (office(), "Office document"),
    (tar(), "tar"),
    (b"ORC\n\x03", "ORC"),
    (b"PAR1\x15\x00", "Parquet"),
    (b"PARE\x15\x00", "Parquet, encrypted"),
    (b"Obj\x01\x04", "Avro"),
    (b"ARROW1\x00\x00", "Arrow"),
    (b"%PDF-1.7\n", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff\xe0", "JPEG"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", "WAV audio"),
    (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
    (b"\x85\x02\x0c\x03" + b"x" * 8, "PGP"),
    (b"\xff\xfeh\x00i\x00", "UTF-16 text"),
    (b"\xff\xfe\x00\x00h\x00\x00\x00", "UTF-32 text"),
    (b"<!DOCTYPE html>\n<html>", "HTML"),
    (b"\n <HTML><head>", "HTML"),
    (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "XML"),
    (b"<Error><Code>AccessDenied</Code></Error>", "XML"),
    (b"ContactId,Channel\nc-1,VOICE\nc-2,VOICE\n", "CSV"),
    (b"\xef\xbb\xbfContactId;Channel\r\nc-1;VOICE\r\n", "CSV"),
    (b'{"a":', "JSON"),
    (b"[1, 2]", "JSON"),
    (b"Dear colleague,\nplease find the calls attached.\n", "text"),
    ("Zoë".encode()[:-1], "text"),
    ("Zoë".encode("latin-1") + b"!", "binary data"),
    (b"\x00\x01\x02\x03", "binary data"),
]


@pytest.mark.parametrize(("head", "form"), FORMS)
def test_seeming_form(head: bytes, form: str) -> None:
    assert seeming_form(head) == form


@pytest.mark.parametrize(("head", "form"), FORMS)
def test_any_beginning_of_a_file_has_a_name(head: bytes, form: str) -> None:
    assert all(seeming_form(head[:end]) for end in range(len(head)))
