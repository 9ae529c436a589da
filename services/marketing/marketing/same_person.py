"""Who is the same person: the contact of a deal, a lead that became one, and whoever became a customer."""

from __future__ import annotations

from chassis.tracing import Path, along, both_ways
from marketing.deal.model import Deal
from marketing.lead.model import Lead
from marketing.opportunity.model import Opportunity

same_person = along(
    *both_ways("contact", Deal.contact_id, "deal", Deal.id),
    *both_ways("contact", Lead.contact_id, "lead", Lead.id),
    *both_ways("customer", Deal.customer_no, "buyer", Deal.id),
    *both_ways("customer", Opportunity.customer_no, "prospect", Opportunity.id),
    Path("customer", Lead.customer_no, "lead", Lead.id),
)
"""A lead does not take the customer along that came of it: usually that is the company he or she works for."""
