"""The pool over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, View
from chassis.routes import Route
from customer.customer.model import CustomerGone
from customer.customer.resources import ALL, ONE, CustomerView
from customer.pool import commands, queries
from customer.pool.model import DailyLimitReached, HoldingLimitReached, InThePool, NotInThePool, StillCooling


class Release(Body):
    """Why a customer is let go."""

    reason = Required(500)


class PoolRow(View):
    """A customer in the pool: the company, without the people, telephones and accounts that one gets by claiming it."""

    customer_no = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    level = ma.fields.Integer(required=True)
    stage = ma.fields.Integer(required=True)
    status = ma.fields.Integer(required=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    pooled_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    is_premium = ma.fields.Boolean(required=True, metadata={"description": "Somebody is known who can be called"})
    version = ma.fields.Integer(required=True)


class Company(View):
    """What may be known of a company before one claims it."""

    customer_no = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    level = ma.fields.Integer(required=True)
    stage = ma.fields.Integer(required=True)
    status = ma.fields.Integer(required=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    address = ma.fields.String(required=True)
    website = ma.fields.String(required=True)
    pooled_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


class OfferView(View):
    """A customer in the pool in full, as far as the pool shows it."""

    customer = ma.fields.Nested(Company, required=True)
    is_premium = ma.fields.Boolean(required=True)


POOL = ALL + "/pool"

routes = [
    Route(method="GET", path=POOL, lists=queries.POOL, gives=PoolRow, needs="pool:read"),
    Route(method="GET", path=POOL + "/<customer_no>", calls=queries.get_offer, gives=OfferView, needs="pool:read"),
    Route(method="POST", path=ONE + "/release", calls=commands.release_customer, takes=Release, gives=OfferView,
          needs="customer:release", refuses=(InThePool, CustomerGone)),
    Route(method="POST", path=ONE + "/claim", calls=commands.claim_customer, gives=CustomerView, needs="pool:claim",
          refuses=(NotInThePool, HoldingLimitReached, DailyLimitReached, StillCooling),
          most_statements=9),  # how many one holds and has claimed today, in a turn; the rules
]  # fmt: skip
