"""The states of a campaign: planned, approved, run and judged."""

from __future__ import annotations

from enum import StrEnum

from chassis.machine import Case, Machine, Move
from chassis.problems import Forbidden


class Status(StrEnum):
    """Evaluated and cancelled are final."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RUNNING = "running"
    FINISHED = "finished"
    EVALUATED = "evaluated"
    CANCELLED = "cancelled"


OPEN = (Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.RUNNING)
TAKES_DEALS = (Status.APPROVED, Status.RUNNING, Status.FINISHED)
"""Leads and deals may be said to come of it."""


class NotTheCampaignsOwner(Forbidden):
    """Only the owner of a campaign, or who approves campaigns, may do this."""


class OwnCampaign(Forbidden):
    """Nobody approves a campaign of his or her own."""


def is_owner(case: Case) -> None:
    if case.who.user_id != case.record.owner_id and not case.who.has("campaign:approve"):
        raise NotTheCampaignsOwner(needs="campaign:approve")


def is_somebody_elses(case: Case) -> None:
    if case.who.user_id == case.record.owner_id:
        raise OwnCampaign(needs="campaign:approve")


def _own(action: str, sources: object, to: object = ()) -> Move:
    return Move(action, sources, to=to, needs="campaign:write", guards=[is_owner])


LIFE_CYCLE = Machine(
    noun="campaign",
    states=Status,
    final=(Status.EVALUATED, Status.CANCELLED),
    moves=[
        Move("create", to=Status.DRAFT, needs="campaign:write"),
        _own("edit", OPEN),
        Move("delete", Status.DRAFT, needs="campaign:write", removes=True, guards=[is_owner]),
        _own("submit", Status.DRAFT, Status.SUBMITTED),
        Move("approve", Status.SUBMITTED, to=Status.APPROVED, needs="campaign:approve", guards=[is_somebody_elses]),
        Move("reject", Status.SUBMITTED, to=Status.DRAFT, needs="campaign:approve", guards=[is_somebody_elses]),
        _own("start", Status.APPROVED, Status.RUNNING),
        _own("finish", Status.RUNNING, Status.FINISHED),
        _own("evaluate", Status.FINISHED, Status.EVALUATED),
        _own("cancel", (Status.DRAFT, Status.SUBMITTED, Status.APPROVED), Status.CANCELLED),
        _own("change-members", (*OPEN, Status.FINISHED)),
        _own("record-cost", (Status.APPROVED, Status.RUNNING, Status.FINISHED)),
        _own("record-response", (Status.RUNNING, Status.FINISHED)),
        Move("hand-over", (*OPEN, Status.FINISHED), by_itself=True),
    ],
)  # fmt: skip
