"""Leads over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Choice, Money, Number, Required, Text, View, erased_field
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.machine import NotInThisState
from chassis.people import NotAtWork
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.campaign.queries import CampaignTakesNone
from marketing.fields import Day
from marketing.lead import bulk, commands, queries
from marketing.lead.life_cycle import LIFE_CYCLE, REACHED, REJECTED, LeadClosed, NotTheLeadsOwner
from marketing.lead.model import CompanyKnown, Lead, lead_campaign
from marketing.remark.resources import Beside, remark_routes
from marketing.titles import TITLES


class OptionalFields(Body):
    """What may be known of a lead."""

    salutation = Text(20)
    job = Text(50)
    email = Text(100)
    phone = Text(50)
    mobile = Text(50)
    website = Text(200)
    source = Text(50)
    description = Text(2000)
    contact_summary = Text(500)
    next_contact_on = Day(allow_none=True)
    address = Text(300)


class LeadFields(OptionalFields):
    """Somebody who may become a customer."""

    full_name = Required(50)
    company = Required(100)


class LeadRecord(LeadFields):
    """A lead kept elsewhere."""

    reference = Text(60)


class LeadEdit(OptionalFields):
    """Any part of it, to correct it."""

    full_name = Text(50, shortest=1)
    company = Text(100, shortest=1)


class LeadContact(Body):
    """What was talked about: contacted 3, contact in future 2 (with the day), needs conditions 7."""

    status = Choice(REACHED, required=True)
    summary = Text(500)
    next_contact_on = Day()


class Rejection(Body):
    """Why nothing comes of it: a false lead 4, a lost one 5."""

    status = Choice(REJECTED, required=True)
    reason = Required(500)


class LeadTransfer(Body):
    """Who goes on with it."""

    owner_id = Number(1, required=True)


class CampaignLink(Body):
    """The campaign it came of."""

    campaign_id = Number(1, required=True)


class DealOfLead(Body):
    """The deal to begin."""

    name = Required(200)
    amount = Money(attribute="amount_minor", required=True)
    currency = Text(3, shortest=3)
    expected_on = Day(required=True)
    stage = Text(30)
    campaign_id = Number(1)


class ConversionFields(Body):
    """Whom it becomes: a new customer, or the one with this number; and whether there is a deal."""

    customer_no = Text(17)
    deal = ma.fields.Nested(DealOfLead)


class LeadRow(View):
    """A lead in a list."""

    id = ma.fields.Integer(required=True)
    reference = ma.fields.String(allow_none=True, required=True)
    full_name = ma.fields.String(required=True)
    salutation = ma.fields.String(required=True)
    company = ma.fields.String(required=True)
    job = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    mobile = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    contact_summary = ma.fields.String(required=True)
    next_contact_on = ma.fields.Date(allow_none=True, required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    customer_no = ma.fields.String(allow_none=True, required=True)
    deal_id = ma.fields.Integer(allow_none=True, required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class LeadView(LeadRow):
    """A lead in full."""

    website = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    contact_id = ma.fields.Integer(allow_none=True, required=True)
    converted_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    actions = Actions(LIFE_CYCLE)


class LinkedCampaignView(View):
    """A campaign that a lead came of."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    starts_on = ma.fields.Date(required=True)
    ends_on = ma.fields.Date(required=True)


ONE = "/leads/<int:lead_id>"
REFUSES = (LeadClosed, NotTheLeadsOwner)
GOES_ON = (*REFUSES, PersonErased)
REMARKS = Beside("lead", "/leads", queries.get_lead, Lead.id, (Lead.owner_id,), "lead:read", "lead:write")

LEAD_IMPORT = Import(
    noun="leads",
    kind=Lead,
    row=LeadRecord,
    command=bulk.import_leads,
    titles=TITLES,
    needs="lead:import",
    withdraw=bulk.withdraw_lead,
)
LEAD_FILES = Attachments(
    service="marketing", kind=Lead, path=ONE, finds=queries.get_lead, reads="lead:read", writes="lead:write"
)

routes = [
    Route(method="GET", path="/leads", lists=queries.LEADS, gives=LeadRow, needs="lead:read"),
    Route(method="POST", path="/leads/bulk", calls=bulk.import_leads, takes=bulk_of(LeadRecord), gives=BulkAnswer,
          needs="lead:import", refuses=(RowsRefused,)),
    Route(method="GET", path=ONE, calls=queries.get_lead, gives=LeadView, needs="lead:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.lead_history, gives=History, needs="lead:read"),
    Route(method="POST", path="/leads", calls=commands.create_lead, takes=LeadFields, gives=LeadView,
          needs="lead:write", status=201, refuses=(ValueUnknown,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_lead, takes=LeadEdit, gives=LeadView, needs="lead:write",
          needs_version=True, refuses=(*GOES_ON, ValueUnknown)),
    Route(method="DELETE", path=ONE, calls=commands.delete_lead, needs="lead:write", status=204, needs_version=True,
          refuses=REFUSES),
    Route(method="POST", path=ONE + "/attempt", calls=commands.try_lead, gives=LeadView, needs="lead:write",
          refuses=GOES_ON),
    Route(method="POST", path=ONE + "/contact", calls=commands.contact_lead, takes=LeadContact, gives=LeadView,
          needs="lead:write", refuses=GOES_ON),
    Route(method="POST", path=ONE + "/rejection", calls=commands.reject_lead, takes=Rejection, gives=LeadView,
          needs="lead:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/reopening", calls=commands.reopen_lead, gives=LeadView, needs="lead:reopen",
          refuses=(NotInThisState, PersonErased)),
    Route(method="POST", path=ONE + "/transfer", calls=commands.transfer_lead, takes=LeadTransfer, gives=LeadView,
          needs="lead:transfer", refuses=(LeadClosed, NotAtWork)),
    Route(method="POST", path=ONE + "/conversion", calls=commands.convert_lead, takes=ConversionFields,
          gives=LeadView, needs="lead:convert", refuses=(*GOES_ON, CompanyKnown),
          most_statements=11),  # the flow, which may have been begun before; its deadline; the remarks that go along
    Route(method="GET", path=ONE + "/campaigns", lists=queries.LINKED_CAMPAIGNS, gives=LinkedCampaignView,
          within={"lead_id": lead_campaign.c.lead_id}, needs="lead:read"),
    Route(method="POST", path=ONE + "/campaigns", calls=commands.link_campaign, takes=CampaignLink, gives=LeadView,
          needs="lead:write", refuses=(*REFUSES, CampaignTakesNone),
          most_statements=7),  # the campaign and the link to it
    Route(method="DELETE", path=ONE + "/campaigns/<int:campaign_id>", calls=commands.unlink_campaign, status=204,
          needs="lead:write", refuses=REFUSES),
    *remark_routes(REMARKS),
    *routes_of(LEAD_IMPORT),
    *LEAD_FILES.routes,
]  # fmt: skip
