"""What Flink's REST interface tells of jobs, and what it is asked to do with them."""

import json
import urllib.error
import urllib.request
from typing import Any

from tests.services.process import PATIENCE, ServiceError, await_that

# States that a job does not leave.
ENDED = {"FINISHED", "CANCELED", "FAILED"}


class Jobs:
    """The jobs of a cluster."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str) -> Any:
        """What a path of the interface answers."""
        return self._ask("GET", path)

    def job(self, job_id: str) -> str:
        """The state of a job: RUNNING, RESTARTING, FINISHED, CANCELED, FAILED, ..."""
        return str(self.get(f"jobs/{job_id}")["state"])

    def running_tasks(self, job_id: str) -> bool:
        """Whether every task of a job runs, which is later than that the job does."""
        return all(vertex["status"] == "RUNNING" for vertex in self.get(f"jobs/{job_id}")["vertices"])

    def failure(self, job_id: str) -> str:
        """The last failure of a job, from which it may have recovered; empty if there is none."""
        entries = self.get(f"jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return str(entries[0]["stacktrace"]) if entries else ""

    def await_state(self, job_id: str, state: str, seconds: float = PATIENCE) -> None:
        """Wait for a state; a job that ends in another one is an error at once, which tells the failure."""

        def reached() -> bool:
            now = self.job(job_id)
            if now in ENDED and now != state:
                raise ServiceError(f"job {job_id} is {now} instead of {state}: {self.failure(job_id)[:3000]}")
            return now == state

        await_that(f"job {job_id} is {state}", reached, seconds)

    def await_running(self, job_id: str, seconds: float = PATIENCE) -> None:
        """Wait until every task of a job runs."""
        self.await_state(job_id, "RUNNING", seconds)
        await_that(f"every task of job {job_id} runs", lambda: self.running_tasks(job_id), seconds)

    def cancel(self, job_id: str, seconds: float = PATIENCE) -> None:
        """End a job without a savepoint."""
        self._ask("PATCH", f"jobs/{job_id}?mode=cancel")
        self.await_state(job_id, "CANCELED", seconds)

    def stop_with_savepoint(self, job_id: str, folder: object, seconds: float = PATIENCE) -> str:
        """End a job with everything it has read committed. Out: where its savepoint is, below the folder (or URI)."""
        asked = {"targetDirectory": str(folder), "drain": False}
        trigger = self._ask("POST", f"jobs/{job_id}/stop", asked)["request-id"]

        def completed() -> Any:
            answer = self.get(f"jobs/{job_id}/savepoints/{trigger}")
            return answer["status"]["id"] == "COMPLETED" and answer["operation"]

        operation = await_that(f"the savepoint of job {job_id} is there", completed, seconds)
        if "failure-cause" in operation:
            raise ServiceError(f"no savepoint of {job_id}: {operation['failure-cause']['stack-trace'][:3000]}")
        self.await_state(job_id, "FINISHED", seconds)
        return str(operation["location"])

    def completed_checkpoints(self, job_id: str) -> int:
        """How many checkpoints a job has completed since it was submitted."""
        return int(self.get(f"jobs/{job_id}/checkpoints")["counts"]["completed"])

    def await_checkpoints(self, job_id: str, more: int = 1, seconds: float = PATIENCE) -> None:
        """Wait for so many more completed checkpoints."""
        wanted = self.completed_checkpoints(job_id) + more
        await_that(
            f"{more} more checkpoints of job {job_id} are complete",
            lambda: self.completed_checkpoints(job_id) >= wanted,
            seconds,
        )

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            # Also that a JobManager which has just started does not know yet: an OSError, so "not yet" to who waits.
            raise OSError(f"{method} {path}: {error.code} {error.read()[:300].decode(errors='replace')}") from None
