"""A question to the desks of all services at once: the few addresses that are answered out of several of them.

Each service checks the right of whoever asks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

import msgspec

from chassis.events import encode
from chassis.problems import Unavailable
from gateway.upstream import Answer, Asked, Headers, Upstream

log = logging.getLogger(__name__)
T = TypeVar("T")


class Refused(Exception):
    """A service refused its part; its answer is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def ask_all(
    upstreams: Mapping[str, Upstream], what: str, query: str, headers: Headers, kind: type[T]
) -> dict[str, T | None]:
    """``GET /bus/<service>/<what>`` of each, on behalf of one person; None for who does not answer. Raises Refused."""
    with ThreadPoolExecutor(max_workers=max(1, len(upstreams))) as pool:
        asked = {
            name: pool.submit(
                copy_context().run, _part, upstream, Asked("GET", f"/bus/{name}/{what}", query, headers), kind
            )
            for name, upstream in upstreams.items()
        }
        return {name: one.result() for name, one in asked.items()}


def _part(upstream: Upstream, asked: Asked, kind: type[T]) -> T | None:
    try:
        answer = upstream.ask(asked)
    except Unavailable:
        return None
    body = answer.read()
    if answer.status in (401, 403, 422):
        raise Refused(Answer(answer.status, answer.headers, [body]))
    try:
        if answer.status == 200:
            return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        log.warning("%s answers something else", asked.path)
    return None


def as_json(value: object) -> Answer:
    body = encode(value)
    return Answer(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body])
