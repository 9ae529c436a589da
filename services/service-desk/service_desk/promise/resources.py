"""Promises over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Number, Required, View
from chassis.routes import Route
from service_desk.promise import commands, queries
from service_desk.promise.model import MOST_MINUTES, About


class PromiseFields(Body):
    """How soon, counted in working minutes."""

    about = Required(12, choices=tuple(About))
    kind = Required(50, metadata={"description": "A kind of request, a severity of complaints, or any"})
    answer_minutes = Number(1, MOST_MINUTES, required=True)
    settle_minutes = Number(1, MOST_MINUTES, required=True)


class PromiseRow(View):
    """How soon something is answered and settled."""

    code = ma.fields.String(required=True)
    about = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    answer_minutes = ma.fields.Integer(required=True)
    settle_minutes = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True)


routes = [
    Route(method="GET", path="/service-promises", lists=queries.PROMISES, gives=PromiseRow, needs="promise:read"),
    Route(method="PUT", path="/service-promises", calls=commands.make_promise, takes=PromiseFields, gives=PromiseRow,
          needs="promise:write", refuses=(ValueUnknown,)),
]  # fmt: skip
