"""The states of a lead. The first seven have the numbers of the reference."""

from __future__ import annotations

import dataclasses
from enum import IntEnum
from typing import Any

from chassis.erasable import is_not_erased
from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(IntEnum):
    """False and lost can be reopened by a superior; converted is final."""

    ATTEMPTED = 1
    FUTURE = 2
    CONTACTED = 3
    FALSE = 4
    LOST = 5
    NOT_CONTACTED = 6
    NEEDS_CONDITIONS = 7
    CONVERTING = 8
    CONVERTED = 9


OPEN = (Status.NOT_CONTACTED, Status.ATTEMPTED, Status.CONTACTED, Status.FUTURE, Status.NEEDS_CONDITIONS)
REJECTED = (Status.FALSE, Status.LOST)
REACHED = (Status.CONTACTED, Status.FUTURE, Status.NEEDS_CONDITIONS)


class LeadClosed(Conflict):
    """The lead is converted, being converted, false or lost, and can only be read."""

    lead_id: int
    status_code: int


class NotTheLeadsOwner(Forbidden):
    """Only the owner of a lead, or who may transfer leads, may do this."""


def is_owner(case: Case) -> None:
    if case.who.user_id != case.record.owner_id and not case.who.has("lead:transfer"):
        raise NotTheLeadsOwner(needs="lead:transfer")


def _because_closed(lead: Any) -> Conflict:
    return LeadClosed(lead_id=lead.id, status_code=lead.status)


def _open_move(action: str, sources: Any = OPEN, to: Any = (), needs: str = "lead:write") -> Move:
    return Move(action, sources, to=to, needs=needs, guards=[is_owner], refuses=_because_closed)


def _personal_move(*args: Any, **said: Any) -> Move:
    """Whoever was erased is not to be called again; the lead can still be given away or given up."""
    move = _open_move(*args, **said)
    return dataclasses.replace(move, guards=[*move.guards, is_not_erased])


LIFE_CYCLE = Machine(
    noun="lead",
    states=Status,
    final=(Status.CONVERTED,),
    moves=[
        Move("create", to=Status.NOT_CONTACTED, needs="lead:write"),
        _personal_move("edit"),
        _personal_move("try", (Status.NOT_CONTACTED,), Status.ATTEMPTED),
        _personal_move("contact", OPEN, REACHED),
        _open_move("reject", OPEN, REJECTED),
        _personal_move("convert", OPEN, Status.CONVERTING, needs="lead:convert"),
        _open_move("link-campaign"),
        Move("transfer", OPEN, needs="lead:transfer", refuses=_because_closed),
        Move("delete", Status.NOT_CONTACTED, needs="lead:write", removes=True, guards=[is_owner],
             refuses=_because_closed),
        Move("reopen", REJECTED, to=Status.CONTACTED, needs="lead:reopen", guards=[is_not_erased]),
        Move("become-customer", Status.CONVERTING, to=Status.CONVERTED, by_itself=True),
        Move("come-back", Status.CONVERTING, to=Status.CONTACTED, by_itself=True),
    ],
)  # fmt: skip
