"""Looking at opportunities in the month of their creation, by person, unit or product."""

from __future__ import annotations

from reporting.facts.person import person_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Dimension, Grouping, share, to_be_grouped
from reporting.report import Figure, How
from reporting.sales.model import FAILED, GONE, UNASSIGNED, WON, sales_opportunity

TABLE = sales_opportunity.c
OPPORTUNITIES = to_be_grouped(
    {
        "month": TABLE.created_month,
        "person": TABLE.salesperson_id,
        "unit": person_fact.c.unit_id,
        "product": TABLE.product,
    },
    month=TABLE.created_month,
    person=TABLE.salesperson_id,
    noun="opportunity",
    id=TABLE.opportunity_id,
    source=sales_opportunity.outerjoin(person_fact, person_fact.c.user_id == TABLE.salesperson_id),
    owners=(TABLE.salesperson_id,),
    where=(TABLE.status != GONE,),
    amount_minor=TABLE.amount_minor,
    currency=TABLE.currency,
)
GROUPING = Grouping(
    figures={
        "opportunities": Figure(OPPORTUNITIES),
        "assigned": Figure(OPPORTUNITIES, (TABLE.status != UNASSIGNED,)),
        "won": Figure(OPPORTUNITIES, (TABLE.status == WON,)),
        "failed": Figure(OPPORTUNITIES, (TABLE.status == FAILED,)),
        "won_amount": Figure(OPPORTUNITIES, (TABLE.status == WON,), How.MONEY),
    },
    dimensions={"month": IN_A_MONTH, "person": PERSON, "unit": UNIT, "product": Dimension("A product")},
    sources=("marketing", "identity"),
    parts={"conversion": ("Won, of all", lambda one: share(one.won, one.opportunities))},
    growing=("opportunities", "won"),
)
