"""The states of an opportunity, who moves it, and what is refused."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(IntEnum):
    """The four states; won and failed are final."""

    UNASSIGNED = 1
    IN_DEVELOPMENT = 2
    WON = 3
    FAILED = 4


CLOSED = (Status.WON, Status.FAILED)


class OpportunityClosed(Conflict):
    """The opportunity is won or failed and can only be read."""

    opportunity_id: int
    status_code: int


class OpportunityNotInDevelopment(Conflict):
    """The opportunity is not assigned to anybody yet."""

    opportunity_id: int


class OpportunityAlreadyAssigned(Conflict):
    """Only an unassigned opportunity can be edited or deleted."""

    opportunity_id: int


class ReassignmentNeedsReason(Conflict):
    """Somebody develops this opportunity already; say why another should."""

    opportunity_id: int
    assignee_id: int


class OpportunityAlreadyOpen(Conflict):
    """There is an open opportunity with this customer for this product; later progress belongs there."""

    opportunity_id: int


class NothingWasDone(Conflict):
    """No plan item has a result yet, so there is nothing this could have been won by."""

    opportunity_id: int


class NotTheAssignee(Forbidden):
    """Only the assignee or a supervisor may do this."""


def _because_not_unassigned(opportunity: Any) -> Conflict:
    if opportunity.status in CLOSED:
        return _because_closed(opportunity)
    return OpportunityAlreadyAssigned(opportunity_id=opportunity.id)


def _because_not_in_development(opportunity: Any) -> Conflict:
    if opportunity.status in CLOSED:
        return _because_closed(opportunity)
    return OpportunityNotInDevelopment(opportunity_id=opportunity.id)


def _because_closed(opportunity: Any) -> Conflict:
    return OpportunityClosed(opportunity_id=opportunity.id, status_code=opportunity.status)


def is_developed_by(case: Case) -> None:
    """The assignee, or somebody who may assign, develops an opportunity."""
    if case.who.user_id != case.record.assignee_id and not case.who.has("opportunity:assign"):
        raise NotTheAssignee(needs="opportunity:assign")


def is_assigned(case: Case) -> None:
    """Only the assignee knows what came of a plan."""
    if case.who.user_id != case.record.assignee_id:
        raise NotTheAssignee(needs="plan:execute")


def something_was_done(case: Case) -> None:
    """Won by what was done: at least one plan item has a result."""
    if case.facts["plan_items_with_result"] < 1:
        raise NothingWasDone(opportunity_id=case.record.id)


def must_be_in_development(opportunity: Any) -> None:
    """Whatever belongs to an opportunity changes only while somebody develops it."""
    if opportunity.status != Status.IN_DEVELOPMENT:
        raise _because_not_in_development(opportunity)


LIFE_CYCLE = Machine(
    noun="opportunity",
    states=Status,
    final=CLOSED,
    moves=[
        Move("create", to=Status.UNASSIGNED, needs="opportunity:create"),
        Move("edit", Status.UNASSIGNED, needs="opportunity:create", refuses=_because_not_unassigned),
        Move("delete", Status.UNASSIGNED, needs="opportunity:create", removes=True, refuses=_because_not_unassigned),
        Move("assign", (Status.UNASSIGNED, Status.IN_DEVELOPMENT), to=Status.IN_DEVELOPMENT,
             needs="opportunity:assign", refuses=_because_closed),
        Move("progress", Status.IN_DEVELOPMENT, needs="opportunity:develop", guards=[is_developed_by],
             refuses=_because_not_in_development),
        Move("win", Status.IN_DEVELOPMENT, to=Status.WON, needs="opportunity:develop",
             guards=[is_developed_by, something_was_done], refuses=_because_not_in_development),
        Move("fail", Status.IN_DEVELOPMENT, to=Status.FAILED, needs="opportunity:develop",
             guards=[is_developed_by], refuses=_because_not_in_development),
        Move("fall-idle", Status.IN_DEVELOPMENT, by_itself=True),
        Move("link-customer", Status.WON, by_itself=True),
    ],
)  # fmt: skip
