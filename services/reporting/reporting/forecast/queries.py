"""Looking ahead: open deals by the month in which they are expected, weighted by their probability."""

from __future__ import annotations

from reporting.facts.deal import OPEN, WON, deal_fact
from reporting.facts.person import person_fact
from reporting.facts.target import SALES, forecast_fact, share_amount, share_id, share_owner_id, shares, target_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Grouping, share, to_be_grouped
from reporting.performance.queries import deals
from reporting.report import Figure, How

EXPECTED = deals(deal_fact.c.expected_month, deal_fact.c.status == OPEN)
WON_THEN = deals(deal_fact.c.closed_month, deal_fact.c.status == WON)
STATED = to_be_grouped(
    {"month": forecast_fact.c.month, "person": forecast_fact.c.owner_id, "unit": person_fact.c.unit_id},
    month=forecast_fact.c.month,
    person=forecast_fact.c.owner_id,
    noun="forecast",
    id=forecast_fact.c.forecast_id,
    source=forecast_fact.outerjoin(person_fact, person_fact.c.user_id == forecast_fact.c.owner_id),
    owners=(forecast_fact.c.owner_id,),
    amount_minor=forecast_fact.c.amount_minor,
    currency=forecast_fact.c.currency,
)
AIMED_AT = to_be_grouped(
    {"month": target_fact.c.month, "person": share_owner_id, "unit": person_fact.c.unit_id},
    month=target_fact.c.month,
    person=share_owner_id,
    noun="target",
    id=share_id,
    source=shares.outerjoin(person_fact, person_fact.c.user_id == share_owner_id),
    owners=(share_owner_id,),
    where=(target_fact.c.kind == SALES,),
    amount_minor=share_amount,
    currency=target_fact.c.currency,
)
GROUPING = Grouping(
    figures={
        "expected": Figure(EXPECTED),
        "expected_amount": Figure(EXPECTED, how=How.MONEY),
        "weighted": Figure(EXPECTED, how=How.MONEY, measured=deal_fact.c.weighted_minor),
        "won_amount": Figure(WON_THEN, how=How.MONEY),
        "stated": Figure(STATED, how=How.MONEY),
        "target": Figure(AIMED_AT, how=How.MONEY),
    },
    dimensions={"month": IN_A_MONTH, "person": PERSON, "unit": UNIT},
    sources=("marketing", "identity"),
    parts_of_amounts={
        "attained": ("Won, of the target", lambda one: share(one.won_amount, one.target)),
        "in_sight": ("Won and weighted, of the target", lambda one: share(one.won_amount + one.weighted, one.target)),
    },
)
