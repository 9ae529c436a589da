"""The working calendar over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Required, Text, View
from chassis.routes import Route
from service_desk.calendar import commands, queries
from service_desk.calendar.model import MOST_DAYS

DAY = {"description": "Spans such as 09:00-12:00, in order"}


class CalendarFields(Body):
    """When the desk works."""

    zone = Required(40)
    week = ma.fields.List(
        ma.fields.List(Text(11), validate=validate.Length(max=6), metadata=DAY),
        required=True,
        validate=validate.Length(equal=7),
    )
    days_off = ma.fields.List(ma.fields.Date(), load_default=list, validate=validate.Length(max=MOST_DAYS))
    extra_days = ma.fields.List(ma.fields.Date(), load_default=list, validate=validate.Length(max=MOST_DAYS))


class CalendarView(View):
    """When the desk works: a week from Monday on, days off, and extra days with the hours of a Monday."""

    code = ma.fields.String(required=True)
    zone = ma.fields.String(required=True)
    week = ma.fields.List(ma.fields.List(ma.fields.String()), required=True)
    days_off = ma.fields.List(ma.fields.Date(), required=True)
    extra_days = ma.fields.List(ma.fields.Date(), required=True)
    version = ma.fields.Integer(required=True)


routes = [
    Route(method="GET", path="/working-calendar", calls=queries.get_calendar, gives=CalendarView,
          needs="promise:read"),
    Route(method="PUT", path="/working-calendar", calls=commands.set_calendar, takes=CalendarFields,
          gives=CalendarView, needs="promise:write", needs_version=True),
]  # fmt: skip
