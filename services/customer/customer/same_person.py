"""Who is the same person: contacts and whatever they were named in before, customers and what belongs to them.

A customer who is a person takes his or her contacts along: they are known only as people at this customer. A contact
does not take the customer along, which usually is a company. A loss is nobody, but what was written about it is text.
"""

from __future__ import annotations

import sqlalchemy as sa

from chassis.tracing import Path, along, both_ways
from customer.contact.model import Contact
from customer.intake import Intake
from customer.links import customer_of_opportunity
from customer.loss.model import Loss

LED = customer_of_opportunity.c
LEAD, DEAL = "lead/", "deal/"
FROM_LEAD, FROM_DEAL = Intake.origin.like(LEAD + "%"), Intake.origin.like(DEAL + "%")
LEAD_ID = sa.func.substr(Intake.origin, len(LEAD) + 1, type_=sa.String)
DEAL_ID = sa.func.substr(Intake.origin, len(DEAL) + 1, type_=sa.String)

same_person = along(
    *both_ways("contact", LED.contact_id, "opportunity", LED.opportunity_id),
    *both_ways("customer", LED.customer_no, "prospect", LED.opportunity_id),
    *both_ways("contact", Intake.contact_id, "lead", LEAD_ID, FROM_LEAD),
    *both_ways("contact", Intake.contact_id, "deal", DEAL_ID, FROM_DEAL),
    *both_ways("customer", Intake.customer_no, "buyer", DEAL_ID, FROM_DEAL),
    Path("customer", Intake.customer_no, "lead", LEAD_ID, FROM_LEAD),
    Path("customer", Contact.customer_no, "contact", Contact.id),
    Path("customer", Loss.customer_no, "loss", Loss.id),
)
