"""Read the members of a ZIP file, each a file of its own.

The central directory is zipfile's; members are decompressed here, in flat memory, so that of a broken one what still
decompresses is kept.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO

from jobs.ingest.archive.compression.byte_source import OUTPUT_BYTES, FileSection, all_chunks, report_rest
from jobs.ingest.archive.compression.bzip2_form import Bzip2Member
from jobs.ingest.archive.compression.gzip_form import deflate_member
from jobs.ingest.archive.compression.members import Member, member_output
from jobs.ingest.archive.compression.zstd_form import ZstdMember
from jobs.ingest.archive.damage import LayerLog

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_LOCAL_HEADER = struct.Struct("<4s22x2H")
_ENCRYPTED = 1
_STORED, _DEFLATED, _BZIP2, _ZSTD = 0, 8, 12, 93
_METHODS: dict[int, Callable[[FileSection], Member]] = {
    _DEFLATED: deflate_member,
    _BZIP2: lambda _: Bzip2Member(),
    _ZSTD: lambda _: ZstdMember(),
}
# Of the directory, some 200,000 members. In memory they take many times their bytes.
_MOST_DIRECTORY_BYTES = 1 << 24


class _Refused(Exception):
    """A ZIP file's directory must not be read."""


class _DirectoryFile:
    """The file as zipfile reads a directory from it, which is at once and of any length."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_DIRECTORY_BYTES:
            raise _Refused
        return self._file.read(size)


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP file."""
    return head.startswith(_MAGIC)


def zip_members(file: BinaryIO, log: LayerLog) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Yield each member's number in the directory, from 1, and its content; a file without a directory is damage."""
    try:
        members = _directory(file)
    except Exception:  # noqa: BLE001  zipfile raises anything for a hostile directory
        file.seek(0)
        report_rest(file, file.read(OUTPUT_BYTES), log)
        return
    for number, (info, start) in enumerate(members, 1):
        if not _is_of_system(info):
            yield number, _content(file, info, start, log.of_member(number))


def _directory(file: BinaryIO) -> list[tuple[zipfile.ZipInfo, int]]:
    """Return the members with the offsets of their data. Raises any exception if the file is not a ZIP file."""
    size = file.seek(0, 2)
    file.seek(0)
    with zipfile.ZipFile(_DirectoryFile(file)) as archive:
        members = [(info, _data_offset(file, info)) for info in archive.infolist()]
    end = 0
    for info, start in sorted(members, key=lambda member: (member[1], member[0].header_offset)):
        # Members that share bytes decompress to far more than the file can hold.
        if info.header_offset < end or start + info.compress_size > size:
            raise _Refused
        end = start + info.compress_size
    return members


def _data_offset(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    magic, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if magic != _MAGIC[0]:
        raise _Refused
    return int(info.header_offset + _LOCAL_HEADER.size + name_length + extra_length)


def _is_of_system(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a folder, or what macOS adds to a ZIP file."""
    is_folder = info.is_dir() and not info.compress_size
    return is_folder or info.filename.startswith("__MACOSX/") or info.filename.rpartition("/")[2] == ".DS_Store"


def _content(file: BinaryIO, info: zipfile.ZipInfo, start: int, log: LayerLog) -> Iterator[bytes]:
    section = FileSection(file, start, info.compress_size)
    size = checksum = 0
    for chunk in _output(section, info, log):
        size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
        yield chunk
    if (size, checksum) != (info.file_size, info.CRC):
        log.add(info.compress_size)


def _output(section: FileSection, info: zipfile.ZipInfo, log: LayerLog) -> Generator[bytes, None, None]:
    new = _METHODS.get(info.compress_type)
    if info.flag_bits & _ENCRYPTED or (new is None and info.compress_type != _STORED):
        report_rest(section, section.read(OUTPUT_BYTES), log)
    elif new is None:
        yield from all_chunks(section, section.read(OUTPUT_BYTES))
    else:
        rest = yield from member_output(new(section), section, b"", log)
        report_rest(section, rest or section.read(OUTPUT_BYTES), log)
