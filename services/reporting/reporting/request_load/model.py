"""What is counted of a request: when it was created, how far it is, how long it took, how content the customer is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

from chassis.events import Heard
from reporting.months import month_of
from reporting.projection import Projection

DELETED = "deleted"
"""Our word for a request that was thrown away; the service desk has no row of it any more."""


class RequestCreated(Heard, type="service-desk.request.created"):
    """A customer asks something."""

    request_id: int
    kind: str
    customer_no: str
    creator_id: int
    created_at: datetime
    due_at: datetime | None = None


class RequestAllocated(Heard, type="service-desk.request.allocated"):
    """Somebody is to handle it."""

    request_id: int
    assignee_id: int
    allocated_at: datetime | None = None


class RequestHandedOver(Heard, type="service-desk.request.handed-over"):
    """Somebody else goes on with it."""

    request_id: int
    assignee_id: int


class RequestHandled(Heard, type="service-desk.request.handled"):
    """It was handled."""

    request_id: int
    created_at: datetime
    handled_at: datetime
    handler_id: int | None = None


class RequestArchived(Heard, type="service-desk.request.archived"):
    """The customer is content."""

    request_id: int
    satisfaction: int


class RequestReopened(Heard, type="service-desk.request.reopened"):
    """The customer is not content."""

    request_id: int
    satisfaction: int


class RequestMoved(Heard, type="service-desk.request.moved"):
    """It is another customer's now, because the two turned out to be one."""

    request_id: int
    customer_no: str


class RequestDeleted(Heard, type="service-desk.request.deleted"):
    """It was thrown away."""

    request_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; ``wait_seconds`` is from its creation until it was last handled, ``answer_seconds`` until somebody
    was told to handle it."""

    request_id: int
    kind: str = ""
    year: int = 0
    customer_no: str = ""
    creator_id: int | None = None
    assignee_id: int | None = None
    status: str = "new"
    satisfaction: int | None = None
    reopenings: int = 0
    wait_seconds: int | None = None
    created_at: datetime | None = None
    due_at: datetime | None = None
    answer_seconds: int | None = None
    handler_id: int | None = None
    handled_month: str | None = None
    is_late: bool | None = None
    version: int = 0


@singledispatch
def fold(event: Any, row: RequestRow, at: datetime) -> RequestRow:
    raise NotImplementedError(event)


@fold.register
def _(event: RequestCreated, row: RequestRow, at: datetime) -> RequestRow:
    return dataclasses.replace(
        row,
        kind=event.kind,
        year=event.created_at.astimezone(UTC).year,
        customer_no=event.customer_no,
        creator_id=event.creator_id,
        created_at=event.created_at,
        due_at=event.due_at,
    )


@fold.register
def _(event: RequestMoved, row: RequestRow, at: datetime) -> RequestRow:
    return dataclasses.replace(row, customer_no=event.customer_no)


@fold.register
def _(event: RequestAllocated, row: RequestRow, at: datetime) -> RequestRow:
    answered = row.answer_seconds
    if answered is None and row.created_at and event.allocated_at:
        answered = int((event.allocated_at - row.created_at).total_seconds())
    return dataclasses.replace(row, status="allocated", assignee_id=event.assignee_id, answer_seconds=answered)


@fold.register
def _(event: RequestHandedOver, row: RequestRow, at: datetime) -> RequestRow:
    return dataclasses.replace(row, assignee_id=event.assignee_id)


@fold.register
def _(event: RequestHandled, row: RequestRow, at: datetime) -> RequestRow:
    waited = event.handled_at - event.created_at
    return dataclasses.replace(
        row,
        status="handled",
        wait_seconds=int(waited.total_seconds()),
        handler_id=event.handler_id,
        handled_month=month_of(event.handled_at),
        is_late=row.due_at is not None and event.handled_at > row.due_at,
    )


@fold.register
def _(event: RequestArchived, row: RequestRow, at: datetime) -> RequestRow:
    return dataclasses.replace(row, status="archived", satisfaction=event.satisfaction)


@fold.register
def _(event: RequestReopened, row: RequestRow, at: datetime) -> RequestRow:
    again = row.reopenings + 1
    return dataclasses.replace(row, status="allocated", satisfaction=event.satisfaction, reopenings=again)


@fold.register
def _(event: RequestDeleted, row: RequestRow, at: datetime) -> RequestRow:
    return dataclasses.replace(row, status=DELETED)


REQUESTS = Projection(
    "request_load",
    ["year", "kind"],
    row=RequestRow,
    heard=[
        RequestCreated,
        RequestAllocated,
        RequestHandedOver,
        RequestHandled,
        RequestArchived,
        RequestReopened,
        RequestDeleted,
        RequestMoved,
    ],
    fold=fold,
)
request_load = REQUESTS.table
