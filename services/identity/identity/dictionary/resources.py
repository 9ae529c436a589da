"""The dictionary over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.routes import Route
from identity.dictionary import commands, queries
from identity.dictionary.model import ItemHasOthersBelow, ItemProtected

LAST_POSITION = 10_000


class ItemFields(Body):
    """A new value of a kind."""

    kind = Required(50)
    value = Required(50)
    text = Required(50)
    text_en = Text(100)
    position = Number(0, LAST_POSITION)
    parent = Text(50, metadata={"description": "The value of the same kind that this one stands below"})


class ItemEdit(Body):
    """Any part of it but the kind, to change it."""

    value = Text(50, shortest=1)
    text = Text(50, shortest=1)
    text_en = Text(100)
    position = Number(0, LAST_POSITION)
    parent = Text(50, metadata={"description": "The value of the same kind that this one stands below"})


class ItemView(View):
    """A value that can be chosen."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    value = ma.fields.String(required=True)
    parent = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "In Chinese"})
    text_en = ma.fields.String(required=True, metadata={"description": "In English"})
    position = ma.fields.Integer(required=True)
    is_editable = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


class KindView(View):
    """What values are of."""

    kind = ma.fields.String(required=True)
    number = ma.fields.Integer(required=True, metadata={"description": "Values of this kind"})
    is_extensible = ma.fields.Boolean(required=True, metadata={"description": "Whether values can be added"})


class KindsView(View):
    """All kinds of values."""

    items = ma.fields.List(ma.fields.Nested(KindView), required=True)


ONE = "/dictionary/<int:item_id>"

routes = [
    Route(method="GET", path="/dictionary", lists=queries.ITEMS, gives=ItemView, needs="dictionary:read"),
    Route(method="GET", path="/dictionary/kinds", calls=queries.list_kinds, gives=KindsView, needs="dictionary:read"),
    Route(method="GET", path=ONE, calls=queries.get_item, gives=ItemView, needs="dictionary:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.item_history, gives=History, needs="dictionary:read"),
    Route(method="POST", path="/dictionary", calls=commands.add_item, takes=ItemFields, gives=ItemView,
          needs="dictionary:write", status=201, refuses=(ItemProtected,)),
    Route(method="PATCH", path=ONE, calls=commands.edit_item, takes=ItemEdit, gives=ItemView,
          needs="dictionary:write", needs_version=True, refuses=(ItemProtected, ItemHasOthersBelow)),
    Route(method="DELETE", path=ONE, calls=commands.remove_item, needs="dictionary:write", status=204,
          needs_version=True, refuses=(ItemProtected, ItemHasOthersBelow)),
]  # fmt: skip
