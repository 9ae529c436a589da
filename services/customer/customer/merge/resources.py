"""Merging over HTTP: first look, then do."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.attachments import TooManyFiles
from chassis.fields import Body, Required, Text, View
from chassis.routes import Route
from customer.customer.model import CustomerGone, NameTaken
from customer.customer.resources import ONE, CustomerView
from customer.merge import commands, queries
from customer.merge.model import FIELDS, BothWarnedOf, MergedAway, TooMuchToMerge

HELP = {"description": "Fields whose value comes from the absorbed customer; unsaid: those that the other one lacks"}


class Wanted(Body):
    """Which customer would be absorbed, and whose values would stay."""

    absorbed = Required(17)
    take = Text(400, metadata=HELP)


class MergeFields(Body):
    """Which customer is absorbed, and whose values stay."""

    absorbed = Required(17)
    take = ma.fields.List(
        Text(30, choices=list(FIELDS)), validate=validate.Length(max=len(FIELDS)), metadata=HELP
    )  # fmt: skip


class ChoiceView(View):
    """The two values of a field, and whether the other one's would be taken."""

    field = ma.fields.String(required=True)
    kept = ma.fields.Raw(allow_none=True, required=True)
    other = ma.fields.Raw(allow_none=True, required=True)
    take_other = ma.fields.Boolean(required=True)


class MergePreview(View):
    """What a merge would do."""

    customer_no = ma.fields.String(required=True)
    absorbed = ma.fields.String(required=True)
    fields_ = ma.fields.List(ma.fields.Nested(ChoiceView), required=True, data_key="fields", attribute="fields")
    moves = ma.fields.Dict(required=True, metadata={"description": "How many records of each kind would move"})
    refused = ma.fields.Dict(
        allow_none=True, required=True, metadata={"description": "The problem that stands in the way, if one does"}
    )


REFUSED = (MergedAway, CustomerGone, TooMuchToMerge, BothWarnedOf, NameTaken, TooManyFiles)

routes = [
    Route(method="GET", path=ONE + "/merge", calls=queries.preview_merge, asks=Wanted, gives=MergePreview,
          needs="customer:merge"),
    Route(method="POST", path=ONE + "/merge", calls=commands.merge_customers, takes=MergeFields, gives=CustomerView,
          needs="customer:merge", refuses=REFUSED,
          most_statements=32),  # everything that hangs on a customer, a kind at a time; rare, and asked twice before
]  # fmt: skip
