"""One list over requests, complaints and visits that are not settled yet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal, present, until
from service_desk.complaint.life_cycle import Status as ComplaintStatus
from service_desk.complaint.model import Complaint
from service_desk.request.life_cycle import Status as RequestStatus
from service_desk.request.model import Request
from service_desk.visit.life_cycle import OPEN
from service_desk.visit.model import Visit


def _part(noun: str, table: Any, **differing: Any) -> sa.Select[Any]:
    """One noun's columns under the names of the list; ``differing`` are those that it calls otherwise."""
    usual = ("title", "assignee_id", "creator_id", "due_at", "overdue_at")
    same = differing or {name: getattr(table, name) for name in usual}
    return sa.select(
        (sa.literal(f"{noun}/") + sa.cast(table.id, sa.String(20))).label("key"),
        sa.literal(noun).label("noun"),
        table.id.label("id"),
        same["title"].label("title"),
        table.customer_no.label("customer_no"),
        table.customer_name.label("customer_name"),
        sa.cast(table.status, sa.String(12)).label("status"),
        same["assignee_id"].label("owner_id"),
        same["creator_id"].label("creator_id"),
        same["due_at"].label("due_at"),
        same["overdue_at"].label("overdue_at"),
    )


_calls = {
    "title": Visit.subject,
    "assignee_id": Visit.owner_id,
    "creator_id": Visit.owner_id,
    "due_at": Visit.planned_for,
    "overdue_at": Visit.reminded_at,
}
OPEN_WORK = sa.union_all(
    _part("request", Request).where(Request.status != RequestStatus.ARCHIVED),
    _part("complaint", Complaint).where(Complaint.status != ComplaintStatus.CLOSED),
    _part("visit", Visit, **_calls).where(Visit.status.in_(OPEN)),
).subquery("open_work")

SHOWN = ("noun", "id", "title", "customer_no", "customer_name", "status", "owner_id", "due_at", "overdue_at")
WORK = Listing(
    columns={name: OPEN_WORK.c[name] for name in SHOWN},
    key=OPEN_WORK.c.key,
    source=OPEN_WORK,
    owners=(OPEN_WORK.c.owner_id, OPEN_WORK.c.creator_id),
    filters={
        "noun": equal(OPEN_WORK.c.noun),
        "owner_id": equal(OPEN_WORK.c.owner_id),
        "status": equal(OPEN_WORK.c.status),
        "customer_no": equal(OPEN_WORK.c.customer_no),
        "customer_name": contains(OPEN_WORK.c.customer_name),
        "due_to": until(OPEN_WORK.c.due_at),
        "overdue": present(OPEN_WORK.c.overdue_at),
    },
    sorts={"due_at": OPEN_WORK.c.due_at, "customer_name": OPEN_WORK.c.customer_name},
    default_sort="due_at",
    search=(OPEN_WORK.c.title, OPEN_WORK.c.customer_name),
)
