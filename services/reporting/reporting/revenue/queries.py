"""Looking at orders, by month or by whose customers ordered."""

from __future__ import annotations

from reporting.contribution.model import contribution_order
from reporting.facts.customer import customer_fact
from reporting.facts.person import person_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Dimension, Grouping, to_be_grouped
from reporting.report import Figure, How

ORDERS = contribution_order.outerjoin(
    customer_fact, customer_fact.c.customer_no == contribution_order.c.customer_no
).outerjoin(person_fact, person_fact.c.user_id == customer_fact.c.manager_id)
PLACED = to_be_grouped(
    {
        "month": contribution_order.c.month,
        "person": customer_fact.c.manager_id,
        "unit": person_fact.c.unit_id,
        "region": customer_fact.c.region,
    },
    month=contribution_order.c.month,
    person=customer_fact.c.manager_id,
    noun="order",
    id=contribution_order.c.order_no,
    source=ORDERS,
    owners=(customer_fact.c.manager_id,),
    where=(contribution_order.c.is_counted,),
    customer_no=contribution_order.c.customer_no,
    customer_name=customer_fact.c.name,
    amount_minor=contribution_order.c.amount_minor,
    currency=contribution_order.c.currency,
)
GROUPING = Grouping(
    figures={
        "orders": Figure(PLACED),
        "credit_notes": Figure(PLACED, (contribution_order.c.is_credit_note,)),
        "ordered": Figure(PLACED, how=How.MONEY),
    },
    dimensions={"month": IN_A_MONTH, "person": PERSON, "unit": UNIT, "region": Dimension("The customer's region")},
    sources=("customer", "identity"),
    growing=("orders", "ordered"),
)
