"""What caused an event and what it caused: every service is asked for its part, and the parts are put together.

The one address that is answered out of several services. Each of them checks the right of whoever asks.
"""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import msgspec

from chassis.causation import EventUnknown, Part, Story, joined, story_of
from chassis.events import encode
from chassis.problems import MethodNotAllowed, Unavailable
from gateway.upstream import Answer, Asked, Headers, Upstream

log = logging.getLogger(__name__)


class Refused(Exception):
    """A service refused its part of the story; its answer is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Teller:
    """Asks all services at once, on behalf of one person. Who does not answer is named, and the story goes on."""

    def __init__(self, upstreams: Mapping[str, Upstream], headers: Headers) -> None:
        self.upstreams, self.headers = upstreams, headers
        self.silent: set[str] = set()

    def ask(self, event_ids: Sequence[uuid.UUID]) -> Part:
        """What they know of these events. Raises Refused."""
        names = [name for name in self.upstreams if name not in self.silent]
        with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
            asked = [pool.submit(copy_context().run, self._part, name, event_ids) for name in names]
            return joined([one.result() for one in asked])

    def _part(self, name: str, event_ids: Sequence[uuid.UUID]) -> Part:
        query = "event_ids=" + ",".join(map(str, event_ids))
        try:
            answer = self.upstreams[name].ask(Asked("GET", f"/bus/{name}/causation", query, self.headers))
        except Unavailable:
            self.silent.add(name)
            return Part()
        body = answer.read()
        if answer.status in (401, 403):
            raise Refused(Answer(answer.status, answer.headers, [body]))
        try:
            if answer.status == 200:
                return msgspec.json.decode(body, type=Part)
        except msgspec.MsgspecError:
            log.warning("%s tells no part of a story", name)
        self.silent.add(name)
        return Part()


def answered(upstreams: Mapping[str, Upstream], method: str, name: str, headers: Headers) -> Answer:
    """The story of the event of this name, as an answer. Raises EventUnknown or MethodNotAllowed."""
    if method not in ("GET", "HEAD"):
        raise MethodNotAllowed(allowed=("GET", "HEAD"))
    teller = Teller(upstreams, headers)
    try:
        story = story_of(teller.ask, _id(name))
    except Refused as refused:
        return refused.answer
    except EventUnknown as unknown:
        if teller.silent:
            raise Unavailable(detail=f"No answer from {', '.join(sorted(teller.silent))}") from unknown
        raise
    body = encode(shown(story, teller.silent))
    return Answer(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body])


def shown(story: Story, silent: set[str]) -> dict[str, Any]:
    """The story as a list in the order of a tree, each event with its depth."""
    events = [
        {**dataclasses.asdict(node.said), "depth": node.depth, "heard": {one.consumer: one.state for one in node.heard}}
        for node in story.nodes
    ]
    return {"asked": story.asked, "events": events, "is_cut": story.is_cut, "silent": sorted(silent)}


def _id(name: str) -> uuid.UUID:
    try:
        return uuid.UUID(name)
    except ValueError as error:
        raise EventUnknown(detail=f"{name} is no event's id") from error
