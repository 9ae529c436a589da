"""The states of a request, who moves it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict, Forbidden


class Status(StrEnum):
    """The four states; only archived is final."""

    NEW = "new"
    ALLOCATED = "allocated"
    HANDLED = "handled"
    ARCHIVED = "archived"


IN_HAND = (Status.ALLOCATED, Status.HANDLED)
"""Somebody works on it, or is to ask the customer."""


class RequestClosed(Conflict):
    """The request is archived and can only be read."""

    request_id: int


class RequestNotNew(Conflict):
    """Only a new request can be allocated or deleted."""

    request_id: int
    request_status: str


class RequestNotAllocated(Conflict):
    """Only an allocated request can be handled."""

    request_id: int
    request_status: str


class RequestNotHandled(Conflict):
    """There is nothing to give feedback on before the request is handled."""

    request_id: int
    request_status: str


class NotTheAssignee(Forbidden):
    """Only the assignee may handle a request."""


class NotTheHandler(Forbidden):
    """Only who handled a request may record the customer's feedback."""


class NotTheCreator(Forbidden):
    """Only who created a request, or who allocates requests, may delete it."""


def is_assigned(case: Case) -> None:
    if case.who.user_id != case.record.assignee_id:
        raise NotTheAssignee(needs="request:handle")


def has_handled(case: Case) -> None:
    if case.who.user_id not in (case.record.handler_id, case.record.assignee_id):
        raise NotTheHandler(needs="request:feedback")


def may_delete(case: Case) -> None:
    if case.who.user_id != case.record.creator_id and not case.who.has("request:allocate"):
        raise NotTheCreator(needs="request:allocate")


def _unless_closed(refusal: Callable[..., Conflict]) -> Any:
    """The refusal of a wrong state: archived says so itself, others name what they are not."""

    def refused(request: Any) -> Conflict:
        if request.status == Status.ARCHIVED:
            return RequestClosed(request_id=request.id)
        return refusal(request_id=request.id, request_status=request.status)

    return refused


LIFE_CYCLE = Machine(
    noun="request",
    states=Status,
    final=(Status.ARCHIVED,),
    moves=[
        Move("create", to=Status.NEW, needs="request:create"),
        Move("allocate", Status.NEW, to=Status.ALLOCATED, needs="request:allocate",
             refuses=_unless_closed(RequestNotNew)),
        Move("delete", Status.NEW, needs="request:delete", removes=True, guards=[may_delete],
             refuses=_unless_closed(RequestNotNew)),
        Move("handle", Status.ALLOCATED, to=Status.HANDLED, needs="request:handle", guards=[is_assigned],
             refuses=_unless_closed(RequestNotAllocated)),
        Move("record-feedback", Status.HANDLED, to=(Status.ARCHIVED, Status.ALLOCATED), needs="request:feedback",
             guards=[has_handled], refuses=_unless_closed(RequestNotHandled)),
        Move("hand-over", IN_HAND, by_itself=True),
        Move("become-overdue", (Status.NEW, Status.ALLOCATED, Status.HANDLED), by_itself=True),
    ],
)  # fmt: skip
