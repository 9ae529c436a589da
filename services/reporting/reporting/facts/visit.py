"""What we know of each return visit: whose it is, whether it was made, in time, and how content the customer is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

from chassis.events import Heard
from reporting.months import month_of
from reporting.projection import Projection


@dataclasses.dataclass(frozen=True, kw_only=True)
class Appointment:
    """What every event about a visit tells."""

    visit_id: int
    customer_no: str
    owner_id: int
    planned_for: datetime


class VisitPlanned(Appointment, Heard, type="service-desk.visit.planned"):
    """Somebody is to ask a customer how it went."""


class VisitEdited(Appointment, Heard, type="service-desk.visit.edited"):
    """The plan was changed."""


class VisitMoved(Appointment, Heard, type="service-desk.visit.moved"):
    """The visit is another customer's now, because the two turned out to be one."""


class VisitDone(Appointment, Heard, type="service-desk.visit.done"):
    """The customer was asked."""

    done_at: datetime
    satisfaction: int | None


class VisitDeleted(Heard, type="service-desk.visit.deleted"):
    """The visit will not be made."""

    visit_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class VisitFact:
    """One visit; late is what was made on a later day (UTC) than it was planned for."""

    visit_id: int
    customer_no: str = ""
    owner_id: int = 0
    planned_for: datetime | None = None
    done_month: str | None = None
    is_late: bool | None = None
    satisfaction: int | None = None
    is_deleted: bool = False
    version: int = 0


@singledispatch
def fold(event: Any, row: VisitFact, at: datetime) -> VisitFact:
    told = {name: getattr(event, name) for name in ("customer_no", "owner_id", "planned_for")}
    return dataclasses.replace(row, **told)


@fold.register
def _(event: VisitDone, row: VisitFact, at: datetime) -> VisitFact:
    planned, done = event.planned_for.astimezone(UTC), event.done_at.astimezone(UTC)
    return dataclasses.replace(
        row,
        customer_no=event.customer_no,
        owner_id=event.owner_id,
        planned_for=event.planned_for,
        done_month=month_of(event.done_at),
        is_late=done.date() > planned.date(),
        satisfaction=event.satisfaction,
    )


@fold.register
def _(event: VisitDeleted, row: VisitFact, at: datetime) -> VisitFact:
    return dataclasses.replace(row, is_deleted=True)


VISITS = Projection(
    "visit_fact",
    row=VisitFact,
    heard=[VisitPlanned, VisitEdited, VisitMoved, VisitDone, VisitDeleted],
    fold=fold,
)
visit_fact = VISITS.table
