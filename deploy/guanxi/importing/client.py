"""The public API, as the importer uses it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import urllib3

from chassis.problems import Problem

PATIENCE_SECONDS = 60.0
"""How long we wait for a service that is away, and for the next piece of news; under load all of it may take longer."""
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 10.0
COME_BACK_LATER = (429, 503)
SHOWN_NAMES = 3


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
        # Whoever does not answer the first request is probably not there at all.
        token = self.call("POST", "/api/session", {"login": login, "password": password}, patience=0)["token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, *, patience: float = PATIENCE_SECONDS) -> Any:
        """The answer's JSON.

        While a service is away the same request is sent again, with the same key, so that it is done once.
        """
        sent = json.dumps(body).encode() if body is not None else None
        headers = self.headers | ({"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {})
        deadline = time.monotonic() + patience
        while True:
            try:
                answer = self.pool.request(method, self.base + path, body=sent, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                if time.monotonic() > deadline:
                    raise Refused(detail=f"{self.base} does not answer; is Guanxi running?", errors=[]) from error
                pause = PAUSE_SECONDS
            else:
                if answer.status not in COME_BACK_LATER or time.monotonic() > deadline:
                    return _content(answer, f"{method} {path}")
                pause = float(answer.headers.get("Retry-After", PAUSE_SECONDS))
            time.sleep(min(pause, LONGEST_PAUSE_SECONDS))

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page. ``path`` has a query already."""
        cursor = ""
        while True:
            page = self.call("GET", f"{path}&size=200&total=false{cursor}")
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = f"&cursor={page['next_cursor']}"


def _content(answer: urllib3.BaseHTTPResponse, request: str) -> Any:
    """Raises Refused, with the problem's own words."""
    found = json.loads(answer.data) if answer.data else {}
    if answer.status >= 400:
        words = f"{request}: {answer.status} {found.get('title', '')} {found.get('detail', '')}"
        raise Refused(detail=words, errors=found.get("errors", []))
    return found


def wait_for(what: str, missing: Callable[[], set[str]], patience: float = PATIENCE_SECONDS) -> None:
    """Until another service has heard of all that was just sent.

    Raises Refused when nothing has come for ``patience`` seconds.
    """
    left, deadline = missing(), time.monotonic() + patience
    while left:
        if time.monotonic() > deadline:
            names = ", ".join(sorted(left)[:SHOWN_NAMES])
            detail = f"Still waiting for {what} after {patience:.0f} s: {len(left)} missing, such as {names}"
            raise Refused(detail=detail, errors=[])
        time.sleep(0.2)
        before, left = left, missing()
        if len(left) < len(before):
            deadline = time.monotonic() + patience
