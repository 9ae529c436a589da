"""Whether what a command said has arrived everywhere: every service is asked what it listens to and has applied."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from chassis.arriving import Arrival
from chassis.problems import MethodNotAllowed
from gateway.asking import Refused, as_json, ask_all
from gateway.upstream import Answer, Headers, Upstream

APPLIED = frozenset({"done", "skipped"})
WAITING = "waiting"


@dataclasses.dataclass(frozen=True)
class Told:
    """What one service says."""

    items: Sequence[Arrival] = ()


def answered(upstreams: Mapping[str, Upstream], method: str, query: str, headers: Headers) -> Answer:
    """Each listener with its state: applied, waiting, held (put aside), or silent. Raises MethodNotAllowed."""
    if method not in ("GET", "HEAD"):
        raise MethodNotAllowed(allowed=("GET", "HEAD"))
    try:
        told = ask_all(upstreams, "arrivals", query, headers, Told)
    except Refused as refused:
        return refused.answer
    found = [{"service": name, "state": _state(part)} for name, part in told.items() if part is None or part.items]
    return as_json({"services": found})


def _state(told: Told | None) -> str:
    if told is None:
        return "silent"
    states = {one.state for one in told.items}
    if states <= APPLIED:
        return "applied"
    return WAITING if states <= {*APPLIED, WAITING} else "held"
