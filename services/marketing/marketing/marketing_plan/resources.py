"""Marketing plans over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Money, Number, Required, Text, View, When
from chassis.history import History
from chassis.machine import NotInThisState
from chassis.numbering import NumbersExhausted
from chassis.routes import Route
from chassis.sniffing import IMAGES
from marketing.fields import Day, Degrees
from marketing.marketing_plan import commands, queries
from marketing.marketing_plan.life_cycle import (
    LIFE_CYCLE,
    FeedbackMissing,
    NotTheMarketingPlansOwner,
    OwnMarketingPlan,
    SecondReviewerNeeded,
)
from marketing.marketing_plan.model import CheckIn, CheckInKind, Kind, MarketingPlan


class OptionalFields(Body):
    """What may be planned."""

    cost = Money(attribute="cost_minor")
    description = Text(2000)


class MarketingPlanFields(OptionalFields):
    """A new marketing plan."""

    title = Required(200)
    kind = Required(12, choices=tuple(Kind))
    sub_kind = Required(50)
    goal = Required(2000)
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    currency = Text(3, shortest=3)


class MarketingPlanEdit(OptionalFields):
    """Any part of it, to plan it otherwise."""

    title = Text(200, shortest=1)
    kind = Text(12, choices=tuple(Kind))
    sub_kind = Text(50, shortest=1)
    goal = Text(2000, shortest=1)
    starts_on = Day()
    ends_on = Day()


class MarketingPlanApproval(Body):
    """What the reviewer has to say."""

    note = Text(500)


class MarketingPlanRejection(Body):
    """Why it goes back."""

    note = Required(500)


class MarketingPlanCancellation(Body):
    """Why it is not carried out."""

    reason = Required(500)


class CheckInFields(Body):
    """Where one is, and what for."""

    kind = Required(12, choices=tuple(CheckInKind))
    at = When(metadata={"description": "When, if not now; never in the future"})
    latitude = Degrees(90, required=True)
    longitude = Degrees(180, required=True)
    region = Text(100)
    note = Text(500)
    photo_id = Number(1, metadata={"description": "Id of a photo among the plan's files"})


class MarketingPlanFeedback(Body):
    """What came of it, and how much of the goal was reached."""

    result = Required(2000)
    achievement = Number(0, 1000, required=True, metadata={"description": "In percent of the goal"})


class MarketingPlanRow(View):
    """A marketing plan in a list."""

    id = ma.fields.Integer(required=True)
    plan_no = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    sub_kind = ma.fields.String(required=True)
    goal = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    starts_on = ma.fields.Date(required=True)
    ends_on = ma.fields.Date(required=True)
    cost = Money(attribute="cost_minor", required=True)
    currency = ma.fields.String(required=True)
    needs_second_review = ma.fields.Boolean(required=True)
    reviewer_id = ma.fields.Integer(allow_none=True, required=True)
    reviewer_name = ma.fields.String(required=True)
    check_ins = ma.fields.Integer(required=True)
    first_check_in_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    late_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    achievement = ma.fields.Integer(allow_none=True, required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


class MarketingPlanView(MarketingPlanRow):
    """A marketing plan in full."""

    description = ma.fields.String(required=True)
    note = ma.fields.String(required=True)
    first_reviewer_id = ma.fields.Integer(allow_none=True, required=True)
    first_reviewer_name = ma.fields.String(required=True)
    result = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


class CheckInView(View):
    """Where somebody was, and when."""

    id = ma.fields.Integer(required=True)
    marketing_plan_id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    latitude = ma.fields.String(required=True)
    longitude = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    note = ma.fields.String(required=True)
    photo_id = ma.fields.Integer(allow_none=True, required=True)
    is_late = ma.fields.Boolean(required=True)
    by_id = ma.fields.Integer(required=True)
    by_name = ma.fields.String(required=True)


class MarketingPlanSum(View):
    """The marketing plans of one kind in one state."""

    kind = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    plans = ma.fields.Integer(required=True)
    late = ma.fields.Integer(required=True)
    check_ins = ma.fields.Integer(required=True)
    cost = Money(required=True)
    achievement = ma.fields.Float(allow_none=True, required=True)


class MarketingPlanSummary(View):
    """How far the marketing plans are."""

    items = ma.fields.List(ma.fields.Nested(MarketingPlanSum), required=True)


class SummaryQuery(Body):
    """Which marketing plans count; without anything all that one sees."""

    status = Text(200)
    kind = Text(200)
    owner_id = Text(200)
    unit_id = Text(20)
    starts_from = Text(10)
    starts_to = Text(10)


ALL = "/marketing-plans"
ONE = ALL + "/<int:marketing_plan_id>"
READ, WRITE, APPROVE = "marketing-plan:read", "marketing-plan:write", "marketing-plan:approve"
EXECUTE, FEEDBACK = "marketing-plan:execute", "marketing-plan:feedback"
REFUSES = (NotInThisState, NotTheMarketingPlansOwner)
PHOTOS = Attachments(
    service="marketing",
    kind=MarketingPlan,
    path=ONE,
    finds=queries.get_marketing_plan,
    reads=READ,
    writes=EXECUTE,
    only=IMAGES,
)

routes = [
    Route(method="GET", path=ALL, lists=queries.MARKETING_PLANS, gives=MarketingPlanRow, needs=READ),
    Route(method="GET", path=ALL + "/check-ins", lists=queries.CHECK_INS, gives=CheckInView, needs=READ),
    Route(method="GET", path=ALL + "/summary", calls=queries.sum_up, asks=SummaryQuery, gives=MarketingPlanSummary,
          needs=READ),
    Route(method="GET", path=ONE, calls=queries.get_marketing_plan, gives=MarketingPlanView, needs=READ),
    Route(method="GET", path=ONE + "/history", calls=queries.marketing_plan_history, gives=History, needs=READ),
    Route(method="GET", path=ONE + "/check-ins", lists=queries.CHECK_INS,
          within={"marketing_plan_id": CheckIn.marketing_plan_id}, gives=CheckInView, needs=READ),
    Route(method="POST", path=ALL, calls=commands.create_marketing_plan, takes=MarketingPlanFields,
          gives=MarketingPlanView, needs=WRITE, status=201, refuses=(ValueUnknown, NumbersExhausted)),
    Route(method="PATCH", path=ONE, calls=commands.edit_marketing_plan, takes=MarketingPlanEdit,
          gives=MarketingPlanView, needs=WRITE, needs_version=True, refuses=(*REFUSES, ValueUnknown)),
    Route(method="DELETE", path=ONE, calls=commands.delete_marketing_plan, needs=WRITE, status=204,
          needs_version=True, refuses=REFUSES),
    Route(method="POST", path=ONE + "/submission", calls=commands.submit_marketing_plan, gives=MarketingPlanView,
          needs=WRITE, refuses=REFUSES),
    Route(method="POST", path=ONE + "/approval", calls=commands.approve_marketing_plan, takes=MarketingPlanApproval,
          gives=MarketingPlanView, needs=APPROVE, refuses=(NotInThisState, OwnMarketingPlan, SecondReviewerNeeded)),
    Route(method="POST", path=ONE + "/rejection", calls=commands.reject_marketing_plan, takes=MarketingPlanRejection,
          gives=MarketingPlanView, needs=APPROVE, refuses=(NotInThisState, OwnMarketingPlan)),
    Route(method="POST", path=ONE + "/check-ins", calls=commands.check_in, takes=CheckInFields,
          gives=MarketingPlanView, needs=EXECUTE, refuses=REFUSES,
          most_statements=8),  # the photo; the plan begins, then the check-in and what it changes
    Route(method="POST", path=ONE + "/finish", calls=commands.finish_marketing_plan, gives=MarketingPlanView,
          needs=WRITE, refuses=REFUSES),
    Route(method="PUT", path=ONE + "/feedback", calls=commands.save_feedback, takes=MarketingPlanFeedback,
          gives=MarketingPlanView, needs=FEEDBACK, needs_version=True, refuses=REFUSES),
    Route(method="POST", path=ONE + "/feedback/submission", calls=commands.submit_feedback, gives=MarketingPlanView,
          needs=FEEDBACK, refuses=(*REFUSES, FeedbackMissing)),
    Route(method="POST", path=ONE + "/cancellation", calls=commands.cancel_marketing_plan,
          takes=MarketingPlanCancellation, gives=MarketingPlanView, needs=WRITE, refuses=REFUSES),
    *PHOTOS.routes,
]  # fmt: skip
