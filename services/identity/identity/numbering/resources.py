"""Numbering rules over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, View
from chassis.history import History
from chassis.routes import Route
from identity.numbering import commands, queries
from identity.numbering.model import PatternAmbiguous


class Pattern(Body):
    """How new records are numbered."""

    pattern = Required(40, metadata={"examples": ["KH{yyyy}{MM}{dd}{seq:7}"]})


class RuleRow(View):
    """A series of numbers."""

    series = ma.fields.String(required=True)
    pattern = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


ONE = "/numbering/<string:series>"

routes = [
    Route(method="GET", path="/numbering", lists=queries.RULES, gives=RuleRow, needs="numbering:read"),
    Route(method="GET", path=ONE, calls=queries.get_rule, gives=RuleRow, needs="numbering:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.rule_history, gives=History, needs="numbering:read"),
    Route(method="PUT", path=ONE, calls=commands.set_pattern, takes=Pattern, gives=RuleRow, needs="numbering:write",
          needs_version=True, refuses=(PatternAmbiguous,)),
]  # fmt: skip
