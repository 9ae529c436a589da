"""Rights over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from identity.right import queries


class OperationView(View):
    """What a route asks for; only operations are granted."""

    code = ma.fields.String(required=True)
    right_type = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "In Chinese"})
    text_en = ma.fields.String(required=True, metadata={"description": "In English"})


class DocumentView(OperationView):
    """A function of a module, with its operations."""

    children = ma.fields.List(ma.fields.Nested(OperationView), required=True)


class FolderView(OperationView):
    """A module, with its functions."""

    children = ma.fields.List(ma.fields.Nested(DocumentView), required=True)


class RightTree(View):
    """All modules."""

    items = ma.fields.List(ma.fields.Nested(FolderView), required=True)


routes = [
    Route(method="GET", path="/rights", calls=queries.right_tree, gives=RightTree, needs="role:read"),
]
