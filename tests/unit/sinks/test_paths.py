"""Names of objects: what is written is read back, and another name is not one of ours."""

import hashlib
from collections.abc import Callable

import pytest

from sinks import paths
from sinks.paths import ReleaseObject

D = "2026-03-01"
F = f"billing_date={D}"

NAMES: list[tuple[str, str]] = [
    (paths.date_folder(D), F),
    (paths.date_folder(""), "billing_date=unknown"),
    (paths.outcomes_folder(D), f"outcomes/{F}"),
    (paths.part_name(D, "0a-1", 2), f"{F}/replay-0a-1-2.parquet"),
    (paths.mark_name("0a-1"), "inputs/0a-1.json"),
    (paths.input_name("a/b.gz", "0a"), hashlib.sha256(b"a/b.gz\x000a").hexdigest()[:24]),
    (paths.recycled_name(b"x"), f"recycled/{hashlib.sha256(b'x').hexdigest()}.parquet"),
    (paths.version_folder(D, 7), f"{F}/v0007"),
    (paths.version_file(D, 12345, "a"), f"{F}/v12345/a"),
    (paths.latest_name(D), f"{F}/latest.json"),
    (paths.audit_name(D, 7), f"{F}/v0007.json"),
    (paths.control_name("unknown"), "billing_date=unknown/control.json"),
    (paths.attempt_name(D), f"attempts/{D}.json"),
    (paths.page_name(D, 7), f"data_docs/{F}/v0007.html"),
]

# What a name is read back as; None: it is none of these.
READ: list[tuple[Callable[[str], object], str, object]] = [
    (paths.partition_of, f"outcomes/{F}/x", D),
    (paths.partition_of, "outcomes/billing_date=unknown/x/y", "unknown"),
    (paths.partition_of, f"outcomes/{F}", None),
    (paths.partition_of, f"x/outcomes/{F}/x", None),
    (paths.outcome_object, f"outcomes/{F}/part-0", (D, "part-0")),
    (paths.outcome_object, f"outcomes/{F}/x/part-0", None),
    (paths.outcome_object, "outcomes/billing_date=unknown/part-0", None),
    (paths.replayed_input, f"outcomes/{F}/replay-0a1f-12-3.parquet", "0a1f-12"),
    (paths.replayed_input, f"outcomes/{F}/replay-0a1f-3.parquet", "0a1f"),
    (paths.replayed_input, f"outcomes/{F}/part-0a1f-12-3.parquet", None),
    (paths.replayed_input, f"outcomes/{F}/replay-0a1f-12-3.parquet.crc", None),
    (paths.is_recycled, paths.recycled_name(b""), True),
    (paths.is_recycled, "recycled/x.parquet", False),
    (paths.is_recycled, paths.recycled_name(b"") + "/x", False),
    (paths.release_object, f"{F}/v0007/a", ReleaseObject(D, 7, "a")),
    (paths.release_object, f"{F}/v12345/a", ReleaseObject(D, 12345, "a")),
    (paths.release_object, f"{F}/latest.json", ReleaseObject(D, None, "latest.json")),
    (paths.release_object, f"{F}/v00007/a", None),
    (paths.release_object, f"{F}/v0007/a/b", None),
    (paths.release_object, "billing_date=unknown/a", None),
    (paths.audited_version, f"{F}/v0007.json", (D, 7)),
    (paths.audited_version, f"{F}/control.json", None),
    (paths.audited_version, f"attempts/{D}.json", None),
    (paths.page_version, f"data_docs/{F}/v0007.html", (D, 7)),
    (paths.page_version, "data_docs/index.html", None),
    *((paths.is_part, f"x/{file}", True) for file in ("part-0", "part-0-1", "a.parquet", "part-0.parquet")),
    *((paths.is_part, f"x/{file}", False) for file in ("_a.parquet", ".a.parquet", "_SUCCESS", "part-0.crc", "a")),
]


@pytest.mark.parametrize(("name", "text"), NAMES)
def test_what_is_written(name: str, text: str) -> None:
    assert name == text


@pytest.mark.parametrize(("read", "name", "found"), READ, ids=[f"{read.__name__} {name}" for read, name, _ in READ])
def test_what_is_read_back(read: Callable[[str], object], name: str, found: object) -> None:
    assert read(name) == found


def test_names_have_a_digest_whatever_their_order() -> None:
    assert paths.names_digest(["b", "a"]) == paths.names_digest(iter(["a", "b"])) == hashlib.sha256(b"a\nb").hexdigest()
    assert paths.names_digest([]) == hashlib.sha256(b"").hexdigest()
