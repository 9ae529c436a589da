"""The public API, as the importer uses it."""

from __future__ import annotations

import json
import time
from typing import Any

import urllib3

from chassis.problems import Problem

SIGN_IN_SECONDS = 30.0


class Refused(Problem):
    """The API refused a request."""

    errors: list[dict[str, Any]]


class Api:
    """One account at one Guanxi. Raises Refused with the problem's own words."""

    def __init__(self, base: str, login: str, password: str) -> None:
        self.base = base.rstrip("/")
        timeout = urllib3.Timeout(connect=5, read=120)
        self.pool = urllib3.PoolManager(timeout=timeout, retries=urllib3.Retry(connect=3, read=0, backoff_factor=0.3))
        self.headers = {"Content-Type": "application/json"}
        token = self.call("POST", "/api/session", {"login": login, "password": password})["token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON."""
        sent = json.dumps(body).encode() if body is not None else None
        try:
            answer = self.pool.request(method, self.base + path, body=sent, headers=self.headers)
        except urllib3.exceptions.HTTPError as error:
            raise Refused(detail=f"{self.base} does not answer; is Guanxi running?", errors=[]) from error
        found = json.loads(answer.data) if answer.data else {}
        if answer.status >= 400:
            title = f"{method} {path}: {answer.status} {found.get('title', '')} {found.get('detail', '')}"
            raise Refused(detail=title, errors=found.get("errors", []))
        return found

    def wait_for(self, what: str, is_there: Any, within: float = SIGN_IN_SECONDS) -> None:
        """Until another service has heard of what was just sent. Raises Refused after ``within`` seconds."""
        deadline = time.monotonic() + within
        while not is_there():
            if time.monotonic() > deadline:
                raise Refused(detail=f"Still waiting for {what} after {within:.0f} s", errors=[])
            time.sleep(0.2)
