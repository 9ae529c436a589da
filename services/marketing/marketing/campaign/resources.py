"""Campaigns over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Money, Number, Required, Text, View
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.machine import NotInThisState
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.campaign import bulk, commands, queries
from marketing.campaign.life_cycle import LIFE_CYCLE, NotTheCampaignsOwner, OwnCampaign
from marketing.campaign.model import Campaign, Cost, Member, MemberKind, Response
from marketing.fields import Day
from marketing.remark.resources import Beside, remark_routes
from marketing.titles import TITLES


class OptionalFields(Body):
    """What may be planned."""

    kind = Text(50)
    budget = Money(attribute="budget_minor")
    target_responses = Number(0, 10**9)
    description = Text(2000)


class CampaignFields(OptionalFields):
    """A new campaign."""

    name = Required(100)
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    currency = Text(3, shortest=3)


class CampaignEdit(OptionalFields):
    """Any part of it, to plan it otherwise."""

    name = Text(100, shortest=1)
    starts_on = Day()
    ends_on = Day()


class Note(Body):
    """Why it goes back."""

    note = Required(500)


class Cancellation(Body):
    """Why it does not take place."""

    reason = Required(500)


class Evaluation(Body):
    """What came of it."""

    evaluation = Required(2000)
    score = Number(1, 5, required=True)


class MemberFields(Body):
    """Who or what takes part."""

    kind = Required(12, choices=tuple(MemberKind))
    reference = Required(40, metadata={"description": "Number of the customer, id of the contact, lead, product"})
    name = Required(100)


class CostFields(Body):
    """What it cost."""

    description = Required(200)
    amount = Money(attribute="amount_minor", required=True)
    spent_on = Day(required=True)


class ResponseFields(Body):
    """Who answered; ``outside_id`` makes sending it again harmless."""

    channel = Required(50)
    outside_id = Text(60)
    number = Number(1, 10**9)
    note = Text(500)
    received_on = Day()


class CampaignRow(View):
    """A campaign in a list."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    starts_on = ma.fields.Date(required=True)
    ends_on = ma.fields.Date(required=True)
    budget = Money(attribute="budget_minor", required=True)
    cost = Money(attribute="cost_minor", required=True)
    currency = ma.fields.String(required=True)
    target_responses = ma.fields.Integer(required=True)
    responses = ma.fields.Integer(required=True)
    score = ma.fields.Integer(allow_none=True, required=True)
    description = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


class CampaignView(CampaignRow):
    """A campaign in full."""

    note = ma.fields.String(required=True)
    evaluation = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


