"""Looking at what came of deals, by person, unit, month or source."""

from __future__ import annotations

from typing import Any

from reporting.facts.customer import customer_fact
from reporting.facts.deal import LOST, WON, deal_fact
from reporting.facts.person import person_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Dimension, Grouping, share, to_be_grouped
from reporting.report import Figure, How, Records

DEALS = deal_fact.outerjoin(customer_fact, customer_fact.c.customer_no == deal_fact.c.customer_no).outerjoin(
    person_fact, person_fact.c.user_id == deal_fact.c.owner_id
)
SOURCE = Dimension("Where it came from")


def deals(month: Any, *where: Any, **groups: Any) -> Records:
    """Deals, each in the month of this column."""
    table = deal_fact.c
    return to_be_grouped(
        {"person": table.owner_id, "unit": person_fact.c.unit_id, "month": month, **groups},
        month=month,
        person=table.owner_id,
        noun="deal",
        id=table.deal_id,
        source=DEALS,
        owners=(table.owner_id,),
        where=where,
        customer_no=table.customer_no,
        customer_name=customer_fact.c.name,
        amount_minor=table.amount_minor,
        currency=table.currency,
    )


CREATED = deals(deal_fact.c.created_month, source=deal_fact.c.source)
CLOSED = deals(deal_fact.c.closed_month, deal_fact.c.closed_month.is_not(None), source=deal_fact.c.source)
IS_WON = (deal_fact.c.status == WON,)
GROUPING = Grouping(
    figures={
        "created": Figure(CREATED),
        "won": Figure(CLOSED, IS_WON),
        "lost": Figure(CLOSED, (deal_fact.c.status == LOST,)),
        "won_amount": Figure(CLOSED, IS_WON, How.MONEY),
    },
    dimensions={"person": PERSON, "unit": UNIT, "month": IN_A_MONTH, "source": SOURCE},
    sources=("marketing", "identity"),
    default_sort="-won_amount",
    parts={"win_rate": ("Of the deals that were closed", lambda one: share(one.won, one.won + one.lost))},
    growing=("won", "won_amount"),
)
