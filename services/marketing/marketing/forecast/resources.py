"""Targets and the forecast over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Money, Number, Required, Text, View
from chassis.routes import Route
from marketing.forecast import commands, queries
from marketing.forecast.model import TargetKind

MOST_SHARES = 500


class Month(Required):
    """``2026-11``."""

    def __init__(self) -> None:
        super().__init__(7, metadata={"examples": ["2026-11"], "pattern": r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$"})
        self.validators.append(validate.Regexp(r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$", error="Write it like 2026-11."))


class ShareFields(Body):
    """One person's part."""

    owner_id = Number(1, required=True)
    amount = Number(0, 10**15, required=True)


class TargetFields(Body):
    """What a team is to reach: sales in minor units (cents), the others in numbers."""

    month = Month()
    kind = Required(20, choices=tuple(TargetKind))
    team = Text(50)
    currency = Text(3, shortest=3)
    amount = Number(0, 10**15, required=True)
    shares = ma.fields.List(ma.fields.Nested(ShareFields), validate=validate.Length(max=MOST_SHARES))


class TargetEdit(Body):
    """Another amount, with all shares."""

    amount = Number(0, 10**15, required=True)
    shares = ma.fields.List(ma.fields.Nested(ShareFields), validate=validate.Length(max=MOST_SHARES))


class ForecastFields(Body):
    """What one expects of a month."""

    month = Month()
    amount = Money(attribute="amount_minor", required=True)
    currency = Text(3, shortest=3)


class ForecastQuery(Body):
    """Which month, in which currency."""

    month = Month()
    currency = Text(3, shortest=3)


class SharerView(View):
    """Somebody who may have a share of a target."""

    user_id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)


class ShareView(View):
    """One person's part."""

    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    amount = ma.fields.Integer(required=True)


class TargetRow(View):
    """A target in a list."""

    id = ma.fields.Integer(required=True)
    month = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    team = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    amount = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True)


class TargetView(TargetRow):
    """A target with its shares."""

    shares = ma.fields.List(ma.fields.Nested(ShareView), required=True)


class ForecastRow(View):
    """What somebody expects of a month."""

    id = ma.fields.String(required=True)
    month = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    version = ma.fields.Integer(required=True)


class ForecastSums(View):
    """Amounts of a month."""

    weighted = Money(required=True, metadata={"description": "Open deals, each times its probability"})
    open_amount = Money(required=True)
    won_amount = Money(required=True)
    stated = Money(required=True)
    target = Money(required=True)


class ForecastOfOne(ForecastSums):
    """The same for one salesperson."""

    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)


class ForecastView(View):
    """A month, by salesperson and in all."""

    month = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(ForecastOfOne), required=True)
    totals = ma.fields.Nested(ForecastSums, required=True)


ONE = "/targets/<int:target_id>"

routes = [
    Route(method="GET", path="/targets", lists=queries.TARGETS, gives=TargetRow, needs="target:read"),
    Route(method="GET", path="/targets/people", lists=queries.SHARERS, gives=SharerView, needs="target:write",
          exports=False),
    Route(method="GET", path=ONE, calls=queries.get_target, gives=TargetView, needs="target:read"),
    Route(method="POST", path="/targets", calls=commands.create_target, takes=TargetFields, gives=TargetView,
          needs="target:write", status=201),
    Route(method="PUT", path=ONE, calls=commands.set_target, takes=TargetEdit, gives=TargetView, needs="target:write",
          needs_version=True),
    Route(method="GET", path="/forecasts", lists=queries.FORECASTS, gives=ForecastRow, needs="forecast:read"),
    Route(method="PUT", path="/forecasts", calls=commands.state_forecast, takes=ForecastFields, gives=ForecastRow,
          needs="forecast:write"),
    Route(method="GET", path="/forecast", calls=queries.forecast, asks=ForecastQuery, gives=ForecastView,
          needs="forecast:read"),
]  # fmt: skip
