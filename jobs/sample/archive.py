"""Write deliveries, in order of arrival, as an archive the way Firehose does: objects below `YYYY/MM/DD/HH/`.

An object's name comes from its first delivery, `contact-records-1-2026-03-01-10-00-00-<id>.gz`; the object holds
arrivals of one UTC day at most.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from jobs.sample.agents import write_agents
from jobs.sample.contacts import Delivery, Progress, deliveries, no_progress
from jobs.sample.file_formats import FORMS, Form
from jobs.sample.malformed import mix_in

LAYOUTS = (*FORMS, "mixed")
STREAM = "contact-records-1"


def write_sample(
    root: Path,
    *,
    contacts: int,
    seed: int = 7,
    days: int = 3,
    malformed: float = 0.01,
    layout: str = "firehose",
    records_per_object: int | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write `root/archive/…` and the matching agent-extension table, `root/agents.csv`.

    Without `records_per_object`, a few days make 20 to 40 objects of at most 60,000 records each. Files that are
    already in the folder stay. `progress` receives the number of contacts made since its last call.
    """
    stream = mix_in(deliveries(contacts, seed, days, progress=progress), seed, malformed, over=contacts)
    size = records_per_object or min(60_000, max(10, contacts // 20))
    write_archive(root / "archive", stream, layout=layout, records_per_object=size)
    write_agents(root / "agents.csv", seed, days=days)


def write_archive(
    root: Path,
    stream: Iterable[Delivery],
    *,
    layout: str = "firehose",
    records_per_object: int = 150,
) -> None:
    """Write the deliveries into objects of `records_per_object` records; `mixed` uses every form in turn.

    Raises ValueError if the layout is not one of `LAYOUTS`.
    """
    forms = _forms(layout)
    for number, group in enumerate(_objects(stream, records_per_object)):
        form = forms[number % len(forms)]
        path = root / _key(group[0], number, form)
        path.parent.mkdir(parents=True, exist_ok=True)
        form.write(path, [delivery.payload for delivery in group], number)


def _forms(layout: str) -> tuple[Form, ...]:
    if layout == "mixed":
        return tuple(FORMS.values())
    if layout not in FORMS:
        raise ValueError(f"layout {layout!r} is none of {', '.join(LAYOUTS)}")
    return (FORMS[layout],)


def _objects(stream: Iterable[Delivery], size: int) -> Iterator[list[Delivery]]:
    """Yield groups of up to `size` deliveries that arrived on the same UTC day."""
    group: list[Delivery] = []
    for delivery in stream:
        if group and (len(group) >= size or delivery.arrived_at.date() != group[0].arrived_at.date()):
            yield group
            group = []
        group.append(delivery)
    if group:
        yield group


def _key(first: Delivery, number: int, form: Form) -> str:
    """Return the object's key, which depends on its number and first delivery alone."""
    digest = sha256(str(number).encode() + first.payload).digest()
    at = first.arrived_at
    return f"{at:%Y/%m/%d/%H}/{STREAM}-{at:%Y-%m-%d-%H-%M-%S}-{UUID(bytes=digest[:16], version=4)}{form.suffix}"
