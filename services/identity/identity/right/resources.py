"""Rights over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from identity.right import commands, queries
from identity.right.model import CannotBeSwitched


class RightView(View):
    """An entry of the tree."""

    code = ma.fields.String(required=True)
    right_type = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "In Chinese"})
    text_en = ma.fields.String(required=True, metadata={"description": "In English"})
    is_on = ma.fields.Boolean(required=True, metadata={"description": "What is off is closed to everybody"})


class OperationView(RightView):
    """What a route asks for; only operations are granted."""

    roles = ma.fields.List(ma.fields.String(), metadata={"description": "Who has it, in the tree of all rights"})


class DocumentView(RightView):
    """A function of a module, with its operations."""

    children = ma.fields.List(ma.fields.Nested(OperationView), required=True)


class FolderView(RightView):
    """A module, with its functions."""

    children = ma.fields.List(ma.fields.Nested(DocumentView), required=True)


class RightTree(View):
    """All modules."""

    items = ma.fields.List(ma.fields.Nested(FolderView), required=True)


ONE = "/rights/<code>"

routes = [
    Route(method="GET", path="/rights", calls=queries.right_tree, gives=RightTree, needs="role:read"),
    Route(method="POST", path=ONE + "/disable", calls=commands.switch_off, gives=RightView, needs="role:write",
          refuses=(CannotBeSwitched,)),
    Route(method="POST", path=ONE + "/enable", calls=commands.switch_on, gives=RightView, needs="role:write",
          refuses=(CannotBeSwitched,)),
]  # fmt: skip
