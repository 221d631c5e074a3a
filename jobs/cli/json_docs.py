"""Generate docs/json.md: the keys that --json prints, from the commands' result structs."""

import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from jobs.agents.check import CheckResult
from jobs.agents.sync import SyncResult
from jobs.erasure.erase import EraseResult
from jobs.releases.backfill_results import BackfillResult, ReplayResult
from jobs.releases.results import ReleaseResult
from jobs.releases.verify.verify import VerifyResult
from jobs.report.result import ReportResult
from jobs.report.status import Status
from jobs.sample.command import SampleResult
from jobs.suspense.held import HeldResult
from jobs.suspense.quarantine_list import QuarantineResult
from jobs.suspense.quarantine_show import ShowResult
from jobs.suspense.recycle import RecycleResult
from schemas.data_dictionary import keys

RESULTS: dict[str, type[msgspec.Struct]] = {
    "backfill": BackfillResult,
    "replay": ReplayResult,
    "release": ReleaseResult,
    "verify": VerifyResult,
    "agents sync": SyncResult,
    "agents check": CheckResult,
    "quarantine list": QuarantineResult,
    "quarantine show": ShowResult,
    "quarantine recycle": RecycleResult,
    "held list": HeldResult,
    "erase": EraseResult,
    "sample": SampleResult,
    "status": Status,
    "report": ReportResult,
}
_HEAD = """\
# What --json prints

Generated from the results of the commands. With `--json` a command prints one JSON object on one line, in ASCII, and
nothing else on stdout. The text without `--json` is made of the same object. All keys are always present.

`release --follow` prints a `Released` for every version that it makes, and for every date that fails.

An error is one line on stderr, and an exit code (see [commands.md](commands.md#exit-codes)). If files are unreadable
(3), a date did not pass (4), a release is not what it should be (7) or `--strict` found something (4), the object is
printed before. With any other error there is no object.

No object holds a payload or a phone number. Those of `agents check`, `held list` and `quarantine` name agents, contacts
and files, as their texts do, and are for the operator. `quarantine show --payload` writes the payload as it was read,
and takes no `--json`.
"""


def json_keys() -> str:
    """Return the keys of every command's object, and of the objects in them."""
    lines = [_HEAD]
    for command, result in RESULTS.items():
        lines += [f"## {command}", "", *keys(result), ""]
    for struct in dict.fromkeys(inner for result in RESULTS.values() for inner in _inner_structs(result)):
        lines += [f"## Objects in them: {struct.__name__}", "", _first_line(struct), "", *keys(struct), ""]
    return "\n".join(lines[:-1]) + "\n"


def _inner_structs(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs that a struct contains, each before its own inner ones."""
    for hint in typing.get_type_hints(struct).values():
        for inner in _structs(hint):
            yield inner
            yield from _inner_structs(inner)


def _structs(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in typing.get_args(hint):
        yield from _structs(inner)


def _first_line(struct: type[msgspec.Struct]) -> str:
    return (struct.__doc__ or "").partition("\n")[0]
