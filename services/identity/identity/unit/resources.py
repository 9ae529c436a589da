"""The organisation over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.routes import Route
from identity.fields import UnitCode
from identity.unit import commands, queries
from identity.unit.model import KINDS, UnitCircle, UnitNotEmpty

LAST_POSITION = 10_000


class UnitFields(Body):
    """What a person says of a new unit; without ``parent_id`` it stands at the top."""

    name = Required(50)
    code = UnitCode(allow_none=True)
    kind = Required(20, choices=KINDS)
    parent_id = Number(1, allow_none=True)
    head_id = Number(1, allow_none=True)
    position = Number(0, LAST_POSITION)


class UnitEdit(Body):
    """Any part of it but its place, to change it."""

    name = Text(50, shortest=1)
    code = UnitCode(allow_none=True)
    kind = Text(20, choices=KINDS)
    head_id = Number(1, allow_none=True)
    position = Number(0, LAST_POSITION)


class Move(Body):
    """Where a unit belongs from now on; null is the top."""

    parent_id = Number(1, allow_none=True, required=True)


class UnitView(View):
    """A unit."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    code = ma.fields.String(allow_none=True, required=True)
    kind = ma.fields.String(required=True)
    parent_id = ma.fields.Integer(allow_none=True, required=True)
    head_id = ma.fields.Integer(allow_none=True, required=True)
    position = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True)


class BranchView(UnitView):
    """A unit with what is below it."""

    head_name = ma.fields.String(allow_none=True, required=True)
    people = ma.fields.Integer(required=True, metadata={"description": "How many belong to it, without those below"})
    children = ma.fields.List(ma.fields.Dict(), required=True, metadata={"description": "Units like this one"})


class TreeView(View):
    """The whole organisation."""

    items = ma.fields.List(ma.fields.Nested(BranchView), required=True)


ONE = "/units/<int:unit_id>"

routes = [
    Route(method="GET", path="/units", lists=queries.UNITS, gives=UnitView, needs="unit:read"),
    Route(method="GET", path="/units/tree", calls=queries.unit_tree, gives=TreeView, needs="unit:read"),
    Route(method="GET", path=ONE, calls=queries.get_unit, gives=UnitView, needs="unit:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.unit_history, gives=History, needs="unit:read"),
    Route(method="POST", path="/units", calls=commands.create_unit, takes=UnitFields, gives=UnitView,
          needs="unit:write", status=201),
    Route(method="PATCH", path=ONE, calls=commands.edit_unit, takes=UnitEdit, gives=UnitView, needs="unit:write",
          needs_version=True),
    Route(method="POST", path=ONE + "/move", calls=commands.move_unit, takes=Move, gives=UnitView,
          needs="unit:write", refuses=(UnitCircle,)),
    Route(method="DELETE", path=ONE, calls=commands.remove_unit, needs="unit:write", status=204, needs_version=True,
          refuses=(UnitNotEmpty,), most_statements=7),  # who and what is in it; who was, has none from now on
]  # fmt: skip
