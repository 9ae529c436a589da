"""What we know of each complaint: who handled it, how long that took, whether it was late, and how content they are."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import singledispatch
from typing import Any

from chassis.events import Heard
from reporting.months import month_of
from reporting.projection import Projection


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grievance:
    """What every event about a complaint tells."""

    complaint_id: int
    customer_no: str
    creator_id: int
    assignee_id: int | None
    severity: str
    entered_at: datetime
    due_at: datetime


class ComplaintEntered(Grievance, Heard, type="service-desk.complaint.entered"):
    """A customer complains."""


class ComplaintEdited(Grievance, Heard, type="service-desk.complaint.edited"):
    """What was known of a complaint was corrected."""


class ComplaintAssigned(Grievance, Heard, type="service-desk.complaint.assigned"):
    """Somebody is to handle a complaint."""


class ComplaintHandled(Grievance, Heard, type="service-desk.complaint.handled"):
    """A complaint was handled."""

    handler_id: int
    handled_at: datetime


class ComplaintVisited(Grievance, Heard, type="service-desk.complaint.visited"):
    """The customer was asked, and is content."""

    satisfaction: int


class ComplaintReturned(Grievance, Heard, type="service-desk.complaint.returned"):
    """The customer was asked, and is not content."""

    satisfaction: int


class ComplaintClosed(Grievance, Heard, type="service-desk.complaint.closed"):
    """A complaint is over."""


class ComplaintOverdue(Grievance, Heard, type="service-desk.complaint.overdue"):
    """A complaint was not handled in time."""


class ComplaintMoved(Grievance, Heard, type="service-desk.complaint.moved"):
    """A complaint is another customer's now, because the two turned out to be one."""


@dataclasses.dataclass(frozen=True, slots=True)
class ComplaintFact:
    """One complaint; ``wait_seconds`` is from its entry until it was last handled."""

    complaint_id: int
    customer_no: str = ""
    creator_id: int = 0
    assignee_id: int | None = None
    severity: str = ""
    status: str = "entered"
    entered_month: str = ""
    due_at: datetime | None = None
    handler_id: int | None = None
    handled_month: str | None = None
    wait_seconds: int | None = None
    is_late: bool | None = None
    satisfaction: int | None = None
    version: int = 0


@singledispatch
def fold(event: Any, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return _described(event, row)


@fold.register
def _(event: ComplaintAssigned, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return dataclasses.replace(_described(event, row), status="assigned")


@fold.register
def _(event: ComplaintHandled, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return dataclasses.replace(
        _described(event, row),
        status="handled",
        handler_id=event.handler_id,
        handled_month=month_of(event.handled_at),
        wait_seconds=int((event.handled_at - event.entered_at).total_seconds()),
        is_late=event.handled_at > event.due_at,
    )


@fold.register
def _(event: ComplaintVisited, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return dataclasses.replace(_described(event, row), status="visited", satisfaction=event.satisfaction)


@fold.register
def _(event: ComplaintReturned, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return dataclasses.replace(_described(event, row), status="assigned", satisfaction=event.satisfaction)


@fold.register
def _(event: ComplaintClosed, row: ComplaintFact, at: datetime) -> ComplaintFact:
    return dataclasses.replace(_described(event, row), status="closed")


def _described(event: Grievance, row: ComplaintFact) -> ComplaintFact:
    told = {name: getattr(event, name) for name in DESCRIBED}
    return dataclasses.replace(row, **told, entered_month=month_of(event.entered_at))


DESCRIBED = [field.name for field in dataclasses.fields(Grievance) if field.name not in ("complaint_id", "entered_at")]
COMPLAINTS = Projection(
    "complaint_fact",
    row=ComplaintFact,
    heard=[
        ComplaintEntered,
        ComplaintEdited,
        ComplaintAssigned,
        ComplaintHandled,
        ComplaintVisited,
        ComplaintReturned,
        ComplaintClosed,
        ComplaintOverdue,
        ComplaintMoved,
    ],
    fold=fold,
)
complaint_fact = COMPLAINTS.table
