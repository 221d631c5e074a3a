"""Every hostile case in a process of its own, with little memory and time. Out: a JSON object a line for each.

A process is forked for each case, since importing the readers takes longer than most of them.
"""

import io
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable

import psutil

from jobs.agents.table import parse_agents
from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.reader import read_payloads
from schemas.errors import InputError
from tests.hostile.cases import AGENTS, FILES
from tests.support.ledgers import NO_AGENTS, RULES
from transforms.records.decode import Decoder
from transforms.records.outcome import classify_payload

MEMORY_BYTES = 640 << 20
SECONDS = 10
_NO_HANG_ROWS = 100_000


def main() -> None:
    """Runs all of them."""
    for name, make in FILES.items():
        _alone(name, make, _read_file)
    for name, make in AGENTS.items():
        _alone(name, make, _read_agents)


def _alone(name: str, make: Callable[[], bytes], read: Callable[[bytes], dict[str, int]]) -> None:
    data = make()
    sys.stdout.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps({"name": name, "died": status}))
        return
    used = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    began = time.process_time()
    told: dict[str, object] = {"name": name, "bytes": len(data)}
    try:
        told["found"] = read(data)
    except InputError as error:
        told["error"] = str(error)
    except BaseException as error:  # noqa: BLE001  that there is none is what is tested
        told["raised"] = type(error).__name__
    print(json.dumps(told | {"seconds": round(time.process_time() - began, 2)}))
    sys.stdout.flush()
    os._exit(0)


def _read_file(data: bytes) -> dict[str, int]:
    """How many rows there are of each outcome and reason."""
    found: Counter[str] = Counter()
    damage: list[Damage] = []
    for number, (_, payload) in enumerate(read_payloads(io.BytesIO(data), Decoder(), damage)):
        row = classify_payload(payload.decoded, NO_AGENTS, RULES)
        found[f"{row.outcome} {row.reason}"] += 1
        if number > _NO_HANG_ROWS:
            raise TimeoutError
    # A member that is cut off has no row: its file is named in the summary.
    found.update("damaged file" for stretch in damage if not stretch.length)
    return dict(found)


def _read_agents(data: bytes) -> dict[str, int]:
    parse_agents(data, "agents")
    return {}


if __name__ == "__main__":
    main()
