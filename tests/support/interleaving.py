"""Run tasks over one store, step by step in a drawn order; a task may die between two steps. No clock, no chance."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sinks.store import Store


class Died(Exception):
    """The task's process is gone."""


class MemoryStore:
    """A store in memory; each call is one step that cannot be divided."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        self.objects[name] = data

    def put_new(self, name: str, data: bytes) -> bool:
        if name in self.objects:
            return False
        self.objects[name] = data
        return True

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        if self.objects.get(name) != old:
            return False
        self.objects[name] = new
        return True

    def get(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.objects if name.startswith(f"{folder}/"))

    def delete(self, name: str) -> None:
        self.objects.pop(name, None)

    def location(self, name: str) -> str:
        return f"memory/{name}"

    def local(self, names: list[str], folder: Path) -> list[str]:
        raise NotImplementedError


class Task:
    """A thread that waits before every step until it is its turn."""

    def __init__(self, body: Callable[["Task"], object], steps: int | None) -> None:
        self._body = body
        self._left = steps
        self._turn, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self.ended = False
        self.result: object = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._paused.acquire()

    def step(self) -> None:
        """Lets the task go on to its next step, or its end."""
        self._turn.release()
        self._paused.acquire()

    def pause(self, _: float = 0) -> None:
        """Called by the task before a step."""
        self._paused.release()
        self._turn.acquire()
        if self._left is not None:
            if self._left == 0:
                raise Died
            self._left -= 1

    def _run(self) -> None:
        try:
            self.pause()
            self.result = self._body(self)
        except Exception as error:  # noqa: BLE001  looked at by the test
            self.result = error
        self.ended = True
        self._paused.release()


class Stepped:
    """A store whose every call waits for the task's turn."""

    def __init__(self, store: Store, task: Task) -> None:
        self._store, self._task = store, task

    def __getattr__(self, name: str) -> Any:
        def call(*values: object) -> object:
            self._task.pause()
            return getattr(self._store, name)(*values)

        return call


def interleave(bodies: list[Callable[[Task], object]], order: random.Random, steps: list[int | None]) -> list[object]:
    """The tasks' results or exceptions. `steps` says after how many each one dies."""
    tasks = [Task(body, left) for body, left in zip(bodies, steps, strict=True)]
    while alive := [task for task in tasks if not task.ended]:
        # Runs of one task are drawn, too: the long pauses of a process are what goes wrong.
        task = order.choice(alive)
        for _ in range(order.choice((1, 1, 2, 5, 20))):
            if not task.ended:
                task.step()
    return [task.result for task in tasks]
