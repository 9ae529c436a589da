"""Looking at leads in the month of their creation, by source, person or unit."""

from __future__ import annotations

from reporting.facts.lead import CONVERTED, FALSE, LOST, lead_fact
from reporting.facts.person import person_fact
from reporting.grouped import IN_A_MONTH, PERSON, UNIT, Dimension, Grouping, share, to_be_grouped
from reporting.report import Figure

LEADS = to_be_grouped(
    {
        "source": lead_fact.c.source,
        "person": lead_fact.c.owner_id,
        "unit": person_fact.c.unit_id,
        "month": lead_fact.c.created_month,
    },
    month=lead_fact.c.created_month,
    person=lead_fact.c.owner_id,
    noun="lead",
    id=lead_fact.c.lead_id,
    source=lead_fact.outerjoin(person_fact, person_fact.c.user_id == lead_fact.c.owner_id),
    owners=(lead_fact.c.owner_id,),
    where=(~lead_fact.c.is_deleted,),
)
GROUPING = Grouping(
    figures={
        "leads": Figure(LEADS),
        "open": Figure(LEADS, (lead_fact.c.status_code.not_in((FALSE, LOST, CONVERTED)),)),
        "rejected": Figure(LEADS, (lead_fact.c.status_code.in_((FALSE, LOST)),)),
        "converted": Figure(LEADS, (lead_fact.c.status_code == CONVERTED,)),
    },
    dimensions={"source": Dimension("Where it came from"), "person": PERSON, "unit": UNIT, "month": IN_A_MONTH},
    sources=("marketing", "identity"),
    default_sort="-leads",
    parts={"conversion": ("Of the leads", lambda one: share(one.converted, one.leads))},
    growing=("leads",),
)
