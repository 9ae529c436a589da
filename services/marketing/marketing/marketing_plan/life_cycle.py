"""The states of a marketing plan: written, reviewed once or twice, carried out and judged."""

from __future__ import annotations

from enum import StrEnum

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(StrEnum):
    """Endorsed plans are dear ones that need a second approval; evaluated and cancelled are final."""

    DRAFT = "draft"
    UNREVIEWED = "unreviewed"
    ENDORSED = "endorsed"
    APPROVED = "approved"
    RUNNING = "running"
    FINISHED = "finished"
    EVALUATED = "evaluated"
    CANCELLED = "cancelled"


UNDER_REVIEW = (Status.UNREVIEWED, Status.ENDORSED)
OPEN = (Status.DRAFT, *UNDER_REVIEW, Status.APPROVED, Status.RUNNING, Status.FINISHED)
"""Somebody still has to do something about it."""


class NotTheMarketingPlansOwner(Forbidden):
    """Only the owner of a marketing plan may do this."""


class OwnMarketingPlan(Forbidden):
    """Nobody reviews a marketing plan of his or her own."""


class SecondReviewerNeeded(Forbidden):
    """A plan that costs more than the limit is approved by two people."""


class FeedbackMissing(Conflict):
    """Say what came of the plan, and how far its goal was reached, before that becomes final."""

    marketing_plan_id: int


def is_owner(case: Case) -> None:
    if case.who.user_id != case.record.owner_id:
        raise NotTheMarketingPlansOwner(needs="marketing-plan:write")


def is_somebody_elses(case: Case) -> None:
    if case.who.user_id == case.record.owner_id:
        raise OwnMarketingPlan(needs="marketing-plan:approve")


def is_another_reviewer(case: Case) -> None:
    if case.who.user_id == case.record.first_reviewer_id:
        raise SecondReviewerNeeded(needs="marketing-plan:approve")


def has_feedback(case: Case) -> None:
    if not case.record.result or case.record.achievement is None:
        raise FeedbackMissing(marketing_plan_id=case.record.id)


def _own(action: str, sources: object, to: object = (), right: str = "write") -> Move:
    return Move(action, sources, to=to, needs=f"marketing-plan:{right}", guards=[is_owner])


LIFE_CYCLE = Machine(
    noun="marketing-plan",
    states=Status,
    final=(Status.EVALUATED, Status.CANCELLED),
    moves=[
        Move("create", to=Status.DRAFT, needs="marketing-plan:write"),
        _own("edit", Status.DRAFT),
        Move("delete", Status.DRAFT, needs="marketing-plan:write", removes=True, guards=[is_owner]),
        _own("submit", Status.DRAFT, Status.UNREVIEWED),
        Move("approve", UNDER_REVIEW, to=(Status.APPROVED, Status.ENDORSED), needs="marketing-plan:approve",
             guards=[is_somebody_elses, is_another_reviewer]),
        Move("reject", UNDER_REVIEW, to=Status.DRAFT, needs="marketing-plan:approve", guards=[is_somebody_elses]),
        _own("check-in", (Status.APPROVED, Status.RUNNING), Status.RUNNING, "execute"),
        Move("start", Status.APPROVED, to=Status.RUNNING, by_itself=True),
        Move("become-late", Status.RUNNING, by_itself=True),
        Move("end", Status.RUNNING, to=Status.FINISHED, by_itself=True),
        _own("finish", Status.RUNNING, Status.FINISHED),
        _own("save-feedback", Status.FINISHED, right="feedback"),
        Move("submit-feedback", Status.FINISHED, to=Status.EVALUATED, needs="marketing-plan:feedback",
             guards=[is_owner, has_feedback]),
        Move("hand-over", OPEN, by_itself=True),
        _own("cancel", (Status.DRAFT, *UNDER_REVIEW, Status.APPROVED), Status.CANCELLED),
    ],
)  # fmt: skip
