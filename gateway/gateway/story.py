"""What caused an event and what it caused: every service is asked for its part, and the parts are put together."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.causation import EventUnknown, Part, Story, joined, story_of
from chassis.problems import MethodNotAllowed, Unavailable
from gateway.asking import Refused, as_json, ask_all
from gateway.upstream import Answer, Headers, Upstream


class Teller:
    """Asks all services at once, on behalf of one person. Who does not answer is named, and the story goes on."""

    def __init__(self, upstreams: Mapping[str, Upstream], headers: Headers) -> None:
        self.upstreams, self.headers = upstreams, headers
        self.silent: set[str] = set()

    def ask(self, event_ids: Sequence[uuid.UUID]) -> Part:
        """What they know of these events. Raises Refused."""
        names = [name for name in self.upstreams if name not in self.silent]
        query = "event_ids=" + ",".join(map(str, event_ids))
        parts = ask_all({name: self.upstreams[name] for name in names}, "causation", query, self.headers, Part)
        self.silent |= {name for name, part in parts.items() if part is None}
        return joined(part for part in parts.values() if part)


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
    return as_json(shown(story, teller.silent))


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
