"""How the services are, as far as the door can tell."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Mapping

import urllib3

from chassis.problems import Problem
from gateway.upstream import Asked, Upstream

REMEMBERED_SECONDS = 1.0
"""Asking everybody costs something, and anybody may ask us."""
WORKER_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class State:
    """One service: what is wrong with its web side and, where it can be asked, with its worker."""

    name: str
    wrong: Mapping[str, str]
    worker: Mapping[str, str] | None = None

    @property
    def is_ready(self) -> bool:
        return not self.wrong


class States:
    """Asks every service at most once a second."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        workers: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.upstreams, self.workers, self.clock = upstreams, workers, clock
        self._pool = urllib3.PoolManager(timeout=WORKER_SECONDS, retries=False)
        self._known: list[State] = []
        self._until = 0.0
        self._lock = threading.Lock()

    def all(self) -> list[State]:
        with self._lock:
            if self.clock() >= self._until:
                self._known = [self._ask(name) for name in self.upstreams]
                self._until = self.clock() + REMEMBERED_SECONDS
            return self._known

    def _ask(self, name: str) -> State:
        try:
            answer = self.upstreams[name].ask(Asked("GET", "/readyz"))
            wrong = _wrong(answer.status, answer.read())
        except Problem:
            wrong = {"service": "does not answer"}
        return State(name, wrong, self._ask_worker(name))

    def _ask_worker(self, name: str) -> dict[str, str] | None:
        if name not in self.workers:
            return None
        try:
            answer = self._pool.request("GET", self.workers[name].rstrip("/") + "/readyz")
        except urllib3.exceptions.HTTPError:
            return {"worker": "does not answer"}
        return _wrong(answer.status, answer.data)


def _wrong(status: int, body: bytes) -> dict[str, str]:
    """What a readiness answer complains about."""
    if status == 200:
        return {}
    try:
        said = json.loads(body).get("wrong")
    except (ValueError, AttributeError):
        said = None
    return (
        {str(part): str(reason) for part, reason in said.items()} if isinstance(said, dict) else {"status": str(status)}
    )
