"""The states of a hand-over: counted everywhere, confirmed by somebody, done everywhere."""

from __future__ import annotations

from enum import StrEnum

from chassis.machine import Machine, Move


class Status(StrEnum):
    """Counting and moving are the services' turn, counted is the administrator's; the others are final."""

    COUNTING = "counting"
    COUNTED = "counted"
    MOVING = "moving"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OPEN = (Status.COUNTING, Status.COUNTED, Status.MOVING)
LIFE_CYCLE = Machine(
    noun="hand-over",
    states=Status,
    final=(Status.DONE, Status.REFUSED, Status.CANCELLED),
    moves=[
        Move("begin", to=Status.COUNTING, needs="user:write"),
        Move("become-counted", Status.COUNTING, to=Status.COUNTED, by_itself=True),
        Move("be-refused", Status.COUNTING, to=Status.REFUSED, by_itself=True),
        Move("confirm", Status.COUNTED, to=Status.MOVING, needs="user:write"),
        Move("cancel", (Status.COUNTING, Status.COUNTED), to=Status.CANCELLED, needs="user:write"),
        Move("retry", (Status.COUNTING, Status.MOVING), needs="user:write"),
        Move("stop", Status.MOVING, to=Status.CANCELLED, by_itself=True),
        Move("complete", Status.MOVING, to=Status.DONE, by_itself=True),
    ],
)