class MemberView(View):
    """One who takes part."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    reference = ma.fields.String(required=True)
    name = ma.fields.String(required=True)


class CostView(View):
    """A cost line."""

    id = ma.fields.Integer(required=True)
    description = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    spent_on = ma.fields.Date(required=True)
    by_name = ma.fields.String(required=True)


class ResponseView(View):
    """Answers through one channel."""

    id = ma.fields.Integer(required=True)
    channel = ma.fields.String(required=True)
    outside_id = ma.fields.String(allow_none=True, required=True)
    number = ma.fields.Integer(required=True)
    note = ma.fields.String(required=True)
    received_on = ma.fields.Date(required=True)


class ReturnView(View):
    """What a campaign cost, and what came of it."""

    campaign_id = ma.fields.Integer(required=True)
    currency = ma.fields.String(required=True)
    budget = Money(required=True)
    cost = Money(required=True)
    won_deals = ma.fields.Integer(required=True)
    won_amount = Money(required=True)
    open_deals = ma.fields.Integer(required=True)
    open_amount = Money(required=True)
    return_on_investment = ma.fields.Float(allow_none=True, required=True)


ONE = "/campaigns/<int:campaign_id>"
REFUSES = (NotInThisState, NotTheCampaignsOwner)
REMARKS = Beside("campaign", "/campaigns", queries.get_campaign, Campaign.id, (), "campaign:read", "campaign:write")

CAMPAIGN_IMPORT = Import(
    noun="campaigns",
    kind=Campaign,
    row=CampaignFields,
    command=bulk.import_campaigns,
    titles=TITLES,
    needs="campaign:write",
    withdraw=bulk.withdraw_campaign,
)
CAMPAIGN_FILES = Attachments(
    service="marketing",
    kind=Campaign,
    path=ONE,
    finds=queries.get_campaign,
    reads="campaign:read",
    writes="campaign:write",
)

routes = [
    Route(method="GET", path="/campaigns", lists=queries.CAMPAIGNS, gives=CampaignRow, needs="campaign:read"),
    Route(method="GET", path=ONE, calls=queries.get_campaign, gives=CampaignView, needs="campaign:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.campaign_history, gives=History, needs="campaign:read"),
    Route(method="GET", path=ONE + "/return", calls=queries.campaign_return, gives=ReturnView, needs="campaign:read"),
    Route(method="POST", path="/campaigns/bulk", calls=bulk.import_campaigns, takes=bulk_of(CampaignFields),
          gives=BulkAnswer, needs="campaign:write", refuses=(RowsRefused,)),
    Route(method="POST", path="/campaigns", calls=commands.create_campaign, takes=CampaignFields, gives=CampaignView,
          needs="campaign:write", status=201, refuses=(ValueUnknown,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_campaign, takes=CampaignEdit, gives=CampaignView,
          needs="campaign:write", needs_version=True, refuses=(*REFUSES, ValueUnknown)),
    Route(method="DELETE", path=ONE, calls=commands.delete_campaign, needs="campaign:write", status=204,
          needs_version=True, refuses=REFUSES),
    Route(method="POST", path=ONE + "/submission", calls=commands.submit_campaign, gives=CampaignView,
          needs="campaign:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/approval", calls=commands.approve_campaign, gives=CampaignView,
          needs="campaign:approve", refuses=(NotInThisState, OwnCampaign)),
    Route(method="POST", path=ONE + "/rejection", calls=commands.reject_campaign, takes=Note, gives=CampaignView,
          needs="campaign:approve", refuses=(NotInThisState, OwnCampaign)),
    Route(method="POST", path=ONE + "/start", calls=commands.start_campaign, gives=CampaignView,
          needs="campaign:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/finish", calls=commands.finish_campaign, gives=CampaignView,
          needs="campaign:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/evaluation", calls=commands.evaluate_campaign, takes=Evaluation,
          gives=CampaignView, needs="campaign:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/cancellation", calls=commands.cancel_campaign, takes=Cancellation,
          gives=CampaignView, needs="campaign:write", refuses=REFUSES),
    Route(method="GET", path=ONE + "/members", lists=queries.MEMBERS, within={"campaign_id": Member.campaign_id},
          gives=MemberView, needs="campaign:read"),
    Route(method="POST", path=ONE + "/members", calls=commands.add_member, takes=MemberFields, gives=CampaignView,
          needs="campaign:write", refuses=(*REFUSES, PersonErased),
          most_statements=8),  # whether whoever it is was erased; the member; the campaign and its event
    Route(method="DELETE", path=ONE + "/members/<int:member_id>", calls=commands.remove_member, status=204,
          needs="campaign:write", refuses=REFUSES),
    Route(method="GET", path=ONE + "/costs", lists=queries.COSTS, within={"campaign_id": Cost.campaign_id},
          gives=CostView, needs="campaign:read"),
    Route(method="POST", path=ONE + "/costs", calls=commands.record_cost, takes=CostFields, gives=CampaignView,
          needs="campaign:write", refuses=REFUSES),
    Route(method="GET", path=ONE + "/responses", lists=queries.RESPONSES,
          within={"campaign_id": Response.campaign_id}, gives=ResponseView, needs="campaign:read"),
    Route(method="POST", path=ONE + "/responses", calls=commands.record_response, takes=ResponseFields,
          gives=CampaignView, needs="campaign:write", refuses=REFUSES,
          most_statements=7),  # a response that came before is looked for
    *remark_routes(REMARKS),
    *routes_of(CAMPAIGN_IMPORT),
    *CAMPAIGN_FILES.routes,
]  # fmt: skip
