"""Notifications over HTTP: everybody's own, and nobody else's."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Number, View
from chassis.routes import Route
from identity.notification import commands, queries


class SeenUpTo(Body):
    """Up to which notification; without it, all."""

    up_to = Number(1)


class NotificationView(View):
    """What somebody was told; a client may write the text itself, from ``code`` and ``parameters``."""

    id = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    parameters = ma.fields.Dict(required=True, metadata={"description": "Fields of the event"})
    text_zh = ma.fields.String(required=True)
    text_en = ma.fields.String(required=True)
    link = ma.fields.String(required=True, metadata={"description": "The record, below /api"})
    happened_at = ma.fields.AwareDateTime(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    read_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    is_read = ma.fields.Boolean(required=True)


class UnreadView(View):
    """How many are left to read."""

    unread = ma.fields.Integer(required=True)


class InboxView(UnreadView):
    """A page of notifications, newest first; ``unread`` counts all of them."""

    items = ma.fields.List(ma.fields.Nested(NotificationView), required=True)
    page = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    next_cursor = ma.fields.String(allow_none=True, required=True)


ONE = "/notifications/<int:notification_id>"

routes = [
    Route(method="GET", path="/notifications", calls=queries.inbox, asks=queries.NOTIFICATIONS.query_schema(),
          gives=InboxView, is_personal=True),
    Route(method="POST", path="/notifications/read", calls=commands.mark_all_read, takes=SeenUpTo, gives=UnreadView,
          is_personal=True),
    Route(method="POST", path=ONE + "/read", calls=commands.mark_read, gives=NotificationView, is_personal=True),
    Route(method="POST", path=ONE + "/unread", calls=commands.mark_unread, gives=NotificationView, is_personal=True),
]  # fmt: skip
