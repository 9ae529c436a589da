"""Opportunities over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Money, Number, Required, Text, View, When, erased_field
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.people import NotActive
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.fields import Day
from marketing.opportunity import bulk, commands, queries
from marketing.opportunity.life_cycle import (
    LIFE_CYCLE,
    NothingWasDone,
    NotTheAssignee,
    OpportunityAlreadyAssigned,
    OpportunityAlreadyOpen,
    OpportunityClosed,
    OpportunityNotInDevelopment,
    ReassignmentNeedsReason,
)
from marketing.opportunity.model import HEATS, Opportunity
from marketing.titles import TITLES


class OptionalFields(Body):
    """What may be known of an opportunity."""

    source = Text(50)
    contact_name = Text(50)
    contact_phone = Text(50)
    product = Text(100)
    amount = Money(attribute="amount_minor")
    currency = Text(3, shortest=3)
    heat = Text(10, choices=("", *HEATS))
    expected_on = Day()


class OpportunityFields(OptionalFields):
    """What is said of an opportunity."""

    customer_name = Required(100)
    title = Required(200)
    success_rate = Number(0, 100, required=True)
    description = Required(2000)


class NewOpportunity(OpportunityFields):
    """What a person says of a new opportunity: worth something, and no gift."""

    amount = Money(attribute="amount_minor", validate=validate.Range(min=1, error="An opportunity is worth something."))
    is_gift = ma.fields.Boolean(
        load_only=True, validate=validate.Equal(False, error="A gift is no opportunity."), attribute="gift"
    )

    @ma.post_load
    def forget_gift(self, fields: dict[str, object], **_: object) -> dict[str, object]:
        """It was only asked to be refused."""
        fields.pop("gift", None)
        return fields


class Progress(Body):
    """What came of the work."""

    success_rate = Number(0, 100)
    heat = Text(10, choices=HEATS)
    product = Text(100)
    amount = Money(attribute="amount_minor", validate=validate.Range(min=1, error="An opportunity is worth something."))
    expected_on = Day()
    note = Text(500)


class OpportunityEdit(OptionalFields):
    """Any part of it, to correct it."""

    customer_name = Text(100, shortest=1)
    title = Text(200, shortest=1)
    success_rate = Number(0, 100)
    description = Text(2000, shortest=1)


class OpportunityRecord(OpportunityFields):
    """An opportunity kept elsewhere, with its state and how it came to it."""

    reference = Required(60)
    salesperson = Required(50, metadata={"description": "Login of an active account manager"})
    state = Required(20, choices=tuple(bulk.STATES))
    created_at = When()
    assigned_at = When()
    closed_at = When()
    failure_reason = Text(500)


class Assignment(Body):
    """To whom an opportunity goes."""

    assignee_id = Number(1, required=True)
    reason = Text(500)


class Failure(Body):
    """Why the development was stopped."""

    reason = Required(500)


class OpportunityRow(View):
    """An opportunity in a list."""

    id = ma.fields.Integer(required=True)
    reference = ma.fields.String(allow_none=True, required=True)
    source = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    success_rate = ma.fields.Integer(required=True)
    product = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    currency = ma.fields.String(required=True)
    contact_name = ma.fields.String(required=True)
    contact_phone = ma.fields.String(required=True)
    creator_id = ma.fields.Integer(required=True)
    creator_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    assignee_id = ma.fields.Integer(allow_none=True, required=True)
    assignee_name = ma.fields.String(allow_none=True, required=True)
    assigned_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    status = ma.fields.Integer(required=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    customer_no = ma.fields.String(allow_none=True, required=True)
    heat = ma.fields.String(required=True)
    expected_on = ma.fields.Date(allow_none=True, required=True)
    idle_since = ma.fields.AwareDateTime(allow_none=True, required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class OpportunityView(OpportunityRow):
    """An opportunity in full."""

    description = ma.fields.String(required=True)
    failure_reason = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE, facts=queries.plan_facts)


class AssigneeView(View):
    """Somebody who may be assigned."""

    user_id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)


ONE = "/opportunities/<int:opportunity_id>"

OPPORTUNITY_IMPORT = Import(
    noun="opportunities",
    kind=Opportunity,
    row=OpportunityRecord,
    command=bulk.import_opportunities,
    titles=TITLES,
    needs="opportunity:import",
    withdraw=bulk.withdraw_opportunity,
)

OPPORTUNITY_FILES = Attachments(
    service="marketing",
    kind=Opportunity,
    path=ONE,
    finds=queries.get_opportunity,
    reads="opportunity:read",
    writes="opportunity:create",
)

routes = [
    Route(method="GET", path="/opportunities", lists=queries.OPPORTUNITIES, gives=OpportunityRow,
          needs="opportunity:read"),
    Route(method="GET", path="/opportunities/assignees", lists=queries.ASSIGNEES, gives=AssigneeView,
          needs="opportunity:read"),
    Route(method="POST", path="/opportunities/bulk", calls=bulk.import_opportunities, takes=bulk_of(OpportunityRecord),
          gives=BulkAnswer, needs="opportunity:import", refuses=(RowsRefused,)),
    Route(method="GET", path=ONE, calls=queries.get_opportunity, gives=OpportunityView, needs="opportunity:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.opportunity_history, gives=History,
          needs="opportunity:read"),
    Route(method="POST", path="/opportunities", calls=commands.create_opportunity, takes=NewOpportunity,
          gives=OpportunityView, needs="opportunity:create", status=201, refuses=(OpportunityAlreadyOpen,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_opportunity, takes=OpportunityEdit, gives=OpportunityView,
          needs="opportunity:create", needs_version=True,
          refuses=(OpportunityAlreadyAssigned, OpportunityClosed, PersonErased)),
    Route(method="DELETE", path=ONE, calls=commands.delete_opportunity, needs="opportunity:create", status=204,
          needs_version=True, refuses=(OpportunityAlreadyAssigned, OpportunityClosed)),
    Route(method="POST", path=ONE + "/assignment", calls=commands.assign_opportunity, takes=Assignment,
          gives=OpportunityView, needs="opportunity:assign",
          refuses=(OpportunityClosed, NotActive, ReassignmentNeedsReason)),
    Route(method="POST", path=ONE + "/progress", calls=commands.progress_opportunity, takes=Progress,
          gives=OpportunityView, needs="opportunity:develop",
          refuses=(OpportunityClosed, OpportunityNotInDevelopment, NotTheAssignee)),
    Route(method="POST", path=ONE + "/win", calls=commands.win_opportunity, gives=OpportunityView,
          needs="opportunity:develop",
          refuses=(OpportunityClosed, OpportunityNotInDevelopment, NothingWasDone, NotTheAssignee),
          most_statements=7),  # it begins a flow with its deadline
    Route(method="POST", path=ONE + "/failure", calls=commands.fail_opportunity, takes=Failure, gives=OpportunityView,
          needs="opportunity:develop", refuses=(OpportunityClosed, OpportunityNotInDevelopment, NotTheAssignee)),
    *routes_of(OPPORTUNITY_IMPORT),
    *OPPORTUNITY_FILES.routes,
]  # fmt: skip
