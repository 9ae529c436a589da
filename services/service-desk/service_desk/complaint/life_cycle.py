"""The states of a complaint; none can be skipped."""

from __future__ import annotations

from enum import StrEnum

from chassis.machine import Case, Machine, Move
from chassis.problems import Forbidden


class Status(StrEnum):
    """Entered, assigned, handled, visited, closed; an unhappy customer sends it from the visit back to the assignee."""

    ENTERED = "entered"
    ASSIGNED = "assigned"
    HANDLED = "handled"
    VISITED = "visited"
    CLOSED = "closed"


class NotTheComplaintsAssignee(Forbidden):
    """Only the assignee may handle a complaint."""


class HandlerMayNotAsk(Forbidden):
    """Whoever handled a complaint does not ask the customer whether it was handled well."""


def is_assigned(case: Case) -> None:
    if case.who.user_id != case.record.assignee_id:
        raise NotTheComplaintsAssignee(needs="complaint:handle")


def is_somebody_else(case: Case) -> None:
    if case.who.user_id == case.record.handler_id:
        raise HandlerMayNotAsk(needs="complaint:visit")


LIFE_CYCLE = Machine(
    noun="complaint",
    states=Status,
    final=(Status.CLOSED,),
    moves=[
        Move("enter", to=Status.ENTERED, needs="complaint:create"),
        Move("edit", Status.ENTERED, needs="complaint:create"),
        Move("assign", (Status.ENTERED, Status.ASSIGNED), to=Status.ASSIGNED, needs="complaint:assign"),
        Move("handle", Status.ASSIGNED, to=Status.HANDLED, needs="complaint:handle", guards=[is_assigned]),
        Move("visit", Status.HANDLED, to=(Status.VISITED, Status.ASSIGNED), needs="complaint:visit",
             guards=[is_somebody_else]),
        Move("close", Status.VISITED, to=Status.CLOSED, needs="complaint:close"),
        Move("hand-over", (Status.ASSIGNED, Status.HANDLED, Status.VISITED), by_itself=True),
        Move("become-overdue", (Status.ENTERED, Status.ASSIGNED, Status.HANDLED, Status.VISITED), by_itself=True),
    ],
)  # fmt: skip
