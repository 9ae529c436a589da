"""Deals over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Money, Number, Required, Text, View, erased_field
from chassis.history import History
from chassis.people import NotAtWork
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.campaign.queries import CampaignTakesNone
from marketing.deal import commands, queries
from marketing.deal.life_cycle import LIFE_CYCLE, DealClosed, NotTheOwner, WorthNothing
from marketing.deal.model import Deal
from marketing.fields import Day
from marketing.pipeline.model import PipelineClosed
from marketing.remark.resources import Beside, remark_routes


class OptionalFields(Body):
    """What may be known of a deal."""

    kind = Text(50)
    source = Text(50)
    campaign_id = Number(1)
    description = Text(2000)
    contact_summary = Text(500)
    next_contact_on = Day()


class DealFields(OptionalFields):
    """A new deal; ``customer_name`` may be new, ``customer_no`` is one that is there."""

    name = Required(200)
    amount = Money(attribute="amount_minor", required=True)
    currency = Text(3, shortest=3)
    expected_on = Day(required=True)
    customer_no = Text(17)
    customer_name = Text(100)
    contact_id = Number(1)
    contact_name = Text(50)
    pipeline = Text(30)
    stage = Text(30)


class DealEdit(OptionalFields):
    """Any part of it, to correct it."""

    name = Text(200, shortest=1)
    amount = Money(attribute="amount_minor")
    expected_on = Day()
    contact_name = Text(50)


class StageChange(OptionalFields):
    """Where it goes, with what that stage asks for."""

    stage = Required(30)
    amount = Money(attribute="amount_minor")
    expected_on = Day()
    contact_name = Text(50)


class Defeat(Body):
    """Why nothing comes of it; naming a competitor means it was lost to this one."""

    reason = Required(500)
    competitor = Text(100)


class DealTransfer(Body):
    """Who goes on with it."""

    owner_id = Number(1, required=True)


class DealRow(View):
    """A deal in a list."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    customer_no = ma.fields.String(allow_none=True, required=True)
    customer_name = ma.fields.String(required=True)
    contact_id = ma.fields.Integer(allow_none=True, required=True)
    contact_name = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    currency = ma.fields.String(required=True)
    expected_on = ma.fields.Date(required=True)
    kind = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    campaign_id = ma.fields.Integer(allow_none=True, required=True)
    pipeline = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    stage_position = ma.fields.Integer(required=True)
    probability = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    next_contact_on = ma.fields.Date(allow_none=True, required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    entered_at = ma.fields.AwareDateTime(required=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class DealView(DealRow):
    """A deal in full."""

    lead_id = ma.fields.Integer(allow_none=True, required=True)
    description = ma.fields.String(required=True)
    contact_summary = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    competitor = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


class StageStep(View):
    """One stay in a stage; ``seconds`` is missing while it lasts."""

    stage = ma.fields.String(required=True)
    amount = Money(required=True)
    currency = ma.fields.String(required=True)
    expected_on = ma.fields.Date(required=True)
    probability = ma.fields.Integer(required=True)
    entered_at = ma.fields.AwareDateTime(required=True)
    by_name = ma.fields.String(required=True)
    seconds = ma.fields.Integer()


class DealStages(View):
    """The way a deal went, oldest first."""

    items = ma.fields.List(ma.fields.Nested(StageStep), required=True)


class BoardQuery(Body):
    """Which pipeline."""

    pipeline = Text(30)


class BoardColumn(View):
    """The deals of one stage in one currency."""

    stage = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    deals = ma.fields.Integer(required=True)
    amount = Money(required=True)


class BoardView(View):
    """How much is where."""

    pipeline = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(BoardColumn), required=True)


ONE = "/deals/<int:deal_id>"
REFUSES = (DealClosed, NotTheOwner)
REMARKS = Beside("deal", "/deals", queries.get_deal, Deal.id, (Deal.owner_id,), "deal:read", "deal:write")

routes = [
    Route(method="GET", path="/deals", lists=queries.DEALS, gives=DealRow, needs="deal:read"),
    Route(method="GET", path="/deals/board", calls=queries.board, asks=BoardQuery, gives=BoardView, needs="deal:read"),
    Route(method="GET", path=ONE, calls=queries.get_deal, gives=DealView, needs="deal:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.deal_history, gives=History, needs="deal:read"),
    Route(method="GET", path=ONE + "/stages", calls=queries.deal_stages, gives=DealStages, needs="deal:read"),
    Route(method="POST", path="/deals", calls=commands.create_deal, takes=DealFields, gives=DealView,
          needs="deal:write", status=201, refuses=(ValueUnknown, PipelineClosed, CampaignTakesNone),
          most_statements=7),  # a customer nobody knows yet is waited for: a flow with its deadline
    Route(method="PATCH", path=ONE, calls=commands.edit_deal, takes=DealEdit, gives=DealView, needs="deal:write",
          needs_version=True, refuses=(*REFUSES, ValueUnknown, CampaignTakesNone, PersonErased)),
    Route(method="POST", path=ONE + "/stage", calls=commands.change_stage, takes=StageChange, gives=DealView,
          needs="deal:write", refuses=(*REFUSES, PersonErased)),
    Route(method="POST", path=ONE + "/win", calls=commands.win_deal, gives=DealView, needs="deal:write",
          refuses=(*REFUSES, WorthNothing)),
    Route(method="POST", path=ONE + "/loss", calls=commands.lose_deal, takes=Defeat, gives=DealView,
          needs="deal:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/transfer", calls=commands.transfer_deal, takes=DealTransfer, gives=DealView,
          needs="deal:transfer", refuses=(DealClosed, NotAtWork)),
    *remark_routes(REMARKS),
]  # fmt: skip
