"""The states of a deal. Its stage is finer: open deals move between the open stages of their pipeline."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(StrEnum):
    """Won and lost are final."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    LOST_TO_COMPETITION = "lost-to-competition"


class DealClosed(Conflict):
    """The deal is won or lost and can only be read."""

    deal_id: int
    deal_status: str


class WorthNothing(Conflict):
    """A deal is won with an amount above zero."""

    deal_id: int


class NotTheOwner(Forbidden):
    """Only the owner, or who may transfer deals, may do this."""


def is_owner(case: Case) -> None:
    if case.who.user_id != case.record.owner_id and not case.who.has("deal:transfer"):
        raise NotTheOwner(needs="deal:transfer")


def is_worth_something(case: Case) -> None:
    if case.record.amount_minor <= 0:
        raise WorthNothing(deal_id=case.record.id)


def _because_closed(deal: Any) -> Conflict:
    return DealClosed(deal_id=deal.id, deal_status=deal.status)


LIFE_CYCLE = Machine(
    noun="deal",
    states=Status,
    final=(Status.WON, Status.LOST, Status.LOST_TO_COMPETITION),
    moves=[
        Move("create", to=Status.OPEN, needs="deal:write"),
        Move("edit", Status.OPEN, needs="deal:write", guards=[is_owner], refuses=_because_closed),
        Move("change-stage", Status.OPEN, needs="deal:write", guards=[is_owner], refuses=_because_closed),
        Move("win", Status.OPEN, to=Status.WON, needs="deal:write", guards=[is_owner, is_worth_something],
             refuses=_because_closed),
        Move("lose", Status.OPEN, to=(Status.LOST, Status.LOST_TO_COMPETITION), needs="deal:write", guards=[is_owner],
             refuses=_because_closed),
        Move("transfer", Status.OPEN, needs="deal:transfer", refuses=_because_closed),
        Move("link-customer", tuple(Status), by_itself=True),
    ],
)  # fmt: skip
