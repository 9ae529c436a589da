"""The states of a hand-over: counted everywhere, confirmed by somebody, done everywhere."""

from __future__ import annotations

from enum import StrEnum

from chassis.flows import FlowStillRunning
from chassis.flows import State as FlowState
from chassis.machine import Case, Machine, Move
from chassis.people import NotAtWork


class Status(StrEnum):
    """Counting and moving are the services' turn, counted is the administrator's; the others are final."""

    COUNTING = "counting"
    COUNTED = "counted"
    MOVING = "moving"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


def everybody_is_at_work(case: Case) -> None:
    """Nothing goes to somebody who has left meanwhile."""
    if case.facts["absent_id"]:
        raise NotAtWork(user_id=case.facts["absent_id"])


def is_overdue(case: Case) -> None:
    """Whoever is asked has a while to answer."""
    if case.facts["flow_state"] == FlowState.RUNNING:
        raise FlowStillRunning(flow_id=f"hand-over:{case.record.id}", deadline_at=case.facts["deadline_at"])


OPEN = (Status.COUNTING, Status.COUNTED, Status.MOVING)
LIFE_CYCLE = Machine(
    noun="hand-over",
    states=Status,
    final=(Status.DONE, Status.REFUSED, Status.CANCELLED),
    moves=[
        Move("begin", to=Status.COUNTING, needs="user:write"),
        Move("become-counted", Status.COUNTING, to=Status.COUNTED, by_itself=True),
        Move("be-refused", Status.COUNTING, to=Status.REFUSED, by_itself=True),
        Move("confirm", Status.COUNTED, to=Status.MOVING, needs="user:write", guards=[everybody_is_at_work]),
        Move("cancel", (Status.COUNTING, Status.COUNTED), to=Status.CANCELLED, needs="user:write"),
        Move("retry", (Status.COUNTING, Status.MOVING), needs="user:write", guards=[is_overdue]),
        Move("stop", Status.MOVING, to=Status.CANCELLED, by_itself=True),
        Move("complete", Status.MOVING, to=Status.DONE, by_itself=True),
    ],
)
