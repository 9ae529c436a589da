"""The directory of reports over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from reporting.directory import queries


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


class DirectoryView(View):
    """All reports."""

    items = ma.fields.List(ma.fields.Nested(DescribedView), required=True)


routes = [
    Route(method="GET", path="/reports", calls=queries.directory, gives=DirectoryView, is_personal=True,
          exports=False),
]  # fmt: skip
