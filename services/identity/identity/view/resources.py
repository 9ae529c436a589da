"""Saved views over HTTP: everybody's own, and those that others share."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Required, Text, View
from chassis.history import History
from chassis.routes import Route, page_view
from identity.view import commands, queries
from identity.view.model import LONGEST_NAME, LONGEST_QUERY, NotYourView, TooManyViews

SCREEN = validate.Regexp(r"^[a-z][a-z-]*\Z", error="Name a screen such as customers.")


def _screen() -> Text:
    field = Required(30, metadata={"description": "Whose list it is, such as customers"})
    field.validators.append(SCREEN)
    return field


class ViewFields(Body):
    """What somebody says of a new view."""

    screen = _screen()
    name = Required(LONGEST_NAME)
    query = Text(LONGEST_QUERY, required=True, metadata={"description": "What the address says: level=3&sort=name"})
    is_shared = ma.fields.Boolean(metadata={"description": "Everybody may use it"})
    is_default = ma.fields.Boolean(metadata={"description": "The owner's list opens with it"})


class ViewEdit(Body):
    """Any part of it but the screen, to change it."""

    name = Text(LONGEST_NAME, shortest=1)
    query = Text(LONGEST_QUERY)
    is_shared = ma.fields.Boolean()
    is_default = ma.fields.Boolean()


class SavedViewView(View):
    """A saved view."""

    id = ma.fields.Integer(required=True)
    screen = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    query = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    is_shared = ma.fields.Boolean(required=True)
    is_default = ma.fields.Boolean(required=True, metadata={"description": "The list of whoever asks opens with it"})
    may_change = ma.fields.Boolean(required=True, metadata={"description": "Whether whoever asks may change it"})
    version = ma.fields.Integer(required=True)


ONE = "/views/<int:view_id>"

routes = [
    Route(method="GET", path="/views", calls=queries.list_views, asks=queries.VIEWS.query_schema(),
          gives=page_view(SavedViewView), is_personal=True),
    Route(method="GET", path=ONE, calls=queries.get_view, gives=SavedViewView, is_personal=True),
    Route(method="GET", path=ONE + "/history", calls=queries.view_history, gives=History, is_personal=True),
    Route(method="POST", path="/views", calls=commands.save_view, takes=ViewFields, gives=SavedViewView,
          is_personal=True, status=201, refuses=(TooManyViews,),
          most_statements=7),  # the one that the list opened with before
    Route(method="PATCH", path=ONE, calls=commands.edit_view, takes=ViewEdit, gives=SavedViewView,
          is_personal=True, needs_version=True, refuses=(NotYourView,),
          most_statements=8),  # the others of this person, the one that the list opened with, and the owner's name
    Route(method="DELETE", path=ONE, calls=commands.remove_view, is_personal=True, status=204, needs_version=True,
          refuses=(NotYourView,)),
]  # fmt: skip
