"""A synthetic archive as Firehose writes it. In: deliveries in order of arrival. Out: objects below `YYYY/MM/DD/HH/`.

An object is named after its first delivery, `contact-records-1-2026-03-01-10-00-00-<id>.gz`, and holds the arrivals of
one UTC day at most.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from jobs.sample.agents import write_agents
from jobs.sample.contacts import Delivery, Progress, deliveries, unseen
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
    progress: Progress = unseen,
) -> None:
    """Write `root/archive/…` and the agent-extension table that fits it, `root/agents.csv`.

    Without `records_per_object` there are 20 to 40 objects for some days, of at most 60,000 records each. Whatever lies
    in the folder already is left there. `progress` is told how many contacts were made.
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
    """Write the deliveries into objects of so many records, in one of `LAYOUTS`; `mixed` takes every form in turn."""
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
    """Groups of up to `size` deliveries that arrived on the same UTC day."""
    group: list[Delivery] = []
    for delivery in stream:
        if group and (len(group) >= size or delivery.arrived_at.date() != group[0].arrived_at.date()):
            yield group
            group = []
        group.append(delivery)
    if group:
        yield group


def _key(first: Delivery, number: int, form: Form) -> str:
    """The object's key, made of its first delivery alone."""
    digest = sha256(str(number).encode() + first.payload).digest()
    at = first.arrived_at
    return f"{at:%Y/%m/%d/%H}/{STREAM}-{at:%Y-%m-%d-%H-%M-%S}-{UUID(bytes=digest[:16], version=4)}{form.suffix}"
