"""The directory of reports over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from reporting.directory import queries


class ColumnView(View):
    """What a line of the report shows."""

    name = ma.fields.String(required=True)
    kind = ma.fields.String(
        required=True, metadata={"description": "name, count, mean, share, growth, seconds, money or moment"}
    )
    within = ma.fields.String(
        required=True, metadata={"description": "The part of the line in which it stands, once per currency"}
    )


class WordView(View):
    """What something is called: a column, a figure, a filter, or by what the report can be put together."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    title_en = ma.fields.String(required=True)


class DescribedView(View):
    """One report."""

    address = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    title_en = ma.fields.String(required=True)
    needs = ma.fields.String(required=True, metadata={"description": "The right that it needs"})
    is_allowed = ma.fields.Boolean(required=True, metadata={"description": "Whether whoever asks has it"})
    figures = ma.fields.List(ma.fields.String(), required=True)
    by = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "By what it can be put together"})
    filters = ma.fields.List(ma.fields.String(), required=True)
    required = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "The filters without which it cannot be asked"}
    )
    has_pages = ma.fields.Boolean(required=True, metadata={"description": "Whether it answers a page of its lines"})
    sorts = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "By what lines are sorted; with - downwards"}
    )
    columns = ma.fields.List(ma.fields.Nested(ColumnView), required=True)
    words = ma.fields.List(ma.fields.Nested(WordView), required=True)


class DirectoryView(View):
    """All reports."""

    begins_at = ma.fields.AwareDateTime(
        allow_none=True, required=True, metadata={"description": "Before, nothing was recorded; null: nothing yet"}
    )
    items = ma.fields.List(ma.fields.Nested(DescribedView), required=True)


routes = [
    Route(method="GET", path="/reports", calls=queries.directory, gives=DirectoryView, is_personal=True,
          exports=False),
]  # fmt: skip
