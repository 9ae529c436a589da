"""Tags over HTTP."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Required, View
from chassis.routes import Route
from customer.customer.model import CustomerGone
from customer.customer.resources import ALL, ONE, CustomerView
from customer.tag import commands, queries
from customer.tag.model import MOST_TAGS, TooManyTags

MOST_CUSTOMERS = 1000
HELP = {"description": "Values that the dictionary has of the kind “customer tag”"}


def _tags(**more: Any) -> ma.fields.List[Any]:
    return ma.fields.List(Required(50), validate=validate.Length(max=MOST_TAGS), metadata=HELP, **more)


class TagsOfCustomer(Body):
    """All tags that a customer is to have."""

    tags = _tags(required=True)


class TaggingFields(Body):
    """Which tags go on many customers, and which come off."""

    customer_nos = ma.fields.List(Required(17), required=True, validate=validate.Length(min=1, max=MOST_CUSTOMERS))
    add = _tags()
    remove = _tags()


class TaggingView(View):
    """How many customers have other tags now."""

    changed = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)


class TagRow(View):
    """A tag in use."""

    tag = ma.fields.String(required=True)
    customers = ma.fields.Integer(required=True, metadata={"description": "See them with GET /customers?tag=…"})


class TagsInUse(View):
    """The tags that customers have, the most frequent first."""

    items = ma.fields.List(ma.fields.Nested(TagRow), required=True)


REFUSED = (ValueUnknown, TooManyTags, CustomerGone)

routes = [
    Route(method="GET", path=ALL + "/tags", calls=queries.tags_in_use, gives=TagsInUse, needs="customer:read"),
    Route(method="POST", path=ALL + "/tags", calls=commands.tag_customers, takes=TaggingFields, gives=TaggingView,
          needs="customer:tag", refuses=REFUSED, most_statements=9),  # the tags there are; all customers at once
    Route(method="PUT", path=ONE + "/tags", calls=commands.set_tags, takes=TagsOfCustomer, gives=CustomerView,
          needs="customer:tag", refuses=REFUSED, most_statements=9),  # the tags there are; what may be done next
]  # fmt: skip
