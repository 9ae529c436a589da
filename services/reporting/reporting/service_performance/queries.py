"""Looking at requests, complaints and visits by who dealt with them and when, beside what their customers ordered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from reporting.facts.complaint import complaint_fact
from reporting.facts.customer import customer_fact
from reporting.facts.person import person_fact
from reporting.facts.visit import visit_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Grouping, share, to_be_grouped
from reporting.report import Figure, How, Records
from reporting.request_load.model import DELETED, request_load
from reporting.revenue.queries import PLACED


def done(noun: str, key: Any, *where: Any, month: Any, person: Any) -> Records:
    """What somebody dealt with, in the month in which it was done."""
    table = key.table
    source = table.outerjoin(customer_fact, customer_fact.c.customer_no == table.c.customer_no)
    return to_be_grouped(
        {"person": person, "unit": person_fact.c.unit_id, "month": month},
        month=month,
        person=person,
        noun=noun,
        id=key,
        source=source.outerjoin(person_fact, person_fact.c.user_id == person),
        owners=(person,),
        where=(month.is_not(None), *where),
        customer_no=table.c.customer_no,
        customer_name=customer_fact.c.name,
    )


R, C, V = request_load.c, complaint_fact.c, visit_fact.c
REQUESTS = done("request", R.request_id, R.status != DELETED, month=R.handled_month, person=R.handler_id)
COMPLAINTS = done("complaint", C.complaint_id, month=C.handled_month, person=C.handler_id)
VISITS = done("visit", V.visit_id, ~V.is_deleted, month=V.done_month, person=V.owner_id)


def mean(records: Records, measured: sa.Column[Any]) -> Figure:
    return Figure(records, (measured.is_not(None),), How.MEAN, measured)


GROUPING = Grouping(
    figures={
        "requests": Figure(REQUESTS),
        "requests_late": Figure(REQUESTS, (R.is_late,)),
        "reopenings": Figure(REQUESTS, (R.reopenings > 0,), How.SUM, R.reopenings),
        "average_answer_seconds": mean(REQUESTS, R.answer_seconds),
        "average_wait_seconds": mean(REQUESTS, R.wait_seconds),
        "satisfaction": mean(REQUESTS, R.satisfaction),
        "complaints": Figure(COMPLAINTS),
        "complaints_late": Figure(COMPLAINTS, (C.is_late,)),
        "average_complaint_seconds": mean(COMPLAINTS, C.wait_seconds),
        "complaint_satisfaction": mean(COMPLAINTS, C.satisfaction),
        "visits": Figure(VISITS),
        "visits_late": Figure(VISITS, (V.is_late,)),
        "visit_satisfaction": mean(VISITS, V.satisfaction),
        "income": Figure(PLACED, how=How.MONEY),
    },
    dimensions={"person": PERSON, "unit": UNIT, "month": IN_A_MONTH},
    sources=("service-desk", "customer", "identity"),
    default_sort="-requests",
    parts={
        "requests_in_time": ("Of the requests", lambda one: share(one.requests - one.requests_late, one.requests)),
        "complaints_in_time": ("Of the complaints",
                               lambda one: share(one.complaints - one.complaints_late, one.complaints)),
    },
    growing=("requests",),
)  # fmt: skip
