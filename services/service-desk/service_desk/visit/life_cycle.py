"""The states of a return visit, and who moves it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(IntEnum):
    """The five states of the reference; only completed is final."""

    NOT_STARTED = 1
    DEFERRED = 2
    IN_PROGRESS = 3
    COMPLETED = 4
    WAITING = 5


OPEN = (Status.NOT_STARTED, Status.DEFERRED, Status.IN_PROGRESS, Status.WAITING)


class VisitClosed(Conflict):
    """The visit is completed and can only be read."""

    visit_id: int


class VisitBegun(Conflict):
    """Only a visit that nobody has started can be thrown away."""

    visit_id: int


class NotTheVisitor(Forbidden):
    """Only who is to make the visit, or who plans visits for others, may do this."""


def is_visitor(case: Case) -> None:
    if case.who.user_id != case.record.owner_id and not case.who.has("visit:assign"):
        raise NotTheVisitor(needs="visit:assign")


def _because_closed(visit: Any) -> Conflict:
    return VisitClosed(visit_id=visit.id)


def _because_begun(visit: Any) -> Conflict:
    return _because_closed(visit) if visit.status == Status.COMPLETED else VisitBegun(visit_id=visit.id)


def _open_move(action: str, sources: Any = OPEN, to: Any = ()) -> Move:
    return Move(action, sources, to=to, needs="visit:write", guards=[is_visitor], refuses=_because_closed)


LIFE_CYCLE = Machine(
    noun="visit",
    states=Status,
    final=(Status.COMPLETED,),
    moves=[
        Move("plan", to=Status.NOT_STARTED, needs="visit:write"),
        _open_move("edit"),
        _open_move("start", (Status.NOT_STARTED, Status.DEFERRED, Status.WAITING), Status.IN_PROGRESS),
        _open_move("defer", OPEN, Status.DEFERRED),
        _open_move("wait", (Status.NOT_STARTED, Status.DEFERRED, Status.IN_PROGRESS), Status.WAITING),
        _open_move("complete", OPEN, Status.COMPLETED),
        Move("assign", OPEN, needs="visit:assign", refuses=_because_closed),
        Move("delete", Status.NOT_STARTED, needs="visit:write", removes=True, guards=[is_visitor],
             refuses=_because_begun),
        Move("fall-due", OPEN, by_itself=True),
    ],
)  # fmt: skip
